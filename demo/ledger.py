"""What the runs left in the warehouse, read back from its tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRun:
    """A row of pipeline_runs, with the number of days that the run read."""

    rows_landed: int
    requests: int
    requests_usd: Decimal
    spikes: int
    alerts_sent: int
    days_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """All that was landed, and what reading it would have cost at AWS."""

    landed_days: int
    cost_rows: int
    first_day: date
    last_day: date
    requests: int
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSpike:
    """A verdict as the warehouse holds it; an empty ``account_id`` means all of them."""

    cost_day: date
    spike_id: str
    account_id: str
    service: str
    currency: str
    impact: Decimal
    expected_cost: Decimal

    @property
    def impact_percent(self) -> Decimal | None:
        """Return the impact in percent of what was expected, None where nothing was."""
        return self.impact / self.expected_cost * 100 if self.expected_cost > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAlert:
    """A row of the outbox. ``message`` is the finished message, empty if there never was one.

    ``reason`` is why it was sent: what is no ``first_notification`` is in the thread of the one before it.
    """

    alert_id: str
    incident_id: str
    reason: str
    spike_id: str
    message_key: str
    state: str
    attempts: int
    posted_channel: str
    ts: str
    problem: str
    message: str

    @property
    def severity(self) -> str:
        """Return the severity that the message carries."""
        payload = json.loads(self.message)["metadata"]["event_payload"] if self.message else {}
        return str(payload.get("severity", ""))

    @property
    def is_first(self) -> bool:
        """Tell whether it is the first message of its incident."""
        return self.reason == "first_notification"

    @property
    def is_news(self) -> bool:
        """Tell whether it is no mere detail of what was told."""
        return self.reason != "details"

    @property
    def news(self) -> str:
        """Return what the message begins with: the news and what it is about."""
        text = str(json.loads(self.message)["text"]) if self.message else self.reason
        return text.split(". ", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of Claude; ``usd`` is None where the price is not known."""

    model: str | None
    questions: int
    answered: int
    input_tokens: int
    output_tokens: int
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What AWS restated for a service on a day, all its rows together."""

    cost_day: date
    account_id: str
    service: str
    currency: str
    revisions: int
    old_cost: Decimal
    new_cost: Decimal


class Ledger:
    """The warehouse between two runs; the file is held no longer than a question takes.

    Where there are no tables yet, lists are empty and single answers are None.
    """

    def __init__(self, warehouse: Path) -> None:
        self._warehouse = warehouse

    def run(self, run_id: str) -> DayRun | None:
        """Return what a run did, None if it came to no record."""
        rows = self._rows("run", run_id=run_id)
        return DayRun(**rows[0]) if rows else None

    def landed(self) -> Landed | None:
        """Return what was landed."""
        rows = self._rows("landed")
        return Landed(**rows[0]) if rows and rows[0]["landed_days"] else None

    def spikes(self) -> list[FoundSpike]:
        """Return the spikes of the newest verdicts, by day, the largest first."""
        return [FoundSpike(**row) for row in self._rows("spikes")]

    def messages(self) -> list[SentAlert]:
        """Return the outbox, in the order of the days."""
        return [SentAlert(**row) for row in self._rows("alerts")]

    def alerts(self) -> list[SentAlert]:
        """Return what tells something new; details in a thread do not."""
        return [message for message in self.messages() if message.is_news]

    def asked(self) -> Asked | None:
        """Return what was asked of Claude."""
        rows = self._rows("claude")
        return Asked(**rows[0]) if rows else None

    def revisions(self) -> list[Revision]:
        """Return what was restated."""
        return [Revision(**row) for row in self._rows("revisions")]

    def account_names(self) -> dict[str, str]:
        """Return the names of the accounts by their ids."""
        return {row["account_id"]: row["account_name"] for row in self._rows("account_names")}

    def _rows(self, name: str, **values: str) -> list[dict[str, Any]]:
        import duckdb

        if not self._warehouse.exists():
            return []
        text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
        with duckdb.connect(str(self._warehouse)) as connection:
            try:
                found = connection.execute(text, values or None)
            except duckdb.CatalogException:
                return []
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
