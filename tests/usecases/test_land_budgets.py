"""Landing within budgets: what is asked for, what is paid, and what is left when it stops."""

from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.errors import BudgetExceeded, UpstreamError
from tests.usecases.land_cases import ONE_DAY, Over, fail_from, reading
from tests.usecases.pipeline import PROD, TODAY, YESTERDAY, steady_world, usage_row


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


def test_each_page_is_booked_before_the_next_is_asked_for(over: Over) -> None:
    day = over(steady_world(), settings=reading())
    booked: list[int] = []
    original = day.explorer_server.answer

    def answer(asked: Any, fault: Any) -> Any:
        booked.append(day.rows("SELECT COALESCE(SUM(requests), 0) FROM api_spend")[0][0])
        return original(asked, fault)

    day.explorer_server.answer = answer  # type: ignore[method-assign, assignment]
    day.land()
    assert booked == list(range(len(booked))), "a process that is killed here leaves a whole ledger"


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
