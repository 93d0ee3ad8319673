"""Which days a run reads from Cost Explorer, and what that is going to cost.

A day that was landed can still change: AWS completes it for some days, and settles the whole month in
the first days of the next one. A run reads what is missing and what may have changed, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from costspike.domain.errors import DataContractError
from costspike.domain.sections import Section

# https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/: each page of an answer is a request.
USD_PER_REQUEST = Decimal("0.01")
_DAY = timedelta(days=1)
# A range takes six requests, however short: reading up to a month again is cheaper than one range more.
_BRIDGE = 31


class ReadingSettings(Section):
    """Where costs are read, how far back, and how often again."""

    source: Literal["cost_explorer", "prometheus"] = Field(
        "cost_explorer",
        description="cost_explorer, or prometheus: a team's own exporter, by the section prometheus_source.",
    )
    history_months: int = Field(
        13, ge=0, le=13, description="Months before the current one that an empty warehouse is filled with."
    )
    restated_days: int = Field(
        10,
        ge=1,
        le=60,
        description="Days before the run that are read again, since AWS still completes them.",
    )
    close_days: int = Field(
        6, ge=0, le=15, description="First days of a month in which the whole month before is read again."
    )
    backfill_reread_hours: int = Field(
        8, ge=0, le=168, description="A backfill does not read a day again that was read within these hours."
    )
    page_rows: int = Field(
        5000,
        ge=1,
        description="Groups that a page is expected to hold; the history is asked for in such pieces.",
    )


@dataclass(frozen=True, slots=True, order=True)
class DayRange:
    """Days from ``start`` (inclusive) to ``end`` (exclusive), UTC."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        """Tell whether a day lies in the range."""
        return self.start <= day < self.end

    def __str__(self) -> str:
        """Return both ends as people read them, inclusive."""
        last = self.end - _DAY
        return f"{self.start}" if self.days == 1 else f"{self.start} to {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedDay:
    """What the warehouse holds of a day; ``groups`` is 0 for a day that was asked for and had none."""

    observed_at: datetime
    estimated: bool
    groups: int
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The run that reads: for which day, when it began (UTC), and what it is."""

    cost_day: date
    now: datetime
    run_id: str
    run_started: datetime
    is_backfill: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """The ranges to read, newest first: those of the cost day, and the history that is still missing.

    ``missing`` are the days that the history lacks; a range of it may bridge some days that are there.
    """

    current: tuple[DayRange, ...]
    history: tuple[DayRange, ...]
    missing: frozenset[date] = frozenset()


def plan_reading(reader: Reader, landed: Mapping[date, LandedDay], settings: ReadingSettings) -> ReadingPlan:
    """Return what a run has to read.

    Raises:
        DataContractError: the cost day is not over yet, or lies before the history of Cost Explorer.
    """
    today = reader.now.date()
    oldest = history_start(today, settings)
    _check_cost_day(reader.cost_day, today, oldest, landed)
    since = max(oldest, restated_since(reader.cost_day + _DAY, settings))
    newest = max(reader.cost_day, today - _DAY)
    wanted = {day for day in _days(since, reader.cost_day) if _worth_reading(day, reader, landed, settings)}
    wanted |= {
        day
        for day in landed
        if oldest <= day <= reader.cost_day and _settled_unread(day, reader, landed, settings)
    }
    if reader.cost_day >= oldest and not (reader.cost_day in landed and landed[reader.cost_day].groups):
        wanted.add(reader.cost_day)
    missing = frozenset(day for day in _days(oldest, newest) if day not in landed) - wanted
    return ReadingPlan(
        current=day_ranges(wanted, bridge=_BRIDGE),
        history=day_ranges(missing, bridge=_BRIDGE),
        missing=missing,
    )


def history_start(today: date, settings: ReadingSettings) -> date:
    """Return the first day of the history, the first of a month as Cost Explorer demands that far back."""
    months = today.year * 12 + today.month - 1 - settings.history_months
    return date(months // 12, months % 12 + 1, 1)


def restated_since(as_of: date, settings: ReadingSettings) -> date:
    """Return the first day that can still change, as seen on a date."""
    if as_of.day <= settings.close_days:
        return (as_of.replace(day=1) - _DAY).replace(day=1)
    return as_of - _DAY * settings.restated_days


def settled_on(day: date, settings: ReadingSettings) -> date:
    """Return the date from which a day does not change any more."""
    next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return max(next_month + _DAY * settings.close_days, day + _DAY * (settings.restated_days + 1))


def day_ranges(days: Iterable[date], *, bridge: int = 0) -> tuple[DayRange, ...]:
    """Return the days as ranges, newest first; gaps of up to ``bridge`` days are read along."""
    ranges: list[DayRange] = []
    for day in sorted(days, reverse=True):
        if ranges and (ranges[-1].start - day).days <= bridge + 1:
            ranges[-1] = DayRange(day, ranges[-1].end)
        else:
            ranges.append(DayRange(day, day + _DAY))
    return tuple(ranges)


def pieces(span: DayRange, rows_per_day: float, settings: ReadingSettings) -> tuple[DayRange, ...]:
    """Return the span in pieces of about one page each, newest first."""
    size = max(1, int(settings.page_rows / max(rows_per_day, 1.0)))
    ends = range(span.days, 0, -size)
    return tuple(DayRange(span.start + _DAY * max(0, end - size), span.start + _DAY * end) for end in ends)


def expected_pages(span: DayRange, rows_per_day: float, request_sets: int, settings: ReadingSettings) -> int:
    """Return the pages that reading a span is expected to take, each request set taking one at least."""
    return max(1, -(-int(span.days * rows_per_day) // settings.page_rows)) + request_sets - 1


def _check_cost_day(cost_day: date, today: date, oldest: date, landed: Mapping[date, LandedDay]) -> None:
    if cost_day >= today:
        msg = f"the cost day {cost_day} is not over (today is {today}, UTC); choose {today - _DAY} or a day before it"
        raise DataContractError(msg)
    if cost_day < oldest and cost_day not in landed:
        msg = (
            f"Cost Explorer has no daily costs for {cost_day}: its history begins on {oldest} "
            "(reading.history_months); choose a later day"
        )
        raise DataContractError(msg)


def _worth_reading(
    day: date, reader: Reader, landed: Mapping[date, LandedDay], settings: ReadingSettings
) -> bool:
    """Tell whether a day of the trailing window has to be read (again)."""
    state = landed.get(day)
    if state is None or reader.force:
        return True
    if state.observed_at >= reader.run_started and state.run_id != reader.run_id:
        return False  # another run read it while this one waited for its turn
    recently = reader.now - state.observed_at < timedelta(hours=settings.backfill_reread_hours)
    if reader.is_backfill and recently:
        return False
    return state.estimated or state.observed_at.date() < settled_on(day, settings)


def _settled_unread(
    day: date, reader: Reader, landed: Mapping[date, LandedDay], settings: ReadingSettings
) -> bool:
    """Tell whether a day has settled since it was last read, so that its final amounts were never seen."""
    settled = settled_on(day, settings)
    return landed[day].observed_at.date() < settled <= reader.now.date() and _worth_reading(
        day, reader, landed, settings
    )


def _days(first: date, last: date) -> Iterable[date]:
    """Return the days from first to last, both inclusive."""
    return (first + _DAY * n for n in range((last - first).days + 1))
