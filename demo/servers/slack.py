"""Slack on this machine: the methods of the Web API that a bot needs, and incoming webhooks."""

import copy
import json
from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from demo.servers.faults import Fault
from demo.servers.http import LocalServer, Request, Response
from demo.servers.slack_methods import METHODS, SlackError
from demo.servers.slack_store import Channel, Message, Ping, Store

API = "/api/"
WEBHOOK_PATH = "/services/T0/B0/XXX"
WEBHOOK = "webhook"
ALL_SCOPES = frozenset({"chat:write", "channels:history", "channels:read"})
ENCODED = ("blocks", "attachments", "metadata")


class SlackServer(LocalServer):
    """Channels with messages behind the Web API.

    ``tokens`` are those that exist, None for any; ``scopes`` is what they may do. Faults: ``429``
    (``retry_after``), ``500``, ``error`` (``error``, the name of a refusal) and the transport faults; a
    fault's ``method`` is a method of the Web API such as ``chat.postMessage``, or ``webhook``.
    """

    fault_names: ClassVar[frozenset[str]] = frozenset({"429", "500", "error"})

    def __init__(
        self,
        *,
        tokens: Collection[str] | None = None,
        channels: Mapping[str, str] | None = None,
        scopes: Collection[str] = ALL_SCOPES,
        port: int = 0,
    ) -> None:
        """Prepare the server with its channels, given as names by id."""
        super().__init__(port=port)
        self.tokens = tokens
        self.scopes = scopes
        self.store = Store(channels or {"C0COSTS": "cost-alerts"})

    @property
    def api_url(self) -> str:
        """Return the ``base_url`` for slack_sdk."""
        return f"{self.url}{API}"

    @property
    def webhook_url(self) -> str:
        """Return the address of the incoming webhook, which posts to the first channel."""
        return f"{self.url}{WEBHOOK_PATH}"

    @property
    def pings(self) -> list[Ping]:
        """Return the mentions that would have notified people."""
        with self.store.lock:
            return list(self.store.pings)

    def channel(self, key: str) -> Channel:
        """Return a channel by id or name, to archive it or to remove the bot from it.

        Raises:
            KeyError: There is no such channel.
        """
        found = self.store.channel(key, by_name=True)
        if found is None:
            msg = f"no channel {key!r}, only {sorted(self.store.channels)}"
            raise KeyError(msg)
        return found

    def messages(self, channel: str | None = None) -> list[Message]:
        """Return what a channel (by id or name, the first one by default) holds, replies included."""
        with self.store.lock:
            first = next(iter(self.store.channels))
            return copy.deepcopy(self.channel(channel or first).messages)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of one method, oldest first, failed ones included."""
        return [_arguments(request) for request in self.requests if self.method_of(request) == method]

    def method_of(self, request: Request) -> str:
        """Return the method of the Web API, ``webhook`` for an incoming webhook."""
        return request.path.removeprefix(API) if request.path.startswith(API) else WEBHOOK

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Answer one call, in words that Slack uses for its refusals."""
        if fault is not None and fault.name == "429":
            later = {"Retry-After": fault.text("retry_after", "1")}
            return Response.of({"ok": False, "error": "ratelimited"}, status=429, headers=later)
        if fault is not None and fault.name == "500":
            return Response(
                status=500, body=b"upstream connect error", headers={"Content-Type": "text/plain"}
            )
        try:
            if fault is not None and fault.name == "error":
                raise SlackError(name=fault.text("error", "internal_error"))  # noqa: TRY301 - as Claude's
            if self.method_of(request) == WEBHOOK:
                return self._webhook(request)
            payload = self._api(request)
        except SlackError as error:
            if self.method_of(request) == WEBHOOK:
                return _plain(error.status, error.name)
            payload = {"ok": False, "error": error.name, **error.details}
        return Response.of(payload, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    def _api(self, request: Request) -> dict[str, Any]:
        arguments = _arguments(request)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer if scheme == "Bearer" else arguments.get("token")
        if not token:
            raise SlackError(name="not_authed")
        if self.tokens is not None and token not in self.tokens:
            raise SlackError(name="invalid_auth")
        name = self.method_of(request)
        if name not in METHODS:
            raise SlackError(name="unknown_method", req_method=name)
        scope, method = METHODS[name]
        if scope and scope not in self.scopes:
            raise SlackError(name="missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))
        with self.store.lock:
            return {"ok": True, **method(self.store, arguments)}

    def _webhook(self, request: Request) -> Response:
        if request.path != WEBHOOK_PATH:
            raise SlackError(name="no_service", status=404)
        channel = next(iter(self.store.channels))
        _, post = METHODS["chat.postMessage"]
        with self.store.lock:
            post(self.store, {**_arguments(request), "channel": channel})
        return _plain(200, "ok")


def _plain(status: int, text: str) -> Response:
    return Response(status=status, body=text.encode(), headers={"Content-Type": "text/html"})


def _arguments(request: Request) -> dict[str, Any]:
    """Return the arguments of a call, from the query, a form or JSON; JSON in a string is decoded."""
    kind = request.headers.get("content-type", "")
    arguments: dict[str, Any] = dict(request.query)
    try:
        if "json" in kind:
            arguments |= request.json()
        elif "urlencoded" in kind:
            arguments |= dict(parse_qsl(request.body.decode()))
        if isinstance(arguments.get("payload"), str):
            arguments |= json.loads(arguments.pop("payload"))
        for name in ENCODED:
            if isinstance(arguments.get(name), str):
                arguments[name] = json.loads(arguments[name])
    except ValueError as error:
        raise SlackError(name="invalid_json") from error
    return arguments
