"""Land the costs of a cost day from Prometheus, and the days before it that are missing or can still change."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.cost_tables import CostTables, Landing
from costspike.domain.errors import CostspikeError, DataContractError, DayNotAvailable
from costspike.domain.metric_costs import cost_rows
from costspike.domain.prometheus_source import moments
from costspike.domain.reading import DayRange
from costspike.usecases.land_costs import Landed
from costspike.usecases.read_range import COARSE

if TYPE_CHECKING:
    from costspike.adapters.prometheus.cost_days import CostDays
    from costspike.domain.prometheus_source import CostExpression
    from costspike.domain.runs import Run
    from costspike.settings import Settings

log = logging.getLogger(__name__)
_DAY = timedelta(days=1)


def land_prometheus_costs(
    run: Run,
    settings: Settings,
    days: CostDays,
    asked: CostExpression,
    tables: CostTables,
    *,
    clock: Callable[[], datetime],
) -> Landed:
    """Read the cost day, the days before it that can still change, and those that are missing.

    A day that Prometheus does not hold is left as it is. Rows carry their source: those of Cost Explorer
    are never touched.

    Raises:
        DayNotAvailable: the cost day is not there yet.
        DataContractError: the day is not over, or the expression does not yield one number a scope.
        UpstreamError: Prometheus did not answer.
    """
    if run.cost_day >= run.now.date():
        msg = f"the cost day {run.cost_day} is not over (today is {run.now.date()}, UTC); choose a day before it"
        raise DataContractError(msg)
    work = _Work(run=run, settings=settings, days=days, asked=asked, tables=tables, clock=clock)
    missing = work.missing()
    work.landed.history_days_missing = len(missing)
    if run.dry_run:
        return work.landed
    if not work.land(run.cost_day):
        raise _not_available(run, asked)
    for day in work.open_days():
        work.land(day)
    try:
        for day in missing:
            work.land(day)
    except CostspikeError as problem:
        log.warning("History was not filled in completely: %s", problem)
        work.landed.history_problem = str(problem)
    work.landed.history_days_missing = len(work.missing())
    log.info("Landed %s", work.landed.as_dict())
    return work.landed


@dataclass(slots=True, kw_only=True)
class _Work:
    """What one landing carries along."""

    run: Run
    settings: Settings
    days: CostDays
    asked: CostExpression
    tables: CostTables
    clock: Callable[[], datetime]
    landed: Landed = field(default_factory=Landed)

    def missing(self) -> list[date]:
        """Return the days of the history that are not landed, newest first."""
        known = self.tables.landed_days()
        days = self.settings.prometheus_source.history_days
        return [day for day in self._before(days) if day not in known]

    def open_days(self) -> list[date]:
        """Return the landed days before the cost day that may have changed since they were read."""
        known = self.tables.landed_days()
        days = [day for day in self._before(self.settings.reading.restated_days) if day in known]
        if self.run.force or self.asked.kind == "daily_stamped":
            return days
        return [day for day in days if known[day].observed_at < moments(self.asked, day).final]

    def land(self, day: date) -> bool:
        """Read a day and replace its rows; tell whether Prometheus held it."""
        found = self.days.read(day, self.run.now)
        if found is None:
            log.info("Prometheus does not hold %s; its rows are left as they are.", day)
            return False
        rows, total = cost_rows(day, found.costs, currency=self.asked.currency, provisional=found.provisional)
        changed = self.tables.replace_days(
            Landing(
                span=DayRange(day, day + _DAY),
                costs=rows,
                totals=[total],
                grain=COARSE,
                observed_at=self.clock(),
                run_id=self.run.run_id,
            )
        )
        self.landed.days += 1
        self.landed.rows += len(rows)
        self.landed.restated_days += [one for one in changed if one != self.run.cost_day]
        return True

    def _before(self, days: int) -> list[date]:
        return [self.run.cost_day - _DAY * back for back in range(1, days + 1)]


def _not_available(run: Run, asked: CostExpression) -> DayNotAvailable:
    when = moments(asked, run.cost_day)
    if run.now < when.not_before:
        wait = f"it can be read from {when.not_before:%Y-%m-%d %H:%M} UTC on"
    else:
        wait = "its expression yields no series then: check prometheus_source and the exporter"
    msg = (
        f"Prometheus has no costs for {run.cost_day}: {wait}. Nothing was deleted; the task is tried again "
        "(tasks.retries), else clear it later."
    )
    return DayNotAvailable(msg)
