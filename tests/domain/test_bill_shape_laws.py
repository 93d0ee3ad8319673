"""What does not matter to a verdict, for bills of every shape, commitments among them."""

import random
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.detection import DetectionSettings, detect
from tests.bill_shapes import CHOICES, EC2, PLAN, bills
from tests.cost_histories import DAY

LAW = settings(deadline=None, max_examples=12)
NAMES = ("account_id", "service", "usage_type", "region")
KNOWN = (PLAN, EC2, "")
"""Names that mean something: what is paid for by a commitment is a rule."""


@LAW
@given(bills(), CHOICES, st.integers(0, 10**6))
def test_consistent_other_names_in_another_order_change_nothing(
    costs: pd.DataFrame, chosen: DetectionSettings, seed: int
) -> None:
    other = {}
    for column in NAMES:
        words = sorted(set(costs[column]) - set(KNOWN))
        random.Random(seed).shuffle(words)
        other[column] = dict(zip(words, (f"{column} {number}" for number in range(len(words))), strict=True))
    renamed = costs.assign(
        **{column: costs[column].map(lambda word, new=other[column]: new.get(word, word)) for column in NAMES}
    )
    before = detect(costs, DAY, chosen)
    after = {spike.scope: spike for spike in detect(renamed.sample(frac=1, random_state=seed), DAY, chosen)}
    assert len(after) == len(before)
    for spike in before:
        scope = type(spike.scope)(
            **{one: other[one].get(getattr(spike.scope, one), getattr(spike.scope, one)) for one in NAMES}
        )
        assert float(after[scope].impact) == pytest.approx(float(spike.impact), rel=1e-6, abs=1e-4)
        assert after[scope].score == pytest.approx(spike.score, abs=1e-6)


@LAW
@given(bills(), CHOICES, st.sampled_from([0.013, 0.37, 7.3, 1e3, 1e7]))
def test_another_currency_scales_the_dollars_and_changes_no_verdict(
    costs: pd.DataFrame, chosen: DetectionSettings, factor: float
) -> None:
    scaled = costs.assign(amount_usd=costs["amount_usd"] * factor)
    limits = chosen.model_copy(update={"min_impact": chosen.min_impact * factor})
    before, after = detect(costs, DAY, chosen), detect(scaled, DAY, limits)
    assert {spike.scope for spike in after} == {spike.scope for spike in before}
    impacts = {spike.scope: float(spike.impact) * factor for spike in before}
    for spike in after:
        assert float(spike.impact) == pytest.approx(impacts[spike.scope], rel=1e-4, abs=1e-4)


@LAW
@given(bills(), CHOICES)
def test_series_of_zeros_and_later_days_change_nothing(
    costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    zeros = costs.drop_duplicates("usage_date").assign(service=EC2, usage_type="none", amount_usd=0.0)
    later = costs.assign(
        usage_date=[day + timedelta(days=200) for day in costs["usage_date"]], amount_usd=1e6
    )
    assert detect(pd.concat([zeros, costs, later]), DAY, chosen) == detect(costs, DAY, chosen)
