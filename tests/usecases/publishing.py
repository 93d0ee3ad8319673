"""Bills that end yesterday by the real clock, which is also Prometheus's, and publishing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from costspike.adapters.prometheus.client import Prometheus
from costspike.adapters.prometheus.day_samples import DaySamples
from costspike.adapters.prometheus.server_status import server_settings
from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.publication import Publication
from costspike.domain.metric_revisions import LAST, day_start
from costspike.domain.promql import selector
from costspike.domain.runs import Run
from costspike.settings import Settings
from costspike.usecases.publish_metrics import Published, Publishing, publish_metrics
from tests.landings import landing
from tests.prometheus_server import PrometheusServer

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
YESTERDAY = NOW.date() - DAY
ACCOUNT = "222222222222"
COST = "costspike_daily_cost_usd"


def days_ago(count: int) -> date:
    """Return the day so many days before yesterday."""
    return YESTERDAY - DAY * count


def bill(days: int, services: int = 2) -> dict[tuple[date, str], str]:
    """Return a bill that ends yesterday; each service costs something else every day."""
    return {
        (days_ago(back), f"Service {number}"): f"{10 * (number + 1)}.{back:03d}"
        for back in range(days)
        for number in range(services)
    }


def run_of_today(**changes: Any) -> Run:
    known: dict[str, Any] = {"run_id": "run 1", "run_type": "scheduled", "claimant": "dag/run 1/task/0"}
    known |= {"cost_day": YESTERDAY, "started": NOW, "now": NOW}
    return Run(**(known | changes))


@dataclass(slots=True)
class Publisher:
    """One warehouse, one server."""

    database: Database
    client: Prometheus
    settings: Settings = field(default_factory=Settings)
    slept: list[float] = field(default_factory=list)

    def land(self, costs: Mapping[tuple[date, str], str], **changes: Any) -> None:
        """Replace the days of a bill."""
        tables, days = CostTables(self.database), sorted({day for day, _ in costs})
        for first in range(0, len(days), 30):  # the helper's totals take the square of the days
            some = set(days[first : first + 30])
            part = {key: cost for key, cost in costs.items() if key[0] in some}
            tables.replace_days(landing(part, **({"at": NOW} | changes)))

    def publish(self, run: Run | None = None) -> Published:
        """Publish everything."""
        publishing = Publishing(
            publication=Publication(self.database),
            samples=DaySamples(self.client),
            server=server_settings(self.client),
            sleep=self.slept.append,
        )
        return publish_metrics(run or run_of_today(), self.settings, publishing)

    def cost(self, day: date, service: str) -> float | None:
        """Return what Prometheus says that a service cost on a day, None if it says nothing."""
        asked = selector(COST, account=ACCOUNT, service=service)
        return self.value(f"last_over_time({asked}[{LAST}s])", day)

    def value(self, expression: str, day: date) -> float | None:
        """Return the one value of an expression at the end of a day."""
        found = self.client.query(expression, day_start(day) + LAST)
        assert len(found) <= 1, found
        return found[0].points[0][1] if found else None

    def stamps(self, day: date, service: str) -> list[int]:
        """Return the seconds after midnight of a service's samples of a day."""
        asked = selector(COST, account=ACCOUNT, service=service)
        found = self.client.query(f"{asked}[{LAST}s]", day_start(day) + LAST)
        return [int(at) - day_start(day) for result in found for at, _ in result.points]


@contextmanager
def publisher(database: Database, server: PrometheusServer, **changes: Any) -> Iterator[Publisher]:
    with server.client() as client:
        yield Publisher(database, client, **changes)
