"""What counts as a drop: a cost that is gone, not one that is late, moved, renamed or paid for in another way."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.drops import Drop, detect_drops, settled_day
from costspike.domain.spikes import Scope
from tests.cost_histories import DAY, daily, history, money

EC2 = "Amazon Elastic Compute Cloud - Compute"
PLAN = "Savings Plans for AWS Compute usage"
DAYS = 120


def wavy(level: float, *last: float, days: int = DAYS) -> list[float]:
    """Return a cost with a week's rhythm, and what it was on its last days."""
    usual = daily(lambda day: level * (0.9 if day.weekday() >= 5 else 1 + 0.01 * (day.day % 3)), days)
    return [*usual[: len(usual) - len(last)], *last]


def bill(fallen: Mapping[Any, Any] | None = None) -> dict[Any, Any]:
    """Return a bill of ten services in two accounts, some of them as told."""
    usual: dict[Any, Any] = {
        (str(1 + number % 2), f"Service {number}"): wavy(40 + number) for number in range(10)
    }
    return usual | dict(fallen or {})


def drops(series: Mapping[Any, Any], day: date = DAY, **settings: Any) -> list[Drop]:
    return detect_drops(history(series), day, DetectionSettings(**settings))


def scopes(found: list[Drop]) -> list[Scope]:
    return [one.scope for one in found]


def test_a_service_that_stops_is_a_drop_with_its_figures() -> None:
    (found,) = drops(bill({("1", "AmazonS3"): wavy(100, 0)}))
    assert found.scope == Scope(account_id="1", service="AmazonS3")
    assert (found.actual_cost, found.lowest_cost) == money(0, 90)
    assert 95 <= found.expected_cost <= 103
    assert found.fall == found.expected_cost - found.actual_cost
    assert all(gate.value >= gate.limit for gate in found.gates)


def test_a_usual_day_has_none() -> None:
    assert drops(bill()) == []


@pytest.mark.parametrize(
    "amounts",
    [
        pytest.param(wavy(100, 91), id="within the usual swing"),
        pytest.param(wavy(100, 95), id="above the lowest day"),
        pytest.param([*wavy(100)[:-30], 20, *wavy(100)[-29:-1], 50], id="was lower three weeks ago"),
        pytest.param(wavy(3, 0.5), id="below the floor"),
        pytest.param([100.0 if at % 4 else 0.0 for at in range(DAYS - 1)] + [0.0], id="runs now and then"),
        pytest.param(wavy(100, -50), id="a credit"),
        pytest.param([*wavy(100, days=DAYS - 1), None], id="a day after its last row"),
    ],
)
def test_what_is_usual_small_or_a_credit_is_none(amounts: list[float]) -> None:
    found = drops(bill({("1", "AmazonS3"): amounts}))
    assert scopes(found) == ([Scope(account_id="1", service="AmazonS3")] if None in amounts else [])


@settings(max_examples=5, deadline=None)
@given(share=st.floats(0.0, 0.9))
def test_a_day_that_is_low_everywhere_has_none(share: float) -> None:
    low = {name: [*amounts[:-1], amounts[-1] * share] for name, amounts in bill().items()}
    assert drops(low) == []


def test_what_is_told_once_is_not_told_again_until_it_falls_half_as_far_again() -> None:
    falling = [*[100.0] * (DAYS - 5), 70, 70, 69, 68, 10]
    series = bill({("1", "AmazonS3"): falling})
    told = [len(drops(series, DAY - timedelta(days=ago))) for ago in (4, 3, 2, 1, 0)]
    assert told == [1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    "risen",
    [
        pytest.param({("1", "Amazon Storage"): [0.0] * (DAYS - 1) + [101.0]}, id="another name"),
        pytest.param({("2", "AmazonS3"): [0.0] * (DAYS - 1) + [101.0]}, id="another account"),
    ],
)
def test_what_goes_on_under_another_name_or_account_is_none(risen: Mapping[Any, Any]) -> None:
    assert drops(bill({("1", "AmazonS3"): wavy(100, 0)} | dict(risen))) == []


