"""Judging: what is stored, which items are mapped, and when nobody is to be told."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.usecases.day_policy import Policy, policy
from demo.world import World
from tests.usecases.pipeline import (
    DEV,
    PROD,
    TODAY,
    YESTERDAY,
    Pipeline,
    steady_world,
    usage_row,
    with_settings,
)

ONE_DAY = timedelta(days=1)
SPIKE = {(YESTERDAY, "S3"): "320"}
Over = Callable[..., Pipeline]
SPIKES = "SELECT charge_period_start, service_name, impact FROM cost_spikes ORDER BY 1, 2"


def landed(over: Over, spikes: dict[Any, str] | None = None, days: int = 60, **alerts: Any) -> Pipeline:
    sections: dict[str, Any] = {"alerts": {"channel": "C0COSTS", **alerts}, "reading": {"history_months": 2}}
    day = over(steady_world(days, spikes=spikes), settings=with_settings(**sections))
    day.land()
    return day


def test_an_item_is_small_plain_data(over: Over) -> None:
    day = landed(over, SPIKE)
    (item,) = day.detect()
    (spike,) = day.spikes.spikes_of(YESTERDAY)
    assert item == {
        "message_key": spike.spike_id,
        "spike_ids": [spike.spike_id],
        "label": f"{PROD} S3 +$300.00",
        "explain": True,
        "alert": True,
    }


def test_a_day_with_too_little_history_is_said_not_to_be_judged(
    over: Over, caplog: pytest.LogCaptureFixture
) -> None:
    day = landed(over, days=10)
    day.detect()
    assert (
        f"{YESTERDAY} cannot be judged yet: 9 of the 35 days before have costs, 14 are needed." in caplog.text
    )
    caplog.clear()
    day.settings = with_settings(day.settings, detection={"min_history_days": 9})
    day.detect()
    assert "cannot be judged" not in caplog.text


def test_items_depend_on_the_warehouse_only(over: Over) -> None:
    day = landed(over, {**SPIKE, (YESTERDAY, "EC2"): "900"})
    first = day.detect()
    assert [item["label"] for item in first] == [f"{PROD} EC2 +$800.00", f"{PROD} S3 +$300.00"]
    day.clock.pass_by(hours=2)
    assert day.detect(day.run(run_id="another")) == first


def test_a_quiet_day_has_no_item_and_replaces_an_older_verdict(over: Over) -> None:
    day = landed(over, SPIKE)
    day.detect()
    day.world.restate(YESTERDAY, PROD, "S3", Decimal("0.0625"))
    day.clock.pass_by(hours=1)
    day.land()
    assert day.detect() == []
    assert day.rows(SPIKES) == []
    assert day.rows("SELECT COUNT(*) FROM spike_alerts") == [(0,)]


def test_a_dry_run_judges_and_stores_nothing(over: Over) -> None:
    day = landed(over, SPIKE)
    assert day.detect(day.run(dry_run=True)) == []
    assert day.rows(SPIKES) == []
    assert day.rows("SELECT COUNT(*) FROM spike_alerts") == [(0,)]


def test_restated_days_are_judged_with_the_cost_day(over: Over) -> None:
    before = YESTERDAY - ONE_DAY
    day = landed(over, {(before, "S3"): "320", **SPIKE})
    items = day.detect(restated=[before])
    judged, _, impact = day.rows(SPIKES)[0]
    assert (judged, impact) == (before, Decimal(300))
    assert len(items) == len(day.rows(SPIKES))


def test_days_after_the_cost_day_are_not_judged(over: Over) -> None:
    day = landed(over, SPIKE)
    assert day.detect(day.run(YESTERDAY - ONE_DAY), restated=[YESTERDAY]) == []
    assert day.rows(SPIKES) == []


def test_an_undelivered_alert_goes_out_with_the_next_run(over: Over) -> None:
    day = landed(over, SPIKE)
    (missed,) = day.detect()
    later = next_day(day)
    (again,) = day.detect(later)
    assert again["message_key"] == missed["message_key"]
    assert again["alert"]
    day.send(again, later)
    assert len(day.messages) == 1
    assert day.detect(later) == []


def next_day(day: Pipeline, days: int = 1) -> Any:
    """Let days pass on which everything costs what it always does; return the run of the last."""
    for _ in range(days):
        cost_day = day.world.today
        day.world.add_rows([usage_row(cost_day, PROD, "EC2", "100"), usage_row(cost_day, PROD, "S3", "20")])
        day.world.add_rows([usage_row(cost_day, DEV, "EC2", "30")])
        day.world.today = cost_day + ONE_DAY
        day.clock.pass_by(days=1)
    run = day.run(cost_day)
    day.land(run)
    return run


@pytest.mark.parametrize(("redeliver_days", "days", "items"), [(7, 7, 1), (7, 8, 0), (2, 3, 0), (0, 1, 0)])
def test_an_undelivered_alert_is_tried_for_some_days(
    over: Over, redeliver_days: int, days: int, items: int
) -> None:
    day = landed(over, SPIKE, redeliver_days=redeliver_days)
    day.detect()
    assert len(day.detect(next_day(day, days))) == items


def test_a_backfill_does_not_deliver_what_others_left(over: Over) -> None:
    day = landed(over, SPIKE)
    day.detect()
    run = next_day(day)
    assert day.detect(day.run(run.cost_day, run_type="backfill")) == []


def test_alerts_of_later_days_are_left_to_their_own_runs(over: Over) -> None:
    day = landed(over, SPIKE)
    day.detect()
    assert day.detect(day.run(YESTERDAY - 2 * ONE_DAY)) == []


def test_what_was_sent_on_an_earlier_day_is_not_mapped_again(over: Over) -> None:
    day = landed(over, SPIKE)
    (item,) = day.detect()
    day.send(item)
    assert day.detect() == [item], "a rerun of the day shows it"
    assert day.detect(next_day(day)) == []


YOUNG, OLD = YESTERDAY - 2 * ONE_DAY, YESTERDAY - 30 * ONE_DAY


@pytest.mark.parametrize(
    ("run", "judged", "sections", "explain_and_alert"),
    [
        (("scheduled", YESTERDAY), YESTERDAY, {}, (True, True)),
        (("manual", OLD), OLD, {}, (True, True)),
        (("scheduled", YESTERDAY), YOUNG, {}, (True, True)),
        (("scheduled", YESTERDAY), OLD, {}, (False, False)),
        (("backfill", YOUNG), YOUNG, {}, (True, True)),
        (("backfill", OLD), OLD, {}, (False, False)),
        (("backfill", OLD), OLD, {"alerts": {"in_backfill": True}}, (False, True)),
        (("backfill", OLD), OLD, {"explain": {"in_backfill": True}}, (True, False)),
        (("backfill", OLD), OLD, {"alerts": {"max_age_days": 60}}, (True, True)),
        (("backfill", YESTERDAY), YESTERDAY, {"alerts": {"max_age_days": 0}}, (False, False)),
        (("scheduled", YESTERDAY), YESTERDAY, {"explain": {"enabled": False}}, (False, True)),
    ],
)
def test_old_days_are_told_only_when_asked(
    over: Over,
    run: tuple[str, date],
    judged: date,
    sections: dict[str, Any],
    explain_and_alert: tuple[bool, bool],
) -> None:
    run_type, cost_day = run
    acting = over(steady_world()).run(cost_day, run_type=run_type)
    explain, alert = explain_and_alert
    assert policy(acting, with_settings(**sections), judged) == Policy(explain=explain, alert=alert)


def test_a_dry_run_tells_nobody(over: Over) -> None:
    day = over(steady_world())
    assert policy(day.run(dry_run=True), with_settings(), YESTERDAY) == Policy(explain=False, alert=False)


def test_an_old_backfilled_spike_is_explained_when_asked_without_an_alert(over: Over) -> None:
    day = landed(over, {(OLD, "S3"): "320"}, days=120)
    day.settings = with_settings(day.settings, explain={"in_backfill": True})
    (item,) = day.detect(day.run(OLD, run_type="backfill"))
    assert (item["explain"], item["alert"]) == (True, False)


def test_a_digest_is_not_explained(over: Over) -> None:
    day = landed(over, {**SPIKE, (YESTERDAY, "EC2"): "900"}, max_items=1)
    first, rest = day.detect()
    assert (first["explain"], first["alert"]) == (True, True)
    assert (rest["explain"], rest["alert"]) == (False, True)
    assert rest["label"] == "1 more spikes"
    assert rest["message_key"].startswith("digest-")


def test_currencies_are_judged_apart(over: Over) -> None:
    rows = list(steady_world(spikes=SPIKE).rows())
    rows += [
        (*usage_row(TODAY - n * ONE_DAY, "3" * 12, "EC2", "9000" if n == 1 else "500")[:-1], "JPY")
        for n in range(1, 60)
    ]
    day = over(World.from_rows(rows, today=TODAY), settings=with_settings(reading={"history_months": 1}))
    day.land()
    day.detect()
    found = {spike.billing_currency: spike.impact for spike in day.spikes.spikes_of(YESTERDAY)}
    assert found == {"USD": Decimal(300), "JPY": Decimal(8500)}


def test_the_original_rule_can_be_chosen(over: Over) -> None:
    day = landed(over, {(YESTERDAY, "EC2"): "190", **SPIKE})
    day.settings = with_settings(day.settings, detection={"detector": "day_over_day"})
    (item,) = day.detect()
    (spike,) = day.spikes.spikes_of(YESTERDAY)
    assert (spike.detector, spike.scope.kind, spike.impact) == ("day_over_day", "total", Decimal(390))
    assert item["label"] == "all services +$390.00"


def test_credits_neither_make_nor_mask_a_spike(over: Over) -> None:
    world = steady_world(spikes=SPIKE)
    day_rows = [
        (YESTERDAY, PROD, "S3", "x", "", kind, cost, cost, None, "1", "Hrs", "USD")
        for kind, cost in (("Credit", "-300"), ("Tax", "900"))
    ]
    world.add_rows(day_rows)
    day = over(world, settings=with_settings(reading={"history_months": 1}))
    day.land()
    assert day.check()
    day.detect()
    assert [impact for *_, impact in day.rows(SPIKES)] == [Decimal(300)]
