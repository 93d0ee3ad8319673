"""How things stand now, for a scraper: the newest day, and everything that was ever counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.publication import cost_values
from costspike.domain.alert_problems import problem_reason
from costspike.domain.day_metrics import DayValue

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was ever spent on one thing; unknown dollars are None."""

    names: tuple[str, ...]
    count: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The state of the warehouse; ``newest`` and the moments are None where there is none yet."""

    newest: date | None
    read_at: datetime | None
    costs: tuple[DayValue, ...]
    run_succeeded_at: datetime | None
    open_incidents: dict[str, int]
    requests: tuple[Spent, ...]
    tokens: tuple[Spent, ...]
    claude: tuple[Spent, ...]
    alerts_sent: int
    alerts_undelivered: dict[str, int]


class CurrentState:
    """Reads it in one transaction, of one source."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source

    def read(self) -> Current:
        """Return the current state."""
        with self._database.transaction() as tx:
            newest = tx.row("pipeline_runs/select_newest_day", source=self._source, until=date.max)
            day = newest["charge_period_start"] if newest else None
            span = (day, day + timedelta(days=1)) if day else None
            costs = tuple(cost_values(tx, *span, self._source)) if span else ()
            succeeded = tx.row("pipeline_runs/select_last_success")
            opened = tx.rows("incidents/select_open_now", source=self._source)
            requests = tx.rows("api_spend/select_totals")
            claude = tx.rows("spike_explanations/select_totals")
            alerts = tx.rows("spike_alerts/select_totals")
        return Current(
            newest=day,
            read_at=newest["observed_at"] if newest else None,
            costs=costs,
            run_succeeded_at=succeeded["finished_at"] if succeeded else None,
            open_incidents={row["severity"]: int(row["open_incidents"]) for row in opened},
            requests=tuple(
                Spent(names=(row["purpose"],), count=int(row["requests"]), usd=row["usd"]) for row in requests
            ),
            tokens=tuple(
                Spent(names=(direction, row["model"]), count=int(row[f"{direction}_tokens"]), usd=None)
                for row in claude
                for direction in ("input", "output")
            ),
            claude=tuple(Spent(names=(row["model"],), count=0, usd=row["usd"]) for row in claude),
            alerts_sent=sum(int(row["alerts"]) for row in alerts if row["x_state"] == "sent"),
            alerts_undelivered=_undelivered(alerts),
        )


def _undelivered(alerts: list[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in alerts:
        if row["x_state"] != "sent":
            reason = problem_reason(row["problem"])
            found[reason] = found.get(reason, 0) + int(row["alerts"])
    return found
