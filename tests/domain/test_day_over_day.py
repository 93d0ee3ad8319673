"""The original rule: the whole bill against the day before."""

from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.spikes import Gate, Scope, Spike
from tests.cost_histories import DAY, history, money

RULE = DetectionSettings(detector="day_over_day")


def judged(series: dict[Any, list[Any]], settings: DetectionSettings = RULE) -> list[Spike]:
    return detect(history(series), DAY, settings)


def test_a_total_that_rose_by_a_quarter_is_one_spike_of_the_total() -> None:
    spike = judged({"EC2": [80, 80, 100], "S3": [20, 20, 25]})[0]
    assert spike.scope == Scope()
    assert spike.detector == "day_over_day"
    assert (spike.actual_cost, spike.expected_cost, spike.previous_cost) == money(125, 100, 100)
    assert (spike.expected_low, spike.expected_high, spike.typical_cost) == money(100, 100, 100)
    assert spike.gates == (Gate(name="increase_percent", value=25.0, limit=25.0),)
    assert spike.score == 1


def test_a_total_that_rose_by_less_is_none() -> None:
    assert judged({"EC2": [100, "124.99"]}) == []


def test_the_percentage_is_a_setting_and_compared_exactly() -> None:
    settings = DetectionSettings(detector="day_over_day", day_over_day_percent=0.1)
    assert len(judged({"EC2": [100, "100.1"]}, settings)) == 1
    assert judged({"EC2": [100, "100.0999999999"]}, settings) == []


@pytest.mark.parametrize(
    "before", [pytest.param(None, id="no-rows"), pytest.param(0, id="zero"), pytest.param(-5, id="credit")]
)
def test_nothing_to_compare_with_is_no_verdict(before: float | None) -> None:
    assert judged({"EC2": [100, before, 500]}) == []


def test_contributors_are_services_over_all_accounts() -> None:
    spike = judged({("1", "EC2", "a"): [50, 70], ("2", "EC2", "b"): [50, 80], ("1", "S3"): [10, 5]})[0]
    first, remainder = spike.contributors
    assert (first.service, first.account_id, first.usage_type) == ("EC2", "", "")
    assert (first.before, first.after, first.delta) == money(100, 150, 50)
    assert (remainder.service, remainder.delta) == ("", Decimal(-5))
    assert first.delta + remainder.delta == spike.impact == Decimal(45)


def test_only_a_rise_of_more_than_a_dollar_is_listed() -> None:
    spike = judged({"EC2": [10, 20], "S3": [1, 2], "Lambda": [1, "2.01"]})[0]
    assert [part.service for part in spike.contributors] == ["EC2", "Lambda", ""]
    assert spike.contributors[-1].delta == 1


def test_at_most_five_services_are_listed_and_all_deltas_sum_to_the_impact() -> None:
    spike = judged({f"S{number}": [10, f"{20 + number}.0000000001"] for number in range(9)})[0]
    assert [part.service for part in spike.contributors] == ["S8", "S7", "S6", "S5", "S4", ""]
    assert sum(part.delta for part in spike.contributors) == spike.impact == Decimal("126.0000000009")


def test_a_percentage_against_the_day_before_fires_on_a_monday() -> None:
    # Why it is not the default.
    week = [100, 100, 100, 100, 100, 20, 20, 100]
    assert len(judged({"EC2": week * 5})) == 1
