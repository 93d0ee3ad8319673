"""What the warehouse knows of the pipeline's own health, and its words about it in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.domain.health import PIPELINE, ReadDay

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts and dollars; those of Claude are None where a price is not known."""

    incidents: int
    requests: int
    requests_usd: Decimal
    tokens: int
    claude_usd: Decimal | None
    undelivered: int


class HealthTables:
    """The queries behind heartbeat and failure notice."""

    def __init__(self, database: Database, source: str = "cost_explorer") -> None:
        self._database = database
        self._source = source

    def read_days(self, since: date) -> list[ReadDay]:
        """Return the days from ``since`` on that were read, oldest first."""
        with self._database.transaction() as tx:
            rows = tx.rows("pipeline_health/select_days", source=self._source, since=since)
        return [
            ReadDay(
                day=row["charge_period_start"], observed_at=row["observed_at"], empty=not int(row["x_groups"])
            )
            for row in rows
        ]

    def figures(self, *, alerts_since: date, spent_since: datetime) -> Figures:
        """Return what is open, what was spent, and what was not delivered."""
        with self._database.transaction() as tx:
            opened = tx.rows("pipeline_health/select_open", source=self._source)[0]
            requests = tx.rows("pipeline_health/select_requests", since=spent_since)[0]
            tokens = tx.rows("pipeline_health/select_tokens", since=spent_since)[0]
            waiting = tx.rows("pipeline_health/select_undelivered", source=self._source, since=alerts_since)[
                0
            ]
        return Figures(
            incidents=int(opened["incidents"]),
            requests=int(requests["requests"]),
            requests_usd=requests["usd"],
            tokens=int(tokens["tokens"]),
            claude_usd=tokens["usd"],
            undelivered=int(waiting["undelivered"]),
        )

    def announce(self, message_key: str, reason: str, *, day: date, channel: str, now: datetime) -> None:
        """Put a word of the pipeline into the outbox, unless there is one of this reason and cost day."""
        with self._database.transaction() as tx:
            announce(tx, message_key, reason, day=day, channel=channel, now=now)


def announce(
    tx: Transaction, message_key: str, reason: str, *, day: date, channel: str, now: datetime
) -> None:
    """Put a message that belongs to no incident into the outbox, unless it holds one of this reason and cost day."""
    tx.run("spike_alerts/lock")
    tx.run(
        "spike_alerts/insert_pending",
        alert_id=message_key,
        incident_id=PIPELINE,
        notify_reason=reason,
        day=day,
        channel=channel,
        spike_id="",
        notice="",
        message_key=message_key,
        source=PIPELINE,
        created_at=now,
    )
