"""Check the landed costs before anything is concluded from them."""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costspike.domain.errors import DataContractError, DayNotAvailable
from costspike.domain.money import written
from costspike.domain.reading import DayRange, history_start

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.domain.runs import Run
    from costspike.settings import Settings

log = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_SHOWN = 3


def check_costs(run: Run, settings: Settings, tables: CostTables) -> list[str]:
    """Run the SQL checks on the day and its history; return the names of those that hold.

    Raises:
        DayNotAvailable: the cost day is not there, or was read before it was over.
        DataContractError: a check does not hold; its rows are named, and nothing was detected.
    """
    first = min(history_start(run.now.date(), settings.reading), run.cost_day)
    span = DayRange(first, run.cost_day + _DAY)
    day_over = datetime.combine(run.cost_day + _DAY, time(), run.now.tzinfo)
    if tables.failed_checks("day_present", span, day=run.cost_day):
        if run.dry_run:
            msg = f"the cost day {run.cost_day} is not in the warehouse; a dry run reads nothing: run without it first"
            raise DataContractError(msg)
        raise DayNotAvailable(_missing(run, tables, "has no rows"))
    if tables.failed_checks("freshness", span, day=run.cost_day, fresh_since=day_over):
        raise DayNotAvailable(_missing(run, tables, "was read before it was over"))
    _require(tables, "unique_key", span, "each group has one row a day")
    _require(tables, "no_nulls", span, "every row has amounts, a service, a charge type and a currency")
    _require(
        tables,
        "reconciles",
        span,
        f"the groups of a day sum to its ungrouped total within {settings.checks.tolerance}",
        tolerance=settings.checks.tolerance,
    )
    held = ["day_present", "freshness", "unique_key", "no_nulls", "reconciles"]
    log.info("Costs up to %s hold: %s", run.cost_day, ", ".join(held))
    return held


def _require(tables: CostTables, name: str, span: DayRange, expectation: str, **limits: Any) -> None:
    broken = tables.failed_checks(name, span, **limits)
    if broken:
        shown = "; ".join(str({key: _shown(value) for key, value in row.items()}) for row in broken[:_SHOWN])
        msg = (
            f"the check {name} does not hold for {len(broken)} of the rows or days {span}: {shown}. Expected that "
            f"{expectation}. Nothing was detected. "
            "To read a day again, trigger the DAG with it as cost_date, and with force."
        )
        raise DataContractError(msg)


def _shown(value: object) -> str:
    return (written(value) if isinstance(value, Decimal) else str(value))[:80]


def _missing(run: Run, tables: CostTables, what: str) -> str:
    newest = tables.newest_day(date.max)
    known = "the warehouse is empty"
    if newest:
        age = (run.now - newest[1]).total_seconds() / 3600
        known = f"the newest day is {newest[0]}, read {age:.1f} h ago"
    return (
        f"the cost day {run.cost_day} {what} ({known}); a day without data is not a day without cost. "
        "Nothing was deleted and nothing is alerted. Clear land_costs when Cost Explorer has the day."
    )
