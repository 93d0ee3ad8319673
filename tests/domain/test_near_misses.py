"""Why a scope was not flagged, in data and in one sentence."""

from decimal import Decimal

import pytest

from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.near_misses import NearMiss, explain_largest_rises, explain_why_not
from costspike.domain.spikes import Scope
from tests.cost_histories import DAY, history, money

EC2 = Scope(account_id="1", service="EC2")
STEADY = [100] * 60


def missed(amounts: list[float], settings: DetectionSettings | None = None) -> NearMiss:
    return explain_why_not(history({"EC2": amounts, "S3": [50] * len(amounts)}), DAY, EC2, settings)


def test_a_small_rise_is_told_with_the_least_rise_that_matters() -> None:
    found = missed([*STEADY, 102])
    assert (found.missed, found.actual_cost, found.expected_cost) == ("impact", *money(102, 100))
    assert found.sentence == "It rose by 2.00, and a rise matters from 3.00 a day."


def test_a_small_percentage_is_told() -> None:
    found = missed([*STEADY, 109])
    assert found.missed == "impact_percent"
    assert found.sentence == "It rose by 9.0 % of what was expected; 10 % are asked for."


def test_a_rise_that_recent_days_had_as_well_is_unlikely_an_incident() -> None:
    found = missed([*(150 if day % 5 == 0 else 100 for day in range(60)), 150])
    assert found.missed == "likelihood_percent"
    assert "are asked for: " in found.sentence
    assert found.score is not None
    assert found.score < 1


def test_a_spike_is_told_to_be_flagged_and_its_figures_are_the_spikes() -> None:
    costs = history({"EC2": [*STEADY, 200], "S3": [50] * 61})
    spike = detect(costs, DAY)[0]
    found = explain_why_not(costs, DAY, EC2)
    assert found.missed == "flagged"
    assert (found.expected_cost, found.expected_high) == (spike.expected_cost, spike.expected_high)
    assert (found.score, found.gates) == (spike.score, spike.gates)


def test_the_second_day_of_an_incident_is_a_repeat() -> None:
    assert missed([*STEADY[1:], 200, 205]).missed == "repeat"


def test_a_broad_scope_whose_part_is_flagged_holds_nothing_of_its_own() -> None:
    costs = history({("1", "EC2"): [*STEADY, 200], ("2", "EC2"): [100] * 61})
    found = explain_why_not(costs, DAY, Scope(service="EC2"))
    assert (found.missed, found.expected_cost) == ("impact", Decimal(300))


@pytest.mark.parametrize(
    ("amounts", "scope", "reason"),
    [
        pytest.param([10] * 9, EC2, "history", id="nine-days"),
        pytest.param([10] * 61, Scope(account_id="1", service="Unknown"), "data", id="unknown-scope"),
        pytest.param([*[10] * 60, None], EC2, "data", id="no-rows-on-the-day"),
    ],
)
def test_what_cannot_be_judged_is_said(amounts: list[float | None], scope: Scope, reason: str) -> None:
    found = explain_why_not(history({"EC2": amounts}), DAY, scope)
    assert (found.missed, found.actual_cost, found.gates) == (reason, None, ())


def test_the_largest_rises_of_a_day_are_explained_with_what_moved() -> None:
    old, new = ("1", "EC2", "m5", "eu-west-1"), ("1", "EC2", "m7i", "eu-west-1")
    costs = history(
        {
            old: [*[100] * 60, 0],
            new: [*[0] * 60, 101],
            "S3": [*[50] * 60, 90],
            "RDS": [30] * 61,
            "KMS": [9] * 61,
        }
    )
    moved, total, flagged = explain_largest_rises(costs, DAY, most=3)
    assert moved.scope == Scope(account_id="1", service="EC2", usage_type="m7i", region="eu-west-1")
    assert moved.missed == "impact"
    assert moved.expected_cost == 100
    assert (flagged.scope.service, flagged.missed) == ("S3", "flagged")
    assert (total.scope, total.missed) == (Scope(), "impact")


def test_a_day_without_rows_or_history_is_one_answer() -> None:
    costs = history({"EC2": [100] * 5})
    assert [one.missed for one in explain_largest_rises(costs, DAY)] == ["history"]
    assert [one.missed for one in explain_largest_rises(costs[costs["usage_date"] < DAY], DAY)] == ["data"]


def test_within_a_scope_its_rises_are_told_and_itself_in_any_case() -> None:
    costs = history({("1", "EC2"): [*STEADY, 400], ("2", "S3"): [*STEADY, 108], ("3", "RDS"): [*STEADY, 90]})
    (found,) = explain_largest_rises(costs, DAY, within=Scope(account_id="2", service="S3"))
    assert (found.scope.service, found.missed) == ("S3", "impact_percent")
    (fell,) = explain_largest_rises(costs, DAY, within=Scope(account_id="3", service="RDS"))
    assert (fell.missed, fell.actual_cost) == ("impact", 90)
    (unknown,) = explain_largest_rises(costs, DAY, within=Scope(account_id="2", service="SQS"))
    assert unknown.sentence == "Nothing was ever spent in this scope."
