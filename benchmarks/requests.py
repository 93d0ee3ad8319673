"""What Cost Explorer is asked: exact counts over HTTP, against the demo's organisation and server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb

from benchmarks.table import Figure, require
from costspike.adapters.cost_explorer import CostExplorer
from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.spending import Spending
from costspike.domain.runs import Run
from costspike.settings import Settings
from costspike.usecases.land_costs import land_costs
from demo.servers.cost_explorer import CostExplorerServer
from demo.world import World

# A day of the middle of a month: the month before is not read again, as it is in a month's first days.
TODAY = date(2026, 11, 24)
BACKFILL_DAYS = 60
_DAY = timedelta(days=1)


def measure() -> list[Figure]:
    """Return the counts; the history is cut to the two months before, so that little more than the backfill is read."""
    settings = Settings.model_validate({"reading": {"history_months": 2}})
    world = World.demo(TODAY)
    with _server(world) as server, tempfile.TemporaryDirectory() as folder:
        first = _Landing(server, settings, Path(folder) / "backfill.duckdb")
        for back in range(BACKFILL_DAYS, 0, -1):
            first.land(TODAY - _DAY * back, today=TODAY, run_type="backfill")
        landed = len(first.tables.landed_days())
        require(landed >= BACKFILL_DAYS, f"the backfill landed {landed} days, expected {BACKFILL_DAYS}")
        sets, pages = first.asked()
        daily = _Landing(server, settings, Path(folder) / "daily.duckdb")
        daily.land(TODAY - _DAY * 2, today=TODAY - _DAY)
        daily.asked()
        daily.land(TODAY - _DAY, today=TODAY)
        _, daily_pages = daily.asked()
    return [
        Figure(
            what=f"a backfill of {BACKFILL_DAYS} days into an empty warehouse",
            measured=sets,
            unit="request sets",
            goal=13,
            goal_is="most",
            note=f"{pages} pages, ${pages / 100:.2f}; {landed} days landed",
        ),
        Figure(
            what="the next daily run",
            measured=daily_pages,
            unit="pages",
            goal=6,
            goal_is="most",
            note=f"${daily_pages / 100:.2f}",
        ),
    ]


class _Landing:
    """One warehouse that is landed in from the server."""

    def __init__(self, server: CostExplorerServer, settings: Settings, file: Path) -> None:
        database = Database(connect=lambda: duckdb.connect(file), engine="duckdb", placeholder="?")
        self.tables, self.spending = CostTables(database), Spending(database)
        self._server, self._settings, self._seen = server, settings, len(server.cost_requests)
        client = boto3.client(
            "ce",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="AKIABENCH",
            aws_secret_access_key="none",  # noqa: S106 - the server takes any
        )
        self._explorer = CostExplorer(client, conn_id="aws_default")

    def land(self, day: date, *, today: date, run_type: str = "scheduled") -> None:
        now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
        run = Run(
            cost_day=day,
            run_id=f"{run_type}__{day}",
            run_type=run_type,
            started=now,
            now=now,
            claimant="benchmark",
        )
        land_costs(run, self._settings, self._explorer, self.tables, self.spending, clock=lambda: now)

    def asked(self) -> tuple[int, int]:
        """Return the request sets and the pages since the last look."""
        new: list[dict[str, Any]] = self._server.cost_requests[self._seen :]
        self._seen += len(new)
        return sum("NextPageToken" not in request for request in new), len(new)


@contextmanager
def _server(world: World) -> Iterator[CostExplorerServer]:
    # What a user's shell says about AWS has no say here.
    known = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AWS_")}
    try:
        with CostExplorerServer(world) as server:
            yield server
    finally:
        os.environ.update(known)
