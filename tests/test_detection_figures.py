"""The figures of detection, guarded on small organisations that are made up.

A year of two organisations says only that nothing broke; ``python -m benchmarks detection`` gives the whole picture.
"""

import pytest

from benchmarks.detection import scored
from benchmarks.detection_score import Score
from benchmarks.organisations import organisation

USUAL, READY = 1.0, 5.0


@pytest.fixture(scope="module")
def scores() -> dict[float, Score]:
    made_up = [organisation(seed, most_accounts=2) for seed in (301, 306)]
    return scored(((org.costs(), org.labels()) for org in made_up), (USUAL, READY))[0]


def test_most_incidents_are_found_and_little_else(scores: dict[float, Score]) -> None:
    usual = scores[USUAL]
    assert usual.incidents.total() >= 15
    assert usual.f1 >= 0.75
    assert usual.false_a_month <= 0.25


def test_alerts_are_few_and_name_the_right_service(scores: dict[float, Score]) -> None:
    assert scores[USUAL].alerts_per_incident <= 1.5
    assert scores[USUAL].right >= 0.98


def test_sensitivity_buys_incidents_and_dollars_with_alerts(scores: dict[float, Score]) -> None:
    usual, ready = scores[USUAL], scores[READY]
    assert ready.recall >= max(usual.recall, 0.85)
    assert ready.caught >= usual.caught
    assert ready.false_a_month > usual.false_a_month
