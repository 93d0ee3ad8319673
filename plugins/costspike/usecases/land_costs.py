"""Land the costs of a cost day: plan, fetch page by page, replace the days in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.cost_tables import CostTables, Landing
from costspike.domain.errors import BudgetExceeded, CostspikeError, DayNotAvailable
from costspike.domain.reading import (
    USD_PER_REQUEST,
    DayRange,
    LandedDay,
    ReadingPlan,
    day_ranges,
    expected_pages,
    pieces,
    plan_reading,
)
from costspike.usecases.read_range import COARSE, FINE, RangeRead, RangeReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from costspike.adapters.cost_explorer import CostExplorer
    from costspike.adapters.warehouse.spending import Purpose, Spending
    from costspike.domain.runs import Run
    from costspike.settings import Settings

log = logging.getLogger(__name__)

# Accounts are remembered for so long: a fine-grained read asks for each of them.
_ACCOUNT_MEMORY = timedelta(days=45)


@dataclass(slots=True)
class Landed:
    """What landing did, as small plain data for XCom and the log."""

    planned_requests: int = 0
    requests: int = 0
    days: int = 0
    rows: int = 0
    restated_days: list[date] = field(default_factory=list)
    history_days_missing: int = 0
    history_problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "planned_requests": self.planned_requests,
            "requests": self.requests,
            "usd": str(self.requests * USD_PER_REQUEST),
            "days": self.days,
            "rows": self.rows,
            "restated_days": [day.isoformat() for day in sorted(self.restated_days)],
            "history_days_missing": self.history_days_missing,
            "history_problem": self.history_problem,
        }


def land_costs(
    run: Run,
    settings: Settings,
    explorer: CostExplorer,
    tables: CostTables,
    spending: Spending,
    *,
    clock: Callable[[], datetime],
) -> Landed:
    """Read what the cost day needs, then history that is missing, newest first, each within its budget.

    Raises:
        DayNotAvailable: Cost Explorer has no data for the cost day yet; nothing was deleted.
        BudgetExceeded: the daily budget does not allow the reading.
        DataContractError, UpstreamError: see there; the warehouse holds what it held.
    """
    known = tables.landed_days()
    plan = plan_reading(run.reader, known, settings.reading)
    work = _Work(
        run=run,
        settings=settings,
        explorer=explorer,
        tables=tables,
        spending=spending,
        clock=clock,
        landed=Landed(),
    )
    reader = work.reader_for(plan, known)
    work.announce(plan, reader, known)
    if run.dry_run:
        return work.landed
    with work.budget("daily", settings.cost_explorer.daily_budget_usd):
        for span in plan.current:
            work.land_current(reader, span, known)
    work.fill_history(reader, plan.history)
    work.landed.history_days_missing = len(plan.missing - tables.landed_days().keys())
    log.info("Landed %s", work.landed.as_dict())
    return work.landed


@dataclass(slots=True, kw_only=True)
class _Work:
    """What one landing carries along."""

    run: Run
    settings: Settings
    explorer: CostExplorer
    tables: CostTables
    spending: Spending
    clock: Callable[[], datetime]
    landed: Landed

    def reader_for(self, plan: ReadingPlan, known: Mapping[date, LandedDay]) -> RangeReader:
        """Return a reader at the grain of the settings; ``auto`` is the finer one while it is affordable."""
        grain = self.settings.cost_explorer.grain
        if grain == COARSE:
            return RangeReader(explorer=self.explorer, grain=COARSE)
        names = self.tables.account_names(self.run.cost_day - _ACCOUNT_MEMORY)
        reader = RangeReader(explorer=self.explorer, grain=FINE, account_names=names)
        if plan.current and not names and not self.run.dry_run:
            with self.budget("daily", self.settings.cost_explorer.daily_budget_usd):
                reader.read_account_names(plan.current[0])
        affordable = self._requests_left("daily", self.settings.cost_explorer.daily_budget_usd)
        if grain == "auto" and self._expected(plan.current, reader, known) > affordable:
            log.warning(
                "The finer grain does not fit cost_explorer.daily_budget_usd; reading by account and service."
            )
            reader.grain = COARSE
        return reader

    def announce(self, plan: ReadingPlan, reader: RangeReader, known: Mapping[date, LandedDay]) -> None:
        """Say and record what is about to be asked."""
        self.landed.planned_requests = self._expected(plan.current, reader, known)
        self.landed.history_days_missing = len(plan.missing)
        log.info(
            "Cost day %s: reading %s, about %s requests ($%s); %s days of history are missing.",
            self.run.cost_day,
            ", ".join(map(str, plan.current)) or "nothing, its rows are final",
            self.landed.planned_requests,
            self.landed.planned_requests * USD_PER_REQUEST,
            self.landed.history_days_missing,
        )

    @contextmanager
    def budget(self, purpose: Purpose, usd: Decimal) -> Iterator[None]:
        """Allow only the requests that the day's budget leaves, and book each one as it is made."""
        before = self.explorer.requests
        self.explorer.allowance = before + self._requests_left(purpose, usd)
        self.explorer.book = lambda: self.spending.add(self.run, purpose, 1)
        try:
            yield
        finally:
            self.landed.requests += self.explorer.requests - before

    def land_current(self, reader: RangeReader, span: DayRange, known: Mapping[date, LandedDay]) -> None:
        """Read and land a range of the cost day's reading."""
        self.explorer.require(reader.request_sets)
        read = reader.read_totals(span).joined(reader.read_usage(span))
        if self.run.cost_day in span and not (read.rows["charge_period_start"] == self.run.cost_day).any():
            raise self._not_available(known)
        changed = self._replace(read.joined(reader.read_other_charges(span)), reader.grain, span)
        self.landed.restated_days += [day for day in changed if day != self.run.cost_day]

    def fill_history(self, reader: RangeReader, spans: tuple[DayRange, ...]) -> None:
        """Fill in missing days until the history's budget is used; what fails is left to the next run."""
        try:
            with self.budget("history", self.settings.cost_explorer.history_budget_usd):
                for span in spans:
                    self._fill(reader, span)
        except BudgetExceeded as stop:
            log.info("History: %s", stop)
            self.landed.history_problem = "budget used up"
        except CostspikeError as problem:
            log.warning("History was not filled in completely: %s", problem)
            self.landed.history_problem = str(problem)

    def _fill(self, reader: RangeReader, span: DayRange) -> None:
        """Read what is small for the whole span, and the usage in pieces of about a page, newest first."""
        parts = pieces(span, self._rows_per_day(reader), self.settings.reading)
        self.explorer.require(reader.request_sets)
        small = reader.read_totals(span).joined(reader.read_other_charges(span))
        for done, piece in enumerate(parts, start=1):
            self.explorer.require(reader.usage_sets)
            read = small.within(piece).joined(reader.read_usage(piece))
            self._replace(read, reader.grain, piece)
            log.info("History: %s landed (%s of %s pieces)", piece, done, len(parts))

    def _replace(self, read: RangeRead, grain: str, asked: DayRange) -> list[date]:
        """Land the days that were answered; a day that was not is left as it is."""
        complete = read.complete(asked, self.settings.checks.tolerance, needed=self.run.cost_day)
        missing = asked.days - len(complete)
        if missing:
            log.warning(
                "Cost Explorer did not answer, or in part only, for %s of the days %s; they are left as they are.",
                missing,
                asked,
            )
        changed: list[date] = []
        for span in day_ranges(complete):
            part = read.within(span)
            changed += self.tables.replace_days(
                Landing(
                    span=span,
                    costs=part.rows,
                    totals=part.totals,
                    grain=grain,
                    observed_at=self.clock(),
                    run_id=self.run.run_id,
                )
            )
            self.landed.days += span.days
            self.landed.rows += len(part.rows)
        return changed

    def _rows_per_day(self, reader: RangeReader) -> float:
        """Return the usage rows a day that one answer holds; at the finer grain each account has its own."""
        per_day = self.landed.rows / max(self.landed.days, 1) or 100.0
        return per_day / max(len(reader.account_names), 1) if reader.grain == FINE else per_day

    def _expected(
        self, spans: tuple[DayRange, ...], reader: RangeReader, known: Mapping[date, LandedDay]
    ) -> int:
        sizes = [state.groups for state in known.values() if state.groups]
        per_day = sum(sizes) / len(sizes) if sizes else 1.0
        return sum(
            expected_pages(span, per_day, reader.request_sets, self.settings.reading) for span in spans
        )

    def _requests_left(self, purpose: Purpose, usd: Decimal) -> int:
        return max(0, int(usd / USD_PER_REQUEST) - self.spending.requests_today(self.run, purpose))

    def _not_available(self, known: Mapping[date, LandedDay]) -> DayNotAvailable:
        days = [day for day, state in known.items() if state.groups]
        newest = max(days) if days else None
        age = (
            f"{(self.run.now - known[newest].observed_at).total_seconds() / 3600:.1f} h ago" if newest else ""
        )
        msg = (
            f"Cost Explorer has no data for {self.run.cost_day} yet; a day without data is not a day without cost. "
            f"The newest day in the warehouse is {newest or 'none'}{f', read {age}' if age else ''}. "
            "Nothing was deleted; the task is tried again (tasks.retries), else clear it later."
        )
        return DayNotAvailable(msg)
