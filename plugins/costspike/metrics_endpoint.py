"""/metrics for a scraper: the newest day and operations, from the warehouse, behind a token of its own.

Airflow mounts an application of a plugin without any authentication. Costs are confidential, so without a
token in the connection there is nothing here, not even a closed door.
"""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Generic, TypeVar

from fastapi import FastAPI, Header, HTTPException, Response

from costspike import settings as settings_module
from costspike.connections import find_connection
from costspike.domain.errors import CostspikeError
from costspike.rendering.open_metrics import CONTENT_TYPE, PLAIN_TYPE, Family, open_metrics, plain_metrics

log = logging.getLogger(__name__)

# A scraper asks every 15 to 60 seconds; the warehouse has something new once a day.
CACHE_SECONDS = 60.0
# A scrape must not wait for a task that has the DuckDB file: what was read last serves as well.
_WAREHOUSE_SECONDS = 3.0
T = TypeVar("T")


@dataclass(slots=True)
class Cached(Generic[T]):
    """A value that is read again when it is older than a minute; the last one stays where that fails."""

    read: Callable[[], T]
    clock: Callable[[], float] = time.monotonic
    _values: list[T] = field(default_factory=list)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self) -> T:
        """Return the value.

        Raises:
            CostspikeError: it was never read, and cannot be.
        """
        with self._lock:
            if not self._values or self.clock() >= self._until:
                try:
                    self._values = [self.read()]
                except CostspikeError:
                    if not self._values:
                        raise
                    log.warning("The metrics are those of some minutes ago.", exc_info=True)
                self._until = self.clock() + CACHE_SECONDS
            return self._values[0]


def metrics_app(token: Cached[str], families: Cached[Sequence[Family]]) -> FastAPI:
    """Return the application; an empty ``token`` closes it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    # In a thread of its own, since it is no coroutine: the warehouse is read synchronously.
    @app.get("/metrics")
    def metrics(
        accept: Annotated[str, Header()] = "", authorization: Annotated[str, Header()] = ""
    ) -> Response:
        wanted = token.get()
        if not wanted:
            raise HTTPException(404)
        if not hmac.compare_digest(authorization.encode(), f"Bearer {wanted}".encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        try:
            found = families.get()
        except CostspikeError as error:
            log.warning("There are no metrics: %s", error)
            raise HTTPException(503, "the warehouse cannot be read; the log says why") from error
        newer = "application/openmetrics-text" in accept
        lines = open_metrics(found) if newer else plain_metrics(found)
        return Response(
            "\n".join(lines) + "\n", headers={"Content-Type": CONTENT_TYPE if newer else PLAIN_TYPE}
        )

    return app


def deployed_app() -> FastAPI:
    """Return the application of this deployment, by its connections and settings."""
    return metrics_app(Cached(_token), Cached(_families))


def _token() -> str:
    connection = find_connection(settings_module.load().connections.metrics)
    return (connection.password or "") if connection else ""


def _families() -> Sequence[Family]:
    from costspike.adapters.warehouse.current import CurrentState
    from costspike.usecases.current_metrics import current_metrics
    from costspike.warehouse_connection import open_warehouse

    settings = settings_module.load()
    database = replace(open_warehouse(settings), busy_seconds=_WAREHOUSE_SECONDS)
    return current_metrics(CurrentState(database, settings.reading.source), settings.prometheus)
