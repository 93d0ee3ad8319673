"""What sensitivity turns: odds, and beyond 1 the least share of the bill; never what the user set in dollars."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.cost_rows import cost_table
from costspike.domain.detection import DetectionSettings, detect, detect_in
from tests.cost_histories import DAY, history

CHOICES = [DetectionSettings(sensitivity=sensitivity) for sensitivity in (0.5, 1.0, 3.0, 5.0)]
BILL = {("2", f"Service {number}"): [200.0] * 61 for number in range(10)}
"""A bill of 2,000 a day: at the usual share a rise matters from 8."""


def flagged(rise: float, **changes: float) -> bool:
    costs = history({**BILL, ("1", "EC2"): [*[10.0] * 60, 10.0 + rise]})
    return bool(detect(costs, DAY, DetectionSettings(**changes)))


@pytest.mark.parametrize(
    ("rise", "sensitivity", "found"),
    [
        (8.2, 1.0, True),
        (7.8, 1.0, False),
        (7.8, 0.5, False),
        (7.0, 2.0, True),
        (5.8, 5.0, True),
        (5.4, 5.0, False),
    ],
)
def test_above_1_a_smaller_share_of_the_bill_matters(rise: float, sensitivity: float, found: bool) -> None:
    assert flagged(rise, sensitivity=sensitivity) is found


def test_no_sensitivity_goes_below_the_dollars_that_were_set() -> None:
    assert not flagged(7.8, sensitivity=5.0, min_impact=7.9)
    assert flagged(8.0, sensitivity=5.0, min_impact=7.9)


@settings(max_examples=15, deadline=None)
@given(rises=st.lists(st.floats(0.0, 30.0), min_size=3, max_size=3))
def test_settings_that_are_judged_together_say_what_each_says_alone(rises: list[float]) -> None:
    risen = {("1", f"Job {at}"): [*[10.0 + at] * 60, 10.0 + at + rise] for at, rise in enumerate(rises)}
    table = cost_table(history({**BILL, **risen}), DAY)
    assert table is not None
    together = detect_in(table, CHOICES, "USD")
    assert together == [detect_in(table, [one], "USD")[0] for one in CHOICES]
