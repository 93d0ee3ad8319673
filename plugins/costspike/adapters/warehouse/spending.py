"""The ledger of paid requests, and the row that sums up a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from costspike.domain.money import written
from costspike.domain.reading import USD_PER_REQUEST

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database
    from costspike.domain.runs import Run

Purpose = Literal["daily", "history", "evidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One row of pipeline_runs. Unknown dollars are None, never zero."""

    cost_day: date
    run_id: str
    run_type: str
    outcome: str
    rows_landed: int
    estimated_rows: int
    requests: int
    requests_usd: Decimal
    spikes: int
    explanations_answered: int
    explanations_failed: int
    input_tokens: int
    output_tokens: int
    claude_usd: Decimal | None
    alerts_sent: int
    alerts_undelivered: int
    data_observed_at: datetime | None
    data_age_hours: float | None
    started_at: datetime
    finished_at: datetime

    def as_plain(self) -> dict[str, Any]:
        """Return plain data for XCom: moments, days and money as texts."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: object) -> int | float | str | None:
    if isinstance(value, Decimal):
        return written(value)
    return value if isinstance(value, int | float | str | None) else str(value)


class Spending:
    """api_spend and pipeline_runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run: Run, purpose: Purpose, requests: int) -> None:
        """Book requests that were answered; AWS bills each page."""
        if requests:
            with self._database.transaction() as tx:
                tx.run(
                    "api_spend/insert",
                    spent_at=run.now,
                    cost_day=run.cost_day,
                    run_id=run.run_id,
                    purpose=purpose,
                    requests=requests,
                    usd=requests * USD_PER_REQUEST,
                )

    def requests_today(self, run: Run, purpose: Purpose) -> int:
        """Return the requests of all runs since midnight UTC."""
        with self._database.transaction() as tx:
            row = tx.row("api_spend/select_requests", since=run.midnight, purpose=purpose)
        return int(row["requests"]) if row else 0

    def summarize(self, run: Run, *, outcome: str, source: str) -> RunSummary:
        """Return what a run did, as the other tables tell it."""
        with self._database.transaction() as tx:
            landed = tx.rows("pipeline_runs/select_landed", run_id=run.run_id, source=source)[0]
            spent = tx.rows("api_spend/select_run", run_id=run.run_id, cost_day=run.cost_day)[0]
            spikes = tx.rows("pipeline_runs/select_spikes", day=run.cost_day)[0]
            claude = tx.rows("spike_explanations/select_run", claims=run.claims)[0]
            alerts = tx.rows("spike_alerts/select_run", claims=run.claims, day=run.cost_day)[0]
            newest = tx.row("pipeline_runs/select_newest_day", source=source, until=run.cost_day)
        observed = newest["observed_at"] if newest else None
        return RunSummary(
            cost_day=run.cost_day,
            run_id=run.run_id,
            run_type=run.run_type,
            outcome=outcome,
            rows_landed=int(landed["rows_landed"]),
            estimated_rows=int(landed["estimated_rows"]),
            requests=int(spent["requests"]),
            requests_usd=spent["usd"],
            spikes=int(spikes["spikes"]),
            explanations_answered=int(claude["answered"]),
            explanations_failed=int(claude["failed"]),
            input_tokens=int(claude["input_tokens"]),
            output_tokens=int(claude["output_tokens"]),
            claude_usd=claude["usd"],
            alerts_sent=int(alerts["sent"]),
            alerts_undelivered=int(alerts["undelivered"]),
            data_observed_at=observed,
            data_age_hours=(run.now - observed).total_seconds() / 3600 if observed else None,
            started_at=run.started,
            finished_at=run.now,
        )

    def record(self, summary: RunSummary) -> None:
        """Replace the row of a run."""
        with self._database.transaction() as tx:
            tx.run("pipeline_runs/delete_run", cost_day=summary.cost_day, run_id=summary.run_id)
            tx.run("pipeline_runs/insert", **asdict(summary))
