"""AWS signatures for Amazon Managed Service for Prometheus (service ``aps``)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

_SIGNED = ("content-type", "content-encoding", "x-prometheus-remote-write-version")


class SigV4(httpx.Auth):
    """Signs each request; ``credentials`` are botocore's, frozen anew each time since a role's expire."""

    requires_request_body = True

    def __init__(self, credentials: Any, region: str) -> None:
        self._credentials = credentials
        self._region = region

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the signature's headers."""
        kept = {name: request.headers[name] for name in _SIGNED if name in request.headers}
        signed = AWSRequest(request.method, str(request.url), data=request.content, headers=kept)
        SigV4Auth(self._credentials.get_frozen_credentials(), "aps", self._region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request
