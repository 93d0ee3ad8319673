"""Landing: what becomes of a bill in the warehouse, whatever goes wrong on the way."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.domain.errors import DataContractError, DayNotAvailable, UpstreamError
from demo.world import World
from tests.at_once import at_once
from tests.usecases.land_cases import ONE_DAY, Over, charge, fail_from, reading
from tests.usecases.pipeline import DEV, PROD, TODAY, YESTERDAY, steady_world, usage_row


def test_every_charge_type_lands_apart_and_nothing_of_the_bill_is_dropped(over: Over) -> None:
    world = steady_world()
    kinds = {
        "SavingsPlanCoveredUsage": "40",
        "DiscountedUsage": "0",
        "SavingsPlanNegation": "-40",
        "SavingsPlanRecurringFee": "30",
        "Credit": "-12.5",
        "Refund": "-3",
        "Tax": "9.99",
        "Support": "100",
        "Something of 2027": "1",
    }
    world.add_rows(charge(YESTERDAY, kind, cost) for kind, cost in kinds.items())
    day = over(world, settings=reading())

    day.land()

    stored = dict(
        day.rows(
            "SELECT x_charge_type, SUM(billed_cost) FROM cloud_costs "
            f"WHERE charge_period_start = DATE '{YESTERDAY}' GROUP BY 1"
        )
    )
    assert stored == {
        "Usage": Decimal(190),
        "Credit": Decimal("-12.5"),
        "Refund": Decimal(-3),
        "Tax": Decimal("9.99"),
        "Other": Decimal(91),
    }
    assert sum(stored.values()) == sum(row.unblended for row in world.rows_of(YESTERDAY))
    assert day.check()


def test_estimated_days_are_marked_until_they_are_final(over: Over) -> None:
    world = steady_world()
    world.estimated_from = YESTERDAY
    day = over(world, settings=reading())
    day.land()
    estimated = "SELECT DISTINCT charge_period_start FROM cloud_costs WHERE x_estimated"
    assert day.rows(estimated) == [(YESTERDAY,)]
    world.estimated_from = TODAY
    day.clock.pass_by(hours=3)
    day.land()
    assert day.rows(estimated) == []


def test_account_names_are_landed(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    day.land()
    assert day.tables.account_names(YESTERDAY) == {PROD: "production", DEV: "development"}


def test_force_reads_final_days_again(over: Over) -> None:
    old = date(2026, 10, 12)
    day = over(steady_world(days=90), settings=reading(history_months=2))
    day.land()
    day.clock.pass_by(hours=10)
    day.world.restate(old, PROD, "S3", 3)
    assert day.land(day.run(old, run_type="backfill")).requests == 0
    day.clock.pass_by(hours=1)
    day.land(day.run(old, run_type="backfill", force=True))
    assert day.rows("SELECT charge_period_start, new_billed_cost FROM cloud_cost_revisions") == [
        (old, Decimal(60))
    ]


@pytest.mark.parametrize("cost_day", [TODAY, TODAY + ONE_DAY, date(2024, 1, 1)])
def test_a_cost_day_that_cannot_be_read_asks_nothing(over: Over, cost_day: date) -> None:
    day = over(steady_world())
    with pytest.raises(DataContractError, match=str(cost_day)):
        day.land(day.run(cost_day))
    assert day.explorer_server.requests == []


def test_a_day_that_has_only_credits_is_not_there_yet(over: Over) -> None:
    world = steady_world()
    world.set_rows([row for row in world.rows() if row.day != YESTERDAY])
    world.add_rows([charge(YESTERDAY, "Credit", "-5")])
    world.today = TODAY
    day = over(world, settings=reading())
    with pytest.raises(DayNotAvailable, match=rf"no data for {YESTERDAY} yet"):
        day.land()
    assert day.rows("SELECT COUNT(*) FROM cloud_costs") == [(0,)]


def test_a_day_that_arrives_late_lands_with_the_next_try(over: Over) -> None:
    world = steady_world()
    late = world.rows_of(YESTERDAY)
    world.set_rows([row for row in world.rows() if row.day != YESTERDAY])
    world.today = TODAY
    day = over(world, settings=reading())
    with pytest.raises(DayNotAvailable) as missing:
        day.land()
    assert missing.value.retryable
    world.add_rows(late)
    day.land()
    assert day.check()


def test_an_answer_about_other_days_than_asked_changes_nothing_else(over: Over) -> None:
    day = over(steady_world(), settings=reading(history="0"))
    day.land()
    held = day.rows("SELECT charge_period_start, COUNT(*) FROM cloud_costs GROUP BY 1 ORDER BY 1")
    assert held[0][0] == date(2026, 11, 14)
    assert held[-1][0] == YESTERDAY


def test_an_organisation_with_private_discounts_is_landed_net(over: Over) -> None:
    rows = [
        (*usage_row(TODAY - n * ONE_DAY, PROD, "EC2", "100")[:8], "80", "1", "Hrs", "USD")
        for n in range(1, 40)
    ]
    day = over(World.from_rows(rows, today=TODAY), settings=reading())
    day.land()
    stored = "SELECT DISTINCT billed_cost, effective_cost, x_cost_basis FROM cloud_costs"
    assert day.rows(stored) == [(Decimal(100), Decimal(80), "NetAmortizedCost")]
    assert day.check()


def test_two_runs_of_one_day_at_once_leave_one_bill(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    runs = [day.run(run_id=f"run {n}") for n in range(3)]
    results = at_once([lambda run=run: day.land(run) for run in runs])
    assert not [one for one in results if isinstance(one, Exception)]
    assert day.check()
    per_day = "SELECT COUNT(*) FROM cloud_costs GROUP BY charge_period_start, sub_account_id, service_name HAVING COUNT(*) > 1"
    assert day.rows(per_day) == []
    assert day.rows("SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]


def test_what_another_run_read_meanwhile_is_not_paid_again(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    waiting = day.run(run_id="waiting")
    day.clock.pass_by(minutes=1)
    day.land(day.run(run_id="first"))
    before = day.explorer_server.billed_pages
    day.clock.pass_by(minutes=1)
    late = day.run(run_id="waiting", started=waiting.started)
    day.land(late)
    assert day.explorer_server.billed_pages == before


def test_an_answer_that_stops_in_the_middle_of_its_pages_changes_nothing(over: Over, tmp_path: Any) -> None:
    day = over(steady_world(), settings=reading())
    day.land()
    before = day.rows("SELECT * FROM cloud_costs ORDER BY ALL")
    day.explorer_server.page_rows = 7
    day.world.restate(YESTERDAY, PROD, "S3", 2)
    day.clock.pass_by(hours=1)
    fail_from(day, len(day.explorer_server.cost_requests) + 4)
    with pytest.raises(UpstreamError):
        day.land()
    assert day.rows("SELECT * FROM cloud_costs ORDER BY ALL") == before


def test_a_bill_of_many_pages_lands_whole(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    day.explorer_server.page_rows = 4
    done = day.land()
    assert done.requests > 12
    assert day.check()
    assert day.rows("SELECT SUM(billed_cost) FROM cloud_costs")[0][0] == sum(
        row.unblended for row in day.world.rows() if row.day >= min(CostTables(day.database).landed_days())
    )


def test_moments_are_utc(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    day.land()
    state = day.tables.landed_days()[YESTERDAY]
    assert isinstance(state.observed_at, datetime)
    assert state.observed_at.utcoffset() == timedelta(0)
    assert abs(state.observed_at - day.clock()) < timedelta(seconds=1)
