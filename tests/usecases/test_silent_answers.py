"""An answer that leaves a day out has nothing of it, or a hole: the day's total tells which."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from tests.usecases.land_cases import ONE_DAY, Over, charge, fine_world, reading
from tests.usecases.pipeline import YESTERDAY, Pipeline, steady_world

BILL = "SELECT charge_period_start, SUM(billed_cost) FROM cloud_costs GROUP BY 1 ORDER BY 1"
Leaves = Callable[[dict[str, Any], dict[str, Any]], bool]


def leave_out(day: Pipeline, leaves: Leaves) -> None:
    """Let Cost Explorer leave periods out of its answers: ``leaves`` is asked with question and period."""
    original = day.explorer_server.answer

    def answer(request: Any, fault: Any) -> Any:
        response = original(request, fault)
        told, asked = json.loads(response.body), request.json()
        told["ResultsByTime"] = [one for one in told["ResultsByTime"] if not leaves(asked, one)]
        return replace(response, body=json.dumps(told).encode())

    day.explorer_server.answer = answer  # type: ignore[method-assign]


def has_no_group(asked: dict[str, Any], period: dict[str, Any]) -> bool:
    return "GroupBy" in asked and not period["Groups"]


@pytest.mark.parametrize("grain", ["account_service", "account_service_usage_type"])
def test_days_without_a_group_may_be_left_out_of_an_answer(over: Over, grain: str) -> None:
    world = steady_world() if grain == "account_service" else fine_world()
    world.add_rows([charge(YESTERDAY, "Credit", "-12.5"), charge(YESTERDAY - 3 * ONE_DAY, "Tax", "7")])
    day = over(world, settings=reading(grain))
    leave_out(day, has_no_group)
    day.land()
    assert day.check()
    known = day.tables.landed_days()
    wanted = {one: sum(row.unblended for row in world.rows_of(one)) for one in sorted(known)}
    assert len(wanted) > 30
    assert dict(day.rows(BILL)) == wanted


def test_a_hole_in_the_cost_day_is_an_error_that_waiting_can_heal(over: Over) -> None:
    world = steady_world()
    world.add_rows([charge(YESTERDAY, "Tax", "7")])
    day = over(world, settings=reading())
    day.land()
    before = day.rows(BILL)
    day.clock.pass_by(hours=1)
    day.world.restate(YESTERDAY - ONE_DAY, "111111111111", "S3", Decimal(2))
    leave_out(day, lambda asked, period: is_about("Tax", asked) and starts(period, YESTERDAY))
    with pytest.raises(UpstreamError, match=rf"one leaves out {YESTERDAY}.*do not sum to its total") as hole:
        day.land()
    assert hole.value.retryable
    assert day.rows(BILL) == before


def test_a_hole_in_another_day_leaves_that_day_as_it_was(over: Over) -> None:
    odd = YESTERDAY - 2 * ONE_DAY
    world = steady_world()
    world.add_rows([charge(odd, "Tax", "7")])
    day = over(world, settings=reading())
    day.land()
    day.clock.pass_by(hours=1)
    for one in (odd, YESTERDAY):
        day.world.restate(one, "111111111111", "S3", Decimal(2))
    leave_out(day, lambda asked, period: is_about("Tax", asked) and starts(period, odd))
    day.land()
    bill = dict(day.rows(BILL))
    assert (bill[odd], bill[YESTERDAY]) == (Decimal(157), Decimal(170))
    assert day.check()


def is_about(charge_type: str, asked: dict[str, Any]) -> bool:
    return bool(asked.get("Filter", {}).get("Dimensions", {}).get("Values") == [charge_type])


def starts(period: dict[str, Any], day: date) -> bool:
    return bool(period["TimePeriod"]["Start"] == str(day))
