"""What the warehouse has for Prometheus: every value of some days, read in one transaction and let go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from costspike.domain import day_metrics as metrics
from costspike.domain.alert_problems import problem_reason
from costspike.domain.day_metrics import DayValue, day_value
from costspike.domain.grades import Severity
from costspike.domain.request_sets import USAGE

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row, Transaction

_SEVERITIES: tuple[Severity, ...] = ("P1", "P2", "P3", "P4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishable:
    """The landed days of a span, and the values of them and of the days that zeros look back at."""

    days: tuple[date, ...]
    values: tuple[DayValue, ...]


class Publication:
    """Reads what is published, of one source."""

    def __init__(self, database: Database, source: str = "cost_explorer") -> None:
        self._database = database
        self._source = source

    def read(self, start: date, end: date, *, zero_days: int) -> Publishable:
        """Return the landed days of [start, end) with their values, and costs of ``zero_days`` before."""
        with self._database.transaction() as tx:
            landed = [
                row
                for row in tx.rows("cloud_cost_totals/select_days", source=self._source)
                if start <= row["charge_period_start"] < end and row["groups_landed"]
            ]
            days = {row["charge_period_start"] for row in landed}
            values = [
                *_reads(landed),
                *cost_values(tx, start - timedelta(days=zero_days), end, self._source),
                *(value for value in self._others(tx, start, end) if value.day in days),
            ]
        return Publishable(days=tuple(sorted(days)), values=tuple(values))

    def _others(self, tx: Transaction, start: date, end: date) -> Iterator[DayValue]:
        span = {"start": start, "end": end}
        for row in tx.rows("cloud_costs/select_daily_bill", **span, source=self._source):
            labels = {"account": row["sub_account_id"], "charge_type": row["x_charge_type"]}
            yield _money(row, metrics.BILL, "daily_cost", **labels)
        for row in tx.rows("cost_spikes/select_days", **span, source=self._source):
            yield from _verdict(row)
        for row in tx.rows("incidents/select_open", **span, source=self._source):
            labels = {"severity": row["severity"]}
            yield day_value(row["charge_period_start"], metrics.OPEN, row["open_incidents"], **labels)
        for row in tx.rows("api_spend/select_days", **span):
            yield day_value(row["cost_day"], metrics.REQUESTS, row["requests"], purpose=row["purpose"])
            yield day_value(row["cost_day"], metrics.REQUESTS_USD, row["usd"], purpose=row["purpose"])
        for row in tx.rows("spike_explanations/select_days", **span):
            yield from _claude(row)
        for row in tx.rows("spike_alerts/select_results", **span):
            yield _alert(row)


def cost_values(tx: Transaction, start: date, end: date, source: str) -> Iterator[DayValue]:
    """Yield the usage of [start, end) by day, account and service, as it is judged."""
    span = {"start": start, "end": end, "source": source}
    for row in tx.rows("cloud_costs/select_daily_services", **span, charge_type=USAGE):
        labels = {"account": row["sub_account_id"], "service": row["service_name"]}
        yield _money(row, metrics.COST, "daily_cost", **labels)


def _reads(landed: list[Row]) -> Iterator[DayValue]:
    for row in landed:
        day, seconds = row["charge_period_start"], row["observed_at"].replace(microsecond=0).timestamp()
        yield day_value(day, metrics.READ_AT, seconds)
        yield day_value(day, metrics.PROVISIONAL, float(bool(row["estimated"])))
        # None open is a number as well; the incidents that there are add to it.
        yield from (day_value(day, metrics.OPEN, 0, severity=severity) for severity in _SEVERITIES)


def _verdict(row: Row) -> Iterator[DayValue]:
    scope = {"scope": row["x_scope"], "account": row["sub_account_id"], "service": row["service_name"]}
    for metric, column in (
        (metrics.EXPECTED, "expected_cost"),
        (metrics.LOW, "expected_low"),
        (metrics.HIGH, "expected_high"),
        (metrics.IMPACT, "impact"),
    ):
        yield _money(row, metric, column, **scope)
    yield day_value(row["charge_period_start"], metrics.SCORE, row["score"], **scope)


def _claude(row: Row) -> Iterator[DayValue]:
    day, model = row["cost_day"], row["model"]
    for direction in ("input", "output"):
        tokens = row[f"{direction}_tokens"]
        yield day_value(day, metrics.TOKENS, tokens, direction=direction, model=model)
    if row["usd"] is not None:
        yield day_value(day, metrics.CLAUDE_USD, row["usd"], model=model)


def _alert(row: Row) -> DayValue:
    sent = row["x_state"] == "sent"
    result, reason = ("sent", "") if sent else ("undelivered", problem_reason(row["problem"]))
    return day_value(row["charge_period_start"], metrics.ALERTS, row["alerts"], result=result, reason=reason)


def _money(row: Row, metric: str, column: str, **labels: str) -> DayValue:
    return day_value(
        row["charge_period_start"], metric, row[column], currency=row["billing_currency"], **labels
    )
