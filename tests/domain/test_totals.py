"""The ungrouped total of a day, which the groups have to meet."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.errors import DataContractError
from costspike.domain.totals import DayTotal, day_totals
from tests.cost_pages import DAY, amount, page

TOMORROW = date(2026, 11, 21)


def total(day: date = DAY, *, estimated: bool = False, **metrics: object) -> dict[str, Any]:
    end = date.fromordinal(day.toordinal() + 1)
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": end.isoformat()},
        "Total": metrics,
        "Groups": [],
        "Estimated": estimated,
    }


def test_a_total_has_both_bases_and_its_currency() -> None:
    period = total(
        UnblendedCost=amount("10.5"),
        AmortizedCost=amount("9"),
        NetAmortizedCost=amount("8.25"),
        UsageQuantity=amount("3", "N/A"),
        estimated=True,
    )
    assert day_totals([page(period)]) == [
        DayTotal(
            day=DAY,
            billing_currency="USD",
            billed_cost=Decimal("10.5"),
            effective_cost=Decimal("8.25"),
            estimated=True,
        )
    ]


@pytest.mark.parametrize(
    ("metrics", "effective"),
    [
        ({"UnblendedCost": amount("5")}, "5"),
        ({"UnblendedCost": amount("5"), "AmortizedCost": amount("4")}, "4"),
        ({"UnblendedCost": amount("5"), "AmortizedCost": amount("4"), "NetAmortizedCost": amount("0")}, "0"),
    ],
)
def test_the_basis_is_chosen_as_for_the_rows(metrics: dict[str, Any], effective: str) -> None:
    (found,) = day_totals([page(total(**metrics))])
    assert found.effective_cost == Decimal(effective)


def test_a_day_without_amounts_is_a_total_of_nothing() -> None:
    (found,) = day_totals([page(total())])
    assert (found.billing_currency, found.billed_cost, found.effective_cost) == ("", 0, 0)


def test_totals_come_in_the_order_of_the_pages() -> None:
    pages = [page(total(TOMORROW, UnblendedCost=amount("2"))), page(total(UnblendedCost=amount("1")))]
    assert [found.day for found in day_totals(pages)] == [TOMORROW, DAY]


def test_a_day_that_comes_twice_is_refused_by_name() -> None:
    twice = [page(total(UnblendedCost=amount("1"))), page(total(UnblendedCost=amount("1")))]
    with pytest.raises(DataContractError, match="the total of 2026-11-20 more than once"):
        day_totals(twice)


def test_two_currencies_in_one_total_are_refused() -> None:
    mixed = total(UnblendedCost=amount("1"), AmortizedCost=amount("1", "EUR"))
    with pytest.raises(DataContractError, match=r"2026-11-20 mixes the currencies \['EUR', 'USD'\]"):
        day_totals([page(mixed)])


@pytest.mark.parametrize("text", ["NaN", "Infinity", "", "abc", None, "1e40"])
def test_what_is_no_amount_is_refused_by_day(text: object) -> None:
    with pytest.raises(DataContractError, match="the total of 2026-11-20: the amount is"):
        day_totals([page(total(UnblendedCost=amount(text)))])


@pytest.mark.parametrize("cell", [{"Amount": "1"}, {"Unit": "USD"}, {"Amount": "1", "Unit": None}, "1", 3])
def test_a_total_without_amount_and_unit_is_refused_by_day(cell: object) -> None:
    with pytest.raises(
        DataContractError, match=r"the total of 2026-11-20 is .*expected metrics with Amount and Unit"
    ):
        day_totals([page(total(UnblendedCost=cell))])
