"""Why a spike was flagged, in words."""

from dataclasses import replace

import pytest

from costspike.domain.spikes import COVERAGE_LOST, FELL_ELSEWHERE, PLAN_BOUGHT, PLAN_EXPIRED, Gate
from costspike.rendering.reasons import why_flagged
from tests.spike_cases import spike


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (FELL_ELSEWHERE, "Related costs fell by $90.00 at the same time, which is not counted as rise."),
        (PLAN_BOUGHT, "This is the cost of a commitment: a plan was probably bought."),
        (
            PLAN_EXPIRED,
            "A commitment's own cost fell by $90.00 (limit $30.00): a plan probably ended, and usage did not grow.",
        ),
        (
            COVERAGE_LOST,
            "90 % of the service rose alike (limit 30 %): a discount was probably lost, and usage did not grow.",
        ),
    ],
)
def test_a_signal_and_what_fell_elsewhere_are_sentences_and_no_limits(name: str, said: str) -> None:
    usual = spike()
    signalled = replace(usual, gates=(*usual.gates, Gate(name=name, value=90.0, limit=30.0)))
    assert why_flagged(signalled) == f"{why_flagged(usual)} {said}"


def test_the_days_compared_are_named() -> None:
    usual = spike()
    assert "Compared with the " in why_flagged(usual)
    assert usual.compared_days[0].weekday() == usual.day.weekday()
    slow = replace(usual, gates=(Gate(name="five_days", value=5.0, limit=3.0),))
    assert slow.compared_days == usual.compared_days[1:]
    assert "Compared with 2" in why_flagged(replace(usual, detector="day_over_day"))
