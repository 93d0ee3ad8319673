"""A day from Cost Explorer to Slack, run once, again, at once, and after AWS changed its mind."""

from datetime import timedelta
from decimal import Decimal

import pytest

from costspike.domain.errors import BudgetExceeded, DataContractError, DayNotAvailable, UpstreamError
from demo.world import World
from tests.usecases.pipeline import DEV, PROD, TODAY, YESTERDAY, steady_world, usage_row, with_settings

ONE_DAY = timedelta(days=1)
SPIKE = {(YESTERDAY, "S3"): "320"}


def test_a_spike_becomes_one_message_with_its_explanation(over):
    day = over(steady_world(spikes=SPIKE))

    (item,) = day.whole_day()

    assert item["label"] == f"{PROD} S3 +$300.00"
    (message,) = day.messages
    assert "production" in message["text"]
    assert "+$300.00" in message["text"]
    assert "[sandbox]" in str(message["blocks"])
    assert day.claude_server.billed == 1


def test_running_the_day_again_changes_nothing_and_pays_nothing(over):
    day = over(steady_world(spikes=SPIKE))
    first = day.whole_day()
    costs = "SELECT charge_period_start, sub_account_id, service_name, billed_cost FROM cloud_costs ORDER BY 1, 2, 3"
    before = day.rows(costs)

    assert day.whole_day() == first
    assert day.rows(costs) == before
    assert day.rows("SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]
    assert len(day.messages) == 1
    assert day.claude_server.billed == 1


def test_a_quiet_day_sends_nothing(over):
    day = over(steady_world())

    assert day.whole_day() == []
    assert day.messages == []


def test_a_level_shift_is_one_message_with_its_news_in_the_thread(over):
    since = YESTERDAY - 3 * ONE_DAY
    shifted = {(since + n * ONE_DAY, "S3"): "320" for n in range(4)}
    day = over(steady_world(spikes=shifted))

    for n in range(4):
        day.whole_day(day.run(since + n * ONE_DAY))

    first, *answers = day.messages
    assert [message["thread_ts"] for message in answers] == [first["ts"]] * 2
    assert day.rows("SELECT notify_reason FROM spike_alerts ORDER BY charge_period_start") == [
        ("first_notification",),
        ("grew",),
        ("grew",),
    ]


def test_an_empty_warehouse_is_filled_newest_first_and_usable_when_the_budget_stops_it(over):
    small = with_settings(
        alerts={"channel": "C0COSTS"},
        cost_explorer={"history_budget_usd": Decimal("0.07")},
        reading={"page_rows": 60},
    )
    day = over(steady_world(days=200, spikes=SPIKE), settings=small)

    landed = day.land()

    assert landed.history_problem == "budget used up"
    known = sorted(state for state in day.tables.landed_days())
    assert known[-1] == YESTERDAY
    assert known == [known[0] + n * ONE_DAY for n in range(len(known))]  # newest days, without a hole
    assert len(day.detect()) == 1


def test_the_daily_budget_is_a_hard_stop(over):
    poor = with_settings(cost_explorer={"daily_budget_usd": Decimal("0.02")})
    day = over(steady_world(), settings=poor)

    with pytest.raises(BudgetExceeded, match=r"cost_explorer\.daily_budget_usd"):
        day.land()

    assert day.explorer_server.billed_pages == 0  # half a reading would be paid for nothing
    assert day.rows("SELECT COUNT(*) FROM cloud_costs") == [(0,)]


def test_a_daily_run_takes_six_pages(over):
    day = over(steady_world())
    day.land()
    before = day.explorer_server.billed_pages

    day.clock.pass_by(hours=1)
    day.land()

    assert day.explorer_server.billed_pages - before == 6


def test_a_backfill_over_final_days_costs_nothing(over):
    day = over(steady_world(days=120))
    day.land()
    before = day.explorer_server.billed_pages

    for back in range(60, 90):
        day.whole_day(day.run(TODAY - back * ONE_DAY, run_type="backfill", started=day.clock()))

    assert day.explorer_server.billed_pages == before


def test_a_backfill_of_sixty_missing_days_takes_thirteen_request_sets_at_most(over):
    day = over(steady_world(days=120), settings=with_settings(reading={"history_months": 3}))
    began = day.clock()

    for back in range(60, 0, -1):
        day.whole_day(day.run(TODAY - back * ONE_DAY, run_type="backfill", started=began))

    assert day.explorer_server.billed_pages <= 13


def test_a_restated_amount_is_kept_as_a_revision_and_its_day_is_judged_again(over):
    world = steady_world()
    day = over(world)
    day.whole_day(day.run(YESTERDAY - ONE_DAY))
    world.restate(YESTERDAY - ONE_DAY, PROD, "S3", Decimal(20))

    day.clock.pass_by(hours=1)
    day.whole_day()

    assert day.rows(
        "SELECT charge_period_start, x_change, old_billed_cost, new_billed_cost FROM cloud_cost_revisions"
    ) == [(YESTERDAY - ONE_DAY, "changed", Decimal(20), Decimal(400))]
    (message,) = day.messages
    assert str(YESTERDAY - ONE_DAY) in message["text"]


def test_a_group_that_vanished_is_removed_and_recorded(over):
    world = steady_world()
    day = over(world)
    day.land()
    world.set_rows([row for row in world.rows() if not (row.account_id == DEV and row.day == YESTERDAY)])

    day.clock.pass_by(hours=1)
    day.land()

    assert day.rows(f"SELECT COUNT(*) FROM cloud_costs WHERE charge_period_start = DATE '{YESTERDAY}'") == [
        (2,)
    ]
    assert day.rows("SELECT sub_account_id, x_change, new_billed_cost FROM cloud_cost_revisions") == [
        (DEV, "vanished", None)
    ]


def test_a_day_without_data_is_no_day_without_cost(over):
    world = steady_world()
    day = over(world)
    day.land()
    tomorrow = day.run(TODAY)
    day.clock.pass_by(days=1)
    world.today = TODAY + ONE_DAY
    held = day.rows("SELECT COUNT(*) FROM cloud_costs")

    with pytest.raises(
        DayNotAvailable, match=rf"{TODAY}.*newest day in the warehouse is {YESTERDAY}, read 24\.0 h ago"
    ):
        day.land(day.run(tomorrow.cost_day))

    assert day.rows("SELECT COUNT(*) FROM cloud_costs") == held


@pytest.mark.parametrize(
    ("fault", "options", "named"),
    [
        ("bad_amount", {"value": "NaN"}, "NaN"),
        ("bad_amount", {"value": ""}, "amount is ''"),
        ("bad_amount", {"value": "Infinity"}, "Infinity"),
        ("bad_amount", {"value": "abc"}, "abc"),
        ("duplicate_group", {}, "more than once"),
        ("mixed_currency_in_group", {"currency": "EUR"}, "EUR"),
        ("no_results", {}, "ResultsByTime"),
        ("repeat_token", {}, "same page token"),
    ],
)
def test_bad_input_is_named_and_leaves_the_warehouse_whole(over, fault, options, named):
    day = over(steady_world())
    day.land()
    before = day.rows("SELECT * FROM cloud_costs ORDER BY ALL")
    day.clock.pass_by(hours=1)
    day.world.restate(YESTERDAY, PROD, "S3", Decimal(2))
    _second_request(day.explorer_server, fault, options)

    with pytest.raises((DataContractError, UpstreamError)) as refused:
        day.land()

    assert named in str(refused.value)
    assert day.rows("SELECT * FROM cloud_costs ORDER BY ALL") == before


def test_a_day_that_an_answer_leaves_out_keeps_what_it_had(over):
    day = over(steady_world())
    day.land()
    left_out = YESTERDAY - 2 * ONE_DAY
    for back in (1, 2, 3):
        day.world.restate(TODAY - back * ONE_DAY, PROD, "S3", Decimal(2))
    day.clock.pass_by(hours=1)
    _second_request(day.explorer_server, "missing_day", {"day": left_out})

    day.land()

    costs = dict(day.rows("SELECT charge_period_start, SUM(billed_cost) FROM cloud_costs GROUP BY 1"))
    assert costs[YESTERDAY] == Decimal(170)
    assert costs[left_out] == Decimal(150)
    assert day.check()


def _second_request(server, fault, options):
    """Spoil the answer about usage, which is asked for second; totals have no group to spoil."""
    asked = len(server.cost_requests)
    original = server.answer

    def answer(request, found):
        if len(server.cost_requests) - asked >= 2:
            server.answer = original
            server.faults.push(fault, **options)
            found = server.faults.take(server.method_of(request))
        return original(request, found)

    server.answer = answer


def test_what_does_not_add_up_is_not_judged(over):
    day = over(steady_world(spikes=SPIKE))
    day.land()
    with day.database.transaction() as tx:
        tx.cursor.execute("UPDATE cloud_cost_totals SET billed_cost = billed_cost + 1")

    with pytest.raises(DataContractError, match="reconciles"):
        day.check()


def test_names_of_any_kind_land_and_alert(over):
    name = "\u202e弹性 <!channel> {{ conn.slack_api_default.password }} " + "x" * 3000
    rows = list(steady_world().rows())
    rows += [
        usage_row(TODAY - back * ONE_DAY, PROD, name, "500" if back == 1 else "5") for back in range(1, 60)
    ]
    day = over(World.from_rows(rows, names={PROD: "prod"}, today=TODAY))

    (item,) = day.whole_day()

    assert item["alert"]
    assert day.slack_server.pings == []
    assert "{{" not in day.messages[0]["text"]
    assert len(day.messages) == 1
