"""Where Prometheus is and who asks, from the fields of a connection: the only source of its address.

host            prometheus.example.net, or a whole address with scheme and path
schema, port    https, 9090
login, password basic authentication
extra           bearer_token · org_id (X-Scope-OrgID of Mimir and Cortex) · ca_bundle · cert, key (mTLS)
                · path · write_path · read_path · aws_conn_id, region (SigV4 for the managed service)
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from costspike.domain.errors import UpstreamError

SYSTEM = "Prometheus"
_EXTRAS = {
    "bearer_token",
    "org_id",
    "ca_bundle",
    "cert",
    "key",
    "path",
    "write_path",
    "read_path",
    "aws_conn_id",
    "region",
}
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address and what to show there; secrets stay out of the repr."""

    conn_id: str
    url: str
    write_path: str = "/api/v1/write"
    read_path: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    bearer_token: str = field(default="", repr=False)
    org_id: str = ""
    ca_bundle: str = ""
    cert: str = ""
    key: str = ""
    aws_conn_id: str | None = None
    region: str = ""


def endpoint(
    conn_id: str,
    *,
    host: str | None,
    schema: str | None = None,
    port: int | None = None,
    login: str | None = None,
    password: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Endpoint:
    """Return the endpoint of a connection's fields.

    Raises:
        UpstreamError: the fields do not make an address, or an extra is not known.
    """
    given = dict(extra or {})
    unknown = sorted(given.keys() - _EXTRAS)
    if unknown:
        raise _unusable(conn_id, f"its extra has the unknown {unknown}; known are {sorted(_EXTRAS)}")
    address = host or ""
    if "://" not in address:
        address = f"{schema or 'http'}://{address}"
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _unusable(conn_id, "it names no host, or a scheme other than http and https")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _unusable(conn_id, "its host holds more than scheme, host, port and path")
    # urlsplit takes the brackets of an IPv6 address away.
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    at = parts.port or port
    path = (parts.path + "/" + str(given.pop("path", "") or "").strip("/")).rstrip("/")
    sigv4 = "aws_conn_id" in given or "region" in given
    return Endpoint(
        conn_id=conn_id,
        url=f"{parts.scheme}://{name}{f':{at}' if at else ''}{path}",
        login=login or "",
        password=password or "",
        aws_conn_id=str(given.pop("aws_conn_id", "aws_default")) if sigv4 else None,
        **{name: str(value) for name, value in given.items() if value},
    )


def http_client(where: Endpoint, *, timeout_seconds: float, auth: httpx.Auth | None = None) -> httpx.Client:
    """Return a client that talks to this address and to no other: no redirects, no proxy of the environment.

    Raises:
        UpstreamError: the address is link-local, where clouds keep credentials, or a TLS file is unusable.
    """
    _refuse_link_local(where)
    headers = {"User-Agent": "costspike", "Cache-Control": "no-store"}
    if where.org_id:
        headers["X-Scope-OrgID"] = where.org_id
    if where.bearer_token:
        headers["Authorization"] = f"Bearer {where.bearer_token}"
    elif auth is None and where.login:
        auth = httpx.BasicAuth(where.login, where.password)
    return httpx.Client(
        headers=headers,
        auth=auth,
        verify=_tls(where),
        timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, _CONNECT_SECONDS)),
        follow_redirects=False,
        trust_env=False,
    )


def _tls(where: Endpoint) -> ssl.SSLContext | bool:
    if not where.url.startswith("https://"):
        return True
    try:
        context = ssl.create_default_context(cafile=where.ca_bundle or None)
        if where.cert:
            context.load_cert_chain(where.cert, where.key or None)
    except (OSError, ssl.SSLError) as error:
        what = f"ca_bundle, cert or key cannot be read ({type(error).__name__}: {error})"
        raise _unusable(where.conn_id, what) from error
    return context


def _refuse_link_local(where: Endpoint) -> None:
    parts = urlsplit(where.url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError:
        return  # the request itself will say so, in the words for what waiting can heal
    for *_, address in found:
        if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_link_local:
            raise _unusable(where.conn_id, "its host is a link-local address, which is refused")


def _unusable(conn_id: str, what: str) -> UpstreamError:
    msg = f"the connection {conn_id!r} for Prometheus cannot be used: {what}. Correct it under Admin > Connections."
    return UpstreamError(msg, system=SYSTEM, reason="auth", retryable=False)
