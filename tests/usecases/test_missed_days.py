"""Days that had no run of their own: the next run judges them, and tells of what is still young, once."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.usecases.pipeline import PROD, YESTERDAY, Pipeline, steady_world, with_settings

ONE_DAY = timedelta(days=1)
FRIDAY, SATURDAY, SUNDAY = (YESTERDAY - n * ONE_DAY for n in (3, 2, 1))
WEEKEND = {(SATURDAY, "S3"): "320", (SUNDAY, "EC2"): "900"}
JUDGED = "SELECT charge_period_start, spikes FROM judged_days ORDER BY 1"
SPIKES = "SELECT charge_period_start, impact FROM cost_spikes ORDER BY 1"
Over = Callable[..., Pipeline]


def over_a_weekend(over: Over, spikes: dict[tuple[date, str], str], **alerts: Any) -> Pipeline:
    """Return a pipeline whose last run was Friday's; the scheduler is back on Tuesday, for Monday."""
    sections: dict[str, Any] = {"alerts": {"channel": "C0COSTS", **alerts}, "reading": {"history_months": 2}}
    day = over(steady_world(spikes=spikes), settings=with_settings(**sections))
    day.whole_day(day.run(FRIDAY))
    return day


def test_spikes_of_a_weekend_without_runs_are_stored_and_told_once(over: Over) -> None:
    day = over_a_weekend(over, WEEKEND)
    assert day.rows(SPIKES) == []

    items = day.whole_day()

    assert day.rows(SPIKES) == [(SATURDAY, Decimal(300)), (SUNDAY, Decimal(800))]
    assert len(items) == 2
    assert sorted(str(SATURDAY) in message["text"] for message in day.messages) == [False, True]
    day.whole_day()
    assert len(day.messages) == 2


def test_a_quiet_day_is_judged_once_too(over: Over) -> None:
    day = over_a_weekend(over, {})
    day.whole_day()
    judged = dict(day.rows(JUDGED))
    assert judged[SATURDAY] == judged[SUNDAY] == judged[YESTERDAY] == 0
    first = day.rows("SELECT charge_period_start, x_judged_at FROM judged_days WHERE spikes = 0 ORDER BY 1")
    day.clock.pass_by(hours=1)
    day.detect()
    again = day.rows("SELECT charge_period_start, x_judged_at FROM judged_days WHERE spikes = 0 ORDER BY 1")
    assert [row for row in again if row not in first] == [again[-1]], "only the cost day itself"


def test_the_first_run_tells_nothing_of_old_days(over: Over) -> None:
    old = YESTERDAY - 5 * ONE_DAY
    day = over(steady_world(spikes={(old, "S3"): "320"}))

    assert day.whole_day() == []

    assert day.rows(SPIKES) == [(old, Decimal(300))]
    assert day.rows("SELECT COUNT(*) FROM spike_alerts") == [(0,)]
    assert day.messages == []


def test_missed_days_are_told_however_short_undelivered_ones_are_tried(over: Over) -> None:
    day = over_a_weekend(over, WEEKEND, redeliver_days=0)
    day.whole_day()
    assert len(day.messages) == 2


def test_a_backfill_judges_the_days_that_it_was_asked_for(over: Over) -> None:
    day = over_a_weekend(over, WEEKEND)
    day.whole_day(day.run(YESTERDAY, run_type="backfill"))
    assert day.rows(SPIKES) == []
    assert day.messages == []


def test_a_dry_run_leaves_missed_days_to_the_next_run(over: Over) -> None:
    day = over_a_weekend(over, WEEKEND)
    before = day.rows(JUDGED)
    day.detect(day.run(dry_run=True))
    assert day.rows(JUDGED) == before


def test_days_after_the_cost_day_are_left_to_their_own_runs(over: Over) -> None:
    day = over_a_weekend(over, WEEKEND)
    day.whole_day(day.run(SATURDAY))
    assert day.rows(SPIKES) == [(SATURDAY, Decimal(300))]


def test_a_day_that_was_restated_by_a_run_that_then_failed_is_judged_by_the_next(over: Over) -> None:
    day = over_a_weekend(over, {})
    day.whole_day()
    day.world.restate(SUNDAY, PROD, "S3", Decimal(20))
    day.clock.pass_by(hours=1)
    assert day.land().restated_days == [SUNDAY]  # and the run ends here

    day.clock.pass_by(hours=1)
    day.whole_day()

    (message,) = day.messages
    assert str(SUNDAY) in message["text"]
    day.clock.pass_by(hours=1)
    assert day.spikes.unjudged_days(FRIDAY, YESTERDAY, restated_start=FRIDAY) == []
