"""Which days a run reads, from an empty warehouse to a backfill over days that are final."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.errors import DataContractError
from costspike.domain.reading import (
    DayRange,
    LandedDay,
    Reader,
    ReadingPlan,
    ReadingSettings,
    day_ranges,
    expected_pages,
    history_start,
    pieces,
    plan_reading,
    restated_since,
    settled_on,
)

SETTINGS = ReadingSettings()
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
YESTERDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def reader(cost_day: date = YESTERDAY, now: datetime = NOW, **changes: Any) -> Reader:
    known: dict[str, Any] = {"run_id": "this run", "run_started": now - timedelta(minutes=1)}
    return Reader(cost_day=cost_day, now=now, **(known | changes))


def state(observed: datetime = NOW - DAY, **changes: Any) -> LandedDay:
    known: dict[str, Any] = {"estimated": False, "groups": 50, "run_id": "an earlier run"}
    return LandedDay(observed_at=observed, **(known | changes))


def filled(until: date, observed: datetime = NOW - DAY, **changes: Any) -> dict[date, LandedDay]:
    """Return a warehouse that holds the whole history up to a day (inclusive)."""
    first = history_start(NOW.date(), SETTINGS)
    return {first + DAY * n: state(observed, **changes) for n in range((until - first).days + 1)}


def read_days(plan: ReadingPlan) -> list[date]:
    return sorted(day for span in plan.current for day in _days(span))


def _days(span: DayRange) -> list[date]:
    return [span.start + DAY * n for n in range(span.days)]


def test_an_empty_warehouse_reads_the_trailing_days_and_owes_thirteen_months() -> None:
    plan = plan_reading(reader(), {}, SETTINGS)
    assert plan.current == (DayRange(date(2026, 11, 14), date(2026, 11, 24)),)
    assert plan.history == (DayRange(date(2025, 10, 1), date(2026, 11, 14)),)


def test_a_daily_run_reads_the_new_day_and_what_can_still_change() -> None:
    plan = plan_reading(reader(), filled(YESTERDAY - DAY), SETTINGS)
    assert plan.current == (DayRange(date(2026, 11, 14), date(2026, 11, 24)),)
    assert plan.history == ()


@pytest.mark.parametrize("day_of_month", [1, 2, 6])
def test_the_first_days_of_a_month_read_the_whole_month_before(day_of_month: int) -> None:
    now = datetime(2026, 11, day_of_month, 9, tzinfo=UTC)
    cost_day = now.date() - DAY
    plan = plan_reading(reader(cost_day, now), filled(cost_day - DAY, now - DAY), SETTINGS)
    assert plan.current[-1].start == date(2026, 10, 1)
    assert plan.current[0].end == now.date()


def test_after_the_close_only_the_trailing_days_are_read() -> None:
    assert restated_since(date(2026, 11, 6), SETTINGS) == date(2026, 10, 1)
    assert restated_since(date(2026, 11, 7), SETTINGS) == date(2026, 10, 28)
    assert restated_since(date(2026, 1, 3), SETTINGS) == date(2025, 12, 1)


def test_a_day_is_final_after_its_month_was_closed() -> None:
    assert settled_on(date(2026, 10, 15), SETTINGS) == date(2026, 11, 7)
    assert settled_on(date(2026, 10, 31), SETTINGS) == date(2026, 11, 11)
    assert settled_on(date(2026, 12, 1), SETTINGS) == date(2027, 1, 7)


def test_a_backfilled_day_that_is_final_costs_nothing() -> None:
    plan = plan_reading(reader(date(2026, 8, 15), is_backfill=True), filled(YESTERDAY), SETTINGS)
    assert plan == ReadingPlan(current=(), history=())


def test_force_reads_final_days_again() -> None:
    plan = plan_reading(reader(date(2026, 8, 15), force=True), filled(YESTERDAY), SETTINGS)
    assert read_days(plan)[-1] == date(2026, 8, 15)
    assert len(read_days(plan)) == SETTINGS.restated_days


def test_an_estimated_day_of_the_window_is_read_again_however_late() -> None:
    landed = filled(YESTERDAY, NOW - timedelta(hours=1))
    landed[date(2026, 11, 22)] = state(estimated=True)
    assert date(2026, 11, 22) in read_days(plan_reading(reader(), landed, SETTINGS))


def test_a_day_whose_final_amounts_were_never_seen_is_read_once_more() -> None:
    landed = filled(YESTERDAY)
    old = date(2026, 9, 10)
    landed[old] = state(datetime(2026, 9, 11, 9, tzinfo=UTC))
    assert old in read_days(plan_reading(reader(), landed, SETTINGS))
    landed[old] = state(NOW)
    assert old not in read_days(plan_reading(reader(), landed, SETTINGS))


def test_a_day_beyond_the_history_of_cost_explorer_is_never_asked_for() -> None:
    old = date(2025, 9, 10)
    unsettled = state(datetime(2025, 9, 11, 9, tzinfo=UTC), estimated=True)
    landed = filled(YESTERDAY) | {old: unsettled}
    assert old not in read_days(plan_reading(reader(), landed, SETTINGS))
    assert old not in read_days(plan_reading(reader(old), landed, SETTINGS))
    landed[old] = state(groups=0)
    assert plan_reading(reader(old), landed, SETTINGS).current == ()


def test_what_another_run_read_while_this_one_waited_is_not_read_again() -> None:
    landed = filled(YESTERDAY, NOW - timedelta(seconds=30), estimated=True, run_id="the other run")
    assert plan_reading(reader(), landed, SETTINGS).current == ()


def test_what_this_run_read_in_an_earlier_try_is_read_again() -> None:
    landed = filled(YESTERDAY, NOW - timedelta(seconds=30), estimated=True, run_id="this run")
    assert YESTERDAY in read_days(plan_reading(reader(), landed, SETTINGS))


def test_a_backfill_does_not_read_again_what_was_read_within_hours() -> None:
    landed = filled(YESTERDAY, NOW - timedelta(hours=7), estimated=True)
    assert plan_reading(reader(is_backfill=True), landed, SETTINGS).current == ()
    landed = filled(YESTERDAY, NOW - timedelta(hours=9), estimated=True)
    assert YESTERDAY in read_days(plan_reading(reader(is_backfill=True), landed, SETTINGS))


def test_a_cost_day_that_was_asked_for_and_had_nothing_is_asked_for_again() -> None:
    landed = filled(YESTERDAY, NOW - timedelta(seconds=10), groups=0, run_id="the other run")
    assert read_days(plan_reading(reader(), landed, SETTINGS)) == [YESTERDAY]


def test_missing_days_are_history_wherever_they_are() -> None:
    landed = filled(YESTERDAY)
    del landed[date(2026, 3, 3)]
    del landed[date(2026, 11, 20)]
    plan = plan_reading(reader(), landed, SETTINGS)
    assert plan.history == (DayRange(date(2026, 3, 3), date(2026, 3, 4)),)
    assert date(2026, 11, 20) in read_days(plan)


def test_no_day_is_both_current_and_history() -> None:
    plan = plan_reading(reader(date(2026, 6, 6)), {}, SETTINGS)
    assert not plan.missing & set(read_days(plan))
    assert plan.missing | set(read_days(plan)) == set(filled(YESTERDAY))


@pytest.mark.parametrize("cost_day", [date(2026, 11, 24), date(2026, 11, 25), date(2027, 1, 1)])
def test_a_cost_day_that_is_not_over_is_refused(cost_day: date) -> None:
    with pytest.raises(
        DataContractError, match=rf"cost day {cost_day} is not over .*choose 2026-11-23 or a day before"
    ):
        plan_reading(reader(cost_day), {}, SETTINGS)


def test_a_cost_day_before_the_history_is_refused_with_the_first_that_is_not() -> None:
    with pytest.raises(
        DataContractError, match=r"no daily costs for 2025-09-30: its history begins on 2025-10-01"
    ):
        plan_reading(reader(date(2025, 9, 30)), {}, SETTINGS)


def test_ranges_are_contiguous_and_newest_first() -> None:
    first = date(2026, 11, 1)
    days = [first + DAY * n for n in (5, 0, 1, 2, 9)]
    assert [str(span) for span in day_ranges(days)] == [
        "2026-11-10",
        "2026-11-06",
        "2026-11-01 to 2026-11-03",
    ]


@given(st.integers(1, 500), st.floats(0, 20_000), st.integers(1, 5000))
def test_pieces_cover_a_span_newest_first_without_overlap(
    days: int, rows_a_day: float, page_rows: int
) -> None:
    span = DayRange(date(2025, 1, 1), date(2025, 1, 1) + DAY * days)
    found = pieces(span, rows_a_day, ReadingSettings(page_rows=page_rows))
    assert found[0].end == span.end
    assert found[-1].start == span.start
    assert all(newer.start == older.end for newer, older in itertools.pairwise(found))
    assert all(piece.days == 1 or piece.days * max(rows_a_day, 1) <= page_rows for piece in found)


def test_a_request_set_takes_a_page_at_least() -> None:
    span = DayRange(date(2026, 11, 14), date(2026, 11, 24))
    assert expected_pages(span, 100, 6, SETTINGS) == 6
    assert expected_pages(span, 501, 6, SETTINGS) == 7


def test_a_backfill_of_sixty_days_fetches_no_day_twice() -> None:
    """Simulates the backfill run by run, each landing what its plan says, a quarter of an hour apart."""
    cost_days = [date(2026, 9, 24) + DAY * n for n in range(60)]
    landed = {
        day: s for day, s in filled(YESTERDAY, NOW - timedelta(days=30)).items() if day not in cost_days
    }
    landed |= {
        day: state(NOW) for day in landed if settled_on(day, SETTINGS) > (NOW - timedelta(days=30)).date()
    }
    sets, fetched = 0, []
    for number, cost_day in enumerate(cost_days):
        now = NOW + timedelta(minutes=5 * number)
        plan = plan_reading(reader(cost_day, now, is_backfill=True, run_id=f"run {number}"), landed, SETTINGS)
        for span in (*plan.current, *plan.history):
            fetched += _days(span)
        landed |= {
            day: state(now, run_id=f"run {number}", estimated=day > date(2026, 11, 1))
            for span in (*plan.current, *plan.history)
            for day in _days(span)
        }
        sets += 6 * len(plan.current)
        sets += sum(5 + len(pieces(span, 80, SETTINGS)) for span in plan.history)
    assert sorted(fetched) == cost_days
    assert sets <= 13
