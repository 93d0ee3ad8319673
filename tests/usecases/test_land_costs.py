"""Landing: what is asked for, at which grain, within which budget, and what is left when it stops."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.domain.errors import BudgetExceeded, DataContractError, DayNotAvailable, UpstreamError
from costspike.settings import Settings
from demo.world import World
from tests.adapters.test_warehouse_outbox import at_once
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
Over = Callable[..., Pipeline]


def reading(
    grain: str = "account_service", daily: str = "1.00", history: str = "2.00", **more: Any
) -> Settings:
    explorer = {"grain": grain, "daily_budget_usd": Decimal(daily), "history_budget_usd": Decimal(history)}
    return with_settings(cost_explorer=explorer, reading={"history_months": 1, **more})


def charge(
    day: date, kind: str, cost: str, *, amortized: str | None = None, account: str = PROD
) -> tuple[Any, ...]:
    return (
        day,
        account,
        "EC2",
        "USE1-x",
        "us-east-1",
        kind,
        cost,
        amortized or cost,
        None,
        "1",
        "Hrs",
        "USD",
    )


def questions(day: Pipeline) -> list[Mapping[str, Any]]:
    return day.explorer_server.cost_requests


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


def test_what_is_going_to_be_asked_is_said_before_and_booked_after(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    done = day.land()
    assert done.planned_requests == 6
    assert done.requests == day.explorer_server.billed_pages
    booked = dict(day.rows("SELECT purpose, SUM(requests) FROM api_spend GROUP BY 1"))
    assert sum(booked.values()) == done.requests
    assert done.as_dict()["usd"] == str(Decimal(done.requests) / 100)


def test_what_was_paid_before_a_failure_is_booked(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    fail_from(day, 4)
    with pytest.raises(UpstreamError):
        day.land()
    assert day.rows("SELECT SUM(requests) FROM api_spend") == [(3,)]
    assert day.rows("SELECT COUNT(*) FROM cloud_costs") == [(0,)]


def fail_from(day: Pipeline, request: int) -> None:
    """Let Cost Explorer refuse every request from the given one on."""
    original = day.explorer_server.answer

    def answer(asked: Any, fault: Any) -> Any:
        if len(questions(day)) >= request:
            day.explorer_server.faults.push("error", code="ValidationException")
            fault = day.explorer_server.faults.take(day.explorer_server.method_of(asked))
        return original(asked, fault)

    day.explorer_server.answer = answer  # type: ignore[method-assign]


def test_an_early_stop_leaves_the_newest_days_and_the_rest_comes_later(over: Over) -> None:
    few = reading(history="0.07", history_months=6, page_rows=60)
    day = over(steady_world(days=200), settings=few)
    first = day.land()
    assert first.history_problem == "budget used up"
    assert first.history_days_missing > 0
    missing = [first.history_days_missing]
    while missing[-1]:
        cost_day = day.world.today
        day.world.add_rows([usage_row(cost_day, PROD, "EC2", "100")])
        day.world.today = cost_day + ONE_DAY
        day.clock.pass_by(days=1)
        missing.append(day.land(day.run(cost_day)).history_days_missing)
        assert missing[-1] < missing[-2], "it gets on, every day"
    known = sorted(day.tables.landed_days())
    assert len(known) == (known[-1] - known[0]).days + 1


def test_a_failure_of_the_history_does_not_fail_the_day(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    fail_from(day, 7)
    done = day.land()
    assert "ValidationException" in done.history_problem
    assert YESTERDAY in day.tables.landed_days()
    assert day.check()


def test_the_history_has_a_budget_of_its_own(over: Over) -> None:
    day = over(steady_world(), settings=reading(daily="0.06", history="0"))
    done = day.land()
    assert (done.requests, done.history_problem) == (6, "budget used up")
    day.clock.pass_by(hours=1)
    with pytest.raises(BudgetExceeded, match=r"allows 0 more .*daily_budget_usd"):
        day.land()
    day.clock.pass_by(days=1)
    day.world.today = TODAY + ONE_DAY
    day.world.add_rows([usage_row(TODAY, PROD, "EC2", "100")])
    assert day.land(day.run(TODAY)).requests == 6, "a new day has a new budget"


def test_a_budget_too_small_for_a_range_pays_for_no_part_of_it(over: Over) -> None:
    day = over(steady_world(), settings=reading(history="0.05"))
    done = day.land()
    assert (done.requests, done.history_problem) == (6, "budget used up")
    assert done.history_days_missing > 0


def test_a_dry_run_asks_and_stores_nothing(over: Over) -> None:
    for grain in ("account_service", "auto"):
        day = over(steady_world(), settings=reading(grain))
        done = day.land(day.run(dry_run=True))
        assert done.planned_requests >= 6
        assert day.explorer_server.requests == []
        assert day.rows("SELECT COUNT(*) FROM cloud_cost_totals") == [(0,)]


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


def fine_world(accounts: int = 2) -> World:
    rows = []
    for back in range(1, 40):
        day = TODAY - back * ONE_DAY
        for n in range(accounts):
            for meter, cost in (("USE1-BoxUsage", "10"), ("EUC1-BoxUsage", "5"), ("Requests", "1")):
                rows.append(
                    (day, f"{n:012d}", "EC2", meter, "", "Usage", cost, cost, None, "1", "Hrs", "USD")
                )
        rows.append(charge(day, "Tax", "2", account=f"{0:012d}"))
    return World.from_rows(rows, names={f"{n:012d}": f"account {n}" for n in range(accounts)}, today=TODAY)


def test_the_finer_grain_lands_usage_types_and_regions_of_every_account(over: Over) -> None:
    day = over(fine_world(), settings=reading("account_service_usage_type"))
    day.land()
    stored = day.rows(
        "SELECT sub_account_name, sku_meter, region_id, billed_cost FROM cloud_costs "
        f"WHERE charge_period_start = DATE '{YESTERDAY}' AND x_charge_type = 'Usage' ORDER BY 1, 2"
    )
    assert stored == [
        (name, *part)
        for name in ("account 0", "account 1")
        for part in (
            ("EUC1-BoxUsage", "eu-central-1", Decimal(5)),
            ("Requests", "", Decimal(1)),
            ("USE1-BoxUsage", "us-east-1", Decimal(10)),
        )
    ]
    assert day.check()


def test_a_new_account_is_found_at_the_finer_grain(over: Over) -> None:
    day = over(fine_world(), settings=reading("account_service_usage_type"))
    day.land()
    new = "9" * 12
    day.world.add_rows([(YESTERDAY, new, "EC2", "USE1-x", "", "Usage", "7", "7", None, "1", "Hrs", "USD")])
    day.clock.pass_by(hours=1)
    day.land()
    assert day.rows(f"SELECT billed_cost FROM cloud_costs WHERE sub_account_id = '{new}'") == [(Decimal(7),)]
    assert day.check()


def test_auto_is_the_finer_grain_while_it_is_affordable(over: Over) -> None:
    day = over(fine_world(3), settings=reading("auto", daily="0.30"))
    day.land()
    assert day.rows("SELECT DISTINCT x_grain FROM cloud_cost_totals") == [("account_service_usage_type",)]


def test_auto_is_the_coarser_grain_where_the_finer_one_is_too_dear(over: Over) -> None:
    day = over(fine_world(30), settings=reading("auto", daily="0.20"))
    done = day.land()
    assert day.rows("SELECT DISTINCT x_grain FROM cloud_cost_totals") == [("account_service",)]
    assert YESTERDAY in day.tables.landed_days()
    assert done.requests <= 20 + 10


def test_a_change_of_the_grain_is_no_restatement(over: Over) -> None:
    day = over(fine_world(), settings=reading())
    day.land()
    day.settings = reading("account_service_usage_type")
    day.clock.pass_by(hours=1)
    assert day.land().restated_days == []
    assert day.rows("SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]


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
    fail_from(day, len(questions(day)) + 4)
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
