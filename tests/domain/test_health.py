"""When the pipeline is well, and when it may say so."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.health import (
    HEARTBEAT,
    PIPELINE_FAILED,
    Failure,
    ReadDay,
    failures_of,
    first_line,
    freshness,
    is_due,
    message_key,
    stops_alerts,
)

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
LIMIT = timedelta(hours=36)
ORDER = ["land_costs", "check_costs", "explain_spike", "send_alert", "record_run"]


def read(back: int, *, empty: bool = False, hours_after: int = 9) -> ReadDay:
    day = TODAY - DAY * back
    over = datetime.combine(day + DAY, time(), UTC)
    return ReadDay(day=day, observed_at=over + timedelta(hours=hours_after), empty=empty)


def test_yesterday_read_this_morning_is_fresh() -> None:
    fresh = freshness([read(back) for back in (3, 2, 1)], NOW)
    assert fresh.complete_through == TODAY - DAY
    assert fresh.age == timedelta(hours=9)
    assert not fresh.is_stale(LIMIT)


@pytest.mark.parametrize(("hours", "stale"), [(36, False), (37, True)])
def test_data_is_too_old_after_the_limit(hours: int, stale: bool) -> None:
    now = datetime.combine(TODAY, time(), UTC) + timedelta(hours=hours)
    assert freshness([read(1)], now).is_stale(LIMIT) is stale


def test_a_gap_ends_what_is_complete() -> None:
    fresh = freshness([read(back) for back in (6, 5, 3, 2, 1)], NOW)
    assert fresh.complete_through == TODAY - DAY * 5
    assert fresh.is_stale(LIMIT)


def test_a_day_that_was_read_before_it_was_over_is_not_complete() -> None:
    fresh = freshness([read(2), read(1, hours_after=-2)], NOW)
    assert fresh.complete_through == TODAY - DAY * 2


def test_empty_days_at_the_end_are_not_there_yet_and_within_they_are_read() -> None:
    days = [read(5), read(4, empty=True), read(3), read(2, empty=True), read(1, empty=True)]
    assert freshness(days, NOW).complete_through == TODAY - DAY * 3


def test_without_data_it_is_stale() -> None:
    assert freshness([], NOW).is_stale(LIMIT)
    assert freshness([read(1, empty=True)], NOW).is_stale(LIMIT)


@given(st.sets(st.integers(1, 30), min_size=1))
def test_complete_through_is_a_read_day_with_no_gap_before_it(backs: set[int]) -> None:
    days = [read(back) for back in sorted(backs, reverse=True)]
    through = freshness(days, NOW).complete_through
    assert through is not None
    between = {days[0].day + DAY * n for n in range((through - days[0].day).days + 1)}
    assert between <= {day.day for day in days}
    assert through + DAY not in {day.day for day in days}


@pytest.mark.parametrize(
    ("age", "backfill", "due"),
    [(1, False, True), (2, False, True), (3, False, False), (1, True, False), (300, True, False)],
)
def test_a_heartbeat_is_about_the_present(age: int, backfill: bool, due: bool) -> None:
    assert is_due(HEARTBEAT, age=DAY * age, is_backfill=backfill, max_age_days=60) is due


@pytest.mark.parametrize(("age", "backfill", "due"), [(1, False, True), (3, True, True), (4, False, False)])
def test_a_failure_of_an_old_day_tells_nobody(age: int, backfill: bool, due: bool) -> None:
    assert is_due(PIPELINE_FAILED, age=DAY * age, is_backfill=backfill, max_age_days=3) is due


def test_one_key_a_reason_and_day() -> None:
    assert message_key(HEARTBEAT, TODAY) == "heartbeat-2026-11-24"
    assert message_key(PIPELINE_FAILED, TODAY) != message_key(PIPELINE_FAILED, TODAY - DAY)


def test_failures_are_in_the_order_of_the_dag_and_consequences_are_none() -> None:
    states = [
        ("record_run", "success"),
        ("send_alert", "failed"),
        ("send_alert", "failed"),
        ("send_alert", "success"),
        ("check_costs", "failed"),
        ("explain_spike", "upstream_failed"),
    ]
    assert failures_of(states, ORDER) == [
        Failure(task="check_costs"),
        Failure(task="send_alert", instances=2),
    ]


def test_without_claude_or_the_record_alerts_go_out() -> None:
    assert not stops_alerts([Failure(task="explain_spike"), Failure(task="record_run")])
    assert stops_alerts([Failure(task="explain_spike"), Failure(task="a task of tomorrow")])
    assert not stops_alerts([])


def test_of_an_error_the_first_line_is_told_without_secrets() -> None:
    token = "xox" + "b-123-abcdefgh"
    error = f"\n  \u202eno channel for {token}\nTraceback (most recent call last):\n" + "x" * 1000
    assert first_line(error) == "no channel for ***"
    assert len(first_line("word " * 500)) <= 300
    assert first_line("") == ""