def test_a_rename_is_none_at_the_finer_grain_though_it_took_two_days() -> None:
    old = ("1", "AmazonS3", "Storage", "us-east-1")
    new = ("1", "Amazon Storage", "Storage", "us-east-1")
    usual = {(*name, "Usage", f"region-{name[1][-1]}"): amounts for name, amounts in bill().items()}
    series = usual | {old: wavy(100, 40, 0), new: [0.0] * (DAYS - 2) + [60.0, 101.0]}
    assert drops(series) == []


@pytest.mark.parametrize("price", [0.3, 0.6, 1.0])
def test_usage_that_a_new_plan_pays_for_is_none_nor_is_a_plan_that_ended(price: float) -> None:
    bought = {("1", EC2): wavy(300, 0), ("2", PLAN): [0.0] * (DAYS - 1) + [300.0 * price]}
    ended = {("1", EC2): wavy(300, 600), ("2", PLAN): wavy(300 * price, 0)}
    assert drops(bill(bought)) == []
    assert drops(bill(ended)) == []


def test_a_service_that_falls_in_many_accounts_is_one_drop() -> None:
    thin = {(str(account), "AmazonS3"): wavy(2.9, 0.1) for account in range(1, 9)}
    assert scopes(drops(bill(thin))) == [Scope(service="AmazonS3")]


def test_no_dollar_is_in_two_drops() -> None:
    wide = {
        ("1", "AmazonS3"): wavy(100, 0),
        ("2", "AmazonS3"): wavy(100, 0),
        ("1", "AWS Lambda"): wavy(60, 0),
    }
    found = drops(bill(wide))
    assert len(found) == 3
    whole = sum(amounts[-8] for amounts in wide.values())
    assert float(sum(one.fall for one in found)) == pytest.approx(whole, rel=0.05)


def test_too_little_history_has_none() -> None:
    assert (
        drops({name: amounts[-12:] for name, amounts in bill({("1", "AmazonS3"): wavy(100, 0)}).items()})
        == []
    )


@settings(max_examples=10, deadline=None)
@given(
    level=st.floats(30.0, 500.0),
    left=st.floats(0.0, 0.6),
    seed=st.integers(0, 2**32 - 1),
    scale=st.sampled_from([0.5, 2.0, 1000.0]),
)
def test_order_and_currency_change_nothing_but_the_absolute_floor(
    level: float, left: float, seed: int, scale: float
) -> None:
    costs = history(bill({("1", "AmazonS3"): wavy(level, level * left)}))
    without_floor = DetectionSettings(min_impact=0.0)
    found = detect_drops(costs, DAY, without_floor)
    assert len(found) == 1
    shuffled = costs.iloc[np.random.default_rng(seed).permutation(len(costs))]
    assert detect_drops(shuffled, DAY, without_floor) == found
    scaled = costs.assign(amount_usd=[float(amount) * scale for amount in costs["amount_usd"]])
    other = detect_drops(scaled, DAY, without_floor)
    assert scopes(other) == scopes(found)
    assert float(other[0].fall) == pytest.approx(scale * float(found[0].fall), rel=1e-4)


def test_a_later_day_changes_no_drop_and_a_drop_is_no_spike() -> None:
    series = bill({("1", "AmazonS3"): wavy(100, 0)})
    found = drops(series)
    later = {name: [*amounts[1:], 7.0] for name, amounts in series.items()}
    costs = history(later, DAY + timedelta(days=1))
    assert detect_drops(costs, DAY) == found
    assert detect(costs, DAY) == []


@pytest.mark.parametrize(
    ("cost_day", "today", "judged"),
    [
        (date(2026, 3, 17), date(2026, 3, 18), date(2026, 3, 15)),
        (date(2026, 2, 1), date(2026, 3, 18), date(2026, 2, 1)),
    ],
    ids=["the scheduled run", "a backfill"],
)
def test_a_day_is_judged_when_it_has_been_over_for_two_days(
    cost_day: date, today: date, judged: date
) -> None:
    assert settled_day(cost_day, today) == judged
