"""What the API server serves under /costspike: an application that is imported when it is first asked.

Airflow loads the plugin in every component; only the API server needs FastAPI for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


class LazyApp:
    """An ASGI application."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Pass a request on."""
        if self._app is None:
            from costspike.metrics_endpoint import deployed_app

            self._app = deployed_app()
        await self._app(scope, receive, send)


APP = {"app": LazyApp(), "url_prefix": "/costspike", "name": "costspike"}
