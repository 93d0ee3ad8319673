"""The split of an excess: three effects that say what they say, and sum to it exactly."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.evidence.effect_split import Series, effect_split, effects_of, rounded_to_sum
from costspike.domain.evidence.records import Evidence

NAMES = ("111111111111", "EC2", "USE1-BoxUsage", "us-east-1")
USD = st.decimals(min_value=0, max_value=10**9, places=12)


def series(**changes: Any) -> Series:
    """Return 28 days of 10 hours at 2 USD, half of it taken off by a commitment."""
    known: dict[str, Any] = {
        "account_id": NAMES[0],
        "service": NAMES[1],
        "usage_type": NAMES[2],
        "region": NAMES[3],
        "unit": "Hrs",
        "billed_before": Decimal(560),
        "effective_before": Decimal(280),
        "quantity_before": Decimal(280),
        "billed": Decimal(20),
        "effective": Decimal(10),
        "quantity": Decimal(10),
    }
    return Series(**(known | changes))


def effects(expected: str = "10", **changes: Any) -> tuple[Decimal, Decimal, Decimal]:
    found = effects_of(series(**changes), Decimal(expected))
    assert found is not None
    return found.usage, found.price, found.commitment


def test_a_day_as_usual_has_no_effect() -> None:
    assert effects() == (0, 0, 0)


def test_twice_the_hours_is_usage() -> None:
    assert effects(quantity=Decimal(20), billed=Decimal(40), effective=Decimal(20)) == (10, 0, 0)


def test_a_dearer_hour_is_unit_price() -> None:
    assert effects(billed=Decimal(60), effective=Decimal(30)) == (0, 20, 0)


def test_a_savings_plan_that_ends_is_commitment() -> None:
    assert effects(effective=Decimal(20)) == (0, 0, 10)


def test_the_three_at_once_are_told_apart() -> None:
    found = effects_of(series(quantity=Decimal(20), billed=Decimal(60), effective=Decimal(60)), Decimal(10))
    assert found is not None
    assert (found.usage, found.price, found.commitment) == (10, 10, 30)
    assert (found.usage_percent, found.price_percent, found.commitment_percent) == (100, 50, 100)


def test_what_has_no_past_is_all_usage() -> None:
    nothing = {name: Decimal(0) for name in ("billed_before", "effective_before", "quantity_before")}
    assert effects("0", **nothing) == (10, 0, 0)


def test_what_ended_is_all_usage() -> None:
    nothing = {name: Decimal(0) for name in ("billed", "effective", "quantity")}
    assert effects("10", **nothing) == (-10, 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"quantity": None}, id="no quantity on the day"),
        pytest.param({"quantity_before": None}, id="no quantity before"),
        pytest.param({"quantity": Decimal(0)}, id="costs without usage"),
        pytest.param({"quantity_before": Decimal(0)}, id="costs without usage before"),
        pytest.param({"effective_before": Decimal(-1)}, id="less than free"),
        pytest.param({"quantity": Decimal(-1)}, id="usage that was taken back"),
    ],
)
def test_what_cannot_be_split_is_not(changes: dict[str, Any]) -> None:
    assert effects_of(series(**changes), Decimal(10)) is None


@given(expected=USD, amounts=st.lists(USD, min_size=6, max_size=6))
def test_the_effects_sum_to_the_excess_exactly(expected: Decimal, amounts: list[Decimal]) -> None:
    names = ("billed_before", "effective_before", "quantity_before", "billed", "effective", "quantity")
    one = series(**dict(zip(names, amounts, strict=True)))
    found = effects_of(one, expected)
    if found is not None:
        assert found.usage + found.price + found.commitment == found.delta == one.effective - expected


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=12), min_size=1, max_size=6))
def test_rounded_parts_sum_to_the_rounded_sum(amounts: list[Decimal]) -> None:
    parts = list(rounded_to_sum(amounts))
    assert abs(sum(parts, Decimal(0)) - sum(amounts, Decimal(0))) <= Decimal("0.005")
    assert all(abs(part - amount) <= Decimal("0.01") for part, amount in zip(parts, amounts, strict=True))


def split(impact: str, **changes: Any) -> Evidence:
    return effect_split({NAMES: Decimal(10)}, [series(**changes)], Decimal(impact))


def test_the_sheet_says_what_could_not_be_split_and_sums_to_the_impact() -> None:
    evidence = split("12.345", quantity=Decimal(20), billed=Decimal(40), effective=Decimal(20))
    assert dict(evidence.rows[0].values) == {
        "usage_effect_cost": "10.00",
        "unit_price_effect_cost": "0.00",
        "commitment_effect_cost": "0.00",
        "not_split_cost": "2.35",
        "sum_of_the_four_cost": "12.35",
        "usage_share_of_impact_percent": "81.0",
        "unit_price_share_of_impact_percent": "0.0",
        "commitment_share_of_impact_percent": "0.0",
    }
    part = evidence.rows[1].values
    assert (part["usage_change_percent"], part["unit_price_change_percent"]) == ("100.0", "0.0")
    assert (part["quantity_of_the_day"], part["unit"]) == ("20", "Hrs")


def test_without_quantities_it_says_so() -> None:
    evidence = split("10", quantity=None)
    assert (evidence.state, evidence.rows) == ("unavailable", ())
    assert "grain by usage type" in evidence.note


def test_a_contributor_that_is_not_landed_by_usage_type_is_left_to_the_rest() -> None:
    evidence = effect_split({NAMES: Decimal(10), ("", "S3", "x", ""): Decimal(1)}, [series()], Decimal(5))
    assert evidence.rows[0].values["not_split_cost"] == "5.00"
