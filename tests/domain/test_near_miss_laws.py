"""What is flagged and what is asked about say the same, for bills of every shape."""

import pandas as pd
import pytest
from hypothesis import given, settings

from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.near_misses import explain_largest_rises, explain_why_not
from costspike.domain.spikes import Scope
from tests.bill_shapes import CHOICES, bills
from tests.cost_histories import DAY, history


@settings(deadline=None, max_examples=30)
@given(bills(), CHOICES)
def test_a_spike_that_is_asked_about_is_flagged_by_the_same_figures(
    costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    for spike in detect(costs, DAY, chosen):
        asked = explain_why_not(costs, DAY, spike.scope, chosen)
        assert asked.missed == "flagged"
        assert asked.gates == spike.gates
        band = next((gate for gate in spike.gates if gate.name == "band"), None)
        assert band is None or band.limit == pytest.approx(float(spike.expected_high), rel=1e-4, abs=1e-4)
        assert asked.expected_cost is not None
        assert abs(asked.expected_cost - spike.expected_cost) < 1


@settings(deadline=None, max_examples=20)
@given(bills(), CHOICES)
def test_of_the_largest_rises_exactly_the_spikes_are_flagged(
    costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    flagged = {spike.scope for spike in detect(costs, DAY, chosen)}
    for asked in explain_largest_rises(costs, DAY, chosen):
        assert (asked.missed == "flagged") == (asked.scope in flagged)
        failed = {gate.name for gate in asked.gates if gate.value < gate.limit}
        assert asked.missed in failed or asked.missed in {
            "flagged",
            "repeat",
            "fine_scope",
            "impact",
            "credit",
        }


def test_a_total_that_finer_spikes_explain_says_so() -> None:
    costs = history({"EC2": [*[100] * 60, 400], "S3": [50] * 61})
    total = explain_why_not(costs, DAY, Scope())
    assert total.missed == "impact"
    assert total.sentence == (
        "Beyond the 300.00 of its flagged parts it rose by 0.00, and a rise matters from 3.00 a day."
    )


def test_a_fall_and_a_smaller_credit_are_no_rise() -> None:
    costs = history({"EC2": [*[100] * 60, 80], "S3": [*[-100] * 60, -20]})
    fell = explain_why_not(costs, DAY, Scope(account_id="1", service="EC2"))
    assert (fell.missed, fell.sentence) == ("impact", "The day's cost is not above what was expected.")
    assert explain_why_not(costs, DAY, Scope(account_id="1", service="S3")).missed == "credit"
