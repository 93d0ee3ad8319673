"""What is flagged and what is asked about say the same, for bills of every shape."""

from datetime import timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.near_misses import explain_largest_rises, explain_why_not
from costspike.domain.spikes import Scope
from tests.cost_histories import COLUMNS, DAY, history

PLAN, EC2 = "Savings Plans for AWS Compute usage", "Amazon Elastic Compute Cloud - Compute"
SHAPES = ("flat", "job", "shift", "spike", "new", "ended", "credit", "renamed", "leak")
CHOICES = st.sampled_from(
    [
        DetectionSettings(),
        DetectionSettings(sensitivity=4),
        DetectionSettings(sensitivity=10, min_impact=0, min_impact_share_percent=0, min_impact_percent=0),
    ]
)


def _shaped(shape: str, amounts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the amounts with what happened to them in the last days."""
    days = int(random.integers(1, 10))
    factor = np.ones(len(amounts))
    if shape == "job":
        factor = (random.random(len(amounts)) < 0.2).astype(float)
    elif shape == "shift":
        factor[-days:] = random.choice([1.3, 2, 8])
    elif shape == "spike":
        factor[-1] = random.choice([1.2, 2, 20])
    elif shape == "new":
        factor[:-days] = 0
    elif shape == "ended":
        factor[-days:] = 0
    elif shape == "credit":
        factor *= -0.3
    elif shape == "leak":
        factor[-30:] = np.linspace(1, 2, len(factor[-30:]))
    return amounts * factor


@st.composite
def bills(draw: st.DrawFn) -> pd.DataFrame:
    """Return two to four months of up to twenty series, commitments among them, each of its own shape."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = draw(st.sampled_from([40, 70, 120]))
    whole_day = draw(st.sampled_from([1.0, 1.0, 0.7, 1.3]))
    rows = []
    for _ in range(draw(st.integers(1, 20))):
        account, service = random.choice(list("1234")), random.choice([EC2, PLAN, "S3", "Glue", "Lambda"])
        usage_type, shape = random.choice(["a", "b", "c"]), random.choice(SHAPES)
        usual = 10 ** random.uniform(0, 3.5)
        swing = 1 + random.choice([0.01, 0.1, 0.4]) * random.standard_normal(days)
        amounts = _shaped(shape, usual * swing, random)
        amounts[-1] *= whole_day
        renamed = days - int(random.integers(1, 20)) if shape == "renamed" else days
        for day, amount in enumerate(amounts):
            name = service if day < renamed else f"New {service}"
            when = DAY - timedelta(days=days - 1 - day)
            rows.append((when, account, name, usage_type, "eu-west-1", round(float(amount), 6)))
    return pd.DataFrame(rows, columns=COLUMNS)


@settings(deadline=None, max_examples=30)
@given(bills(), CHOICES)
def test_a_spike_that_is_asked_about_is_flagged_by_the_same_figures(
    costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    for spike in detect(costs, DAY, chosen):
        asked = explain_why_not(costs, DAY, spike.scope, chosen)
        assert asked.missed == "flagged"
        assert asked.gates == spike.gates
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
