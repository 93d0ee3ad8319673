"""What a scope did on its odd days, and what it costs at this time of the month, is no news."""

from datetime import date

import pytest

from costspike.domain.detection import detect
from tests.cost_histories import DAY, daily, history

QUIET = [100 + day * 7 % 5 for day in range(90)]


def with_odd_days(agos: tuple[int, ...], cost: int) -> list[int]:
    return [cost if len(QUIET) - day in agos else was for day, was in enumerate(QUIET)]


@pytest.mark.parametrize(
    ("agos", "cost", "found"),
    [
        pytest.param((), 150, True, id="none"),
        pytest.param((20, 40), 150, True, id="two-may-be-incidents"),
        pytest.param((12, 24, 37, 50), 150, False, id="four-are-what-it-does"),
        pytest.param((12, 24, 37, 50), 50, False, id="four-falls-as-well"),
        pytest.param((12, 24, 37, 50), 112, True, id="four-smaller-ones"),
        pytest.param((70, 74, 79, 83), 150, True, id="too-long-ago"),
    ],
)
def test_a_rise_as_large_as_four_odd_days_of_nine_weeks_is_none(
    agos: tuple[int, ...], cost: int, *, found: bool
) -> None:
    assert bool(detect(history({"EC2": [*with_odd_days(agos, cost), 150]}), DAY)) is found


@pytest.mark.parametrize(("fee", "found"), [(300, False), (330, False), (900, True)])
def test_of_a_monthly_fee_only_what_is_beyond_two_earlier_months_counts(fee: int, *, found: bool) -> None:
    due = {date(2026, 1, 1): 300, date(2026, 2, 1): 300, date(2026, 3, 1): fee}
    support = daily(lambda day: due.get(day, 0), days=160, last=date(2026, 3, 1))
    costs = history({"Support": support, "EC2": [200] * 160}, date(2026, 3, 1))
    assert bool(detect(costs, date(2026, 3, 1))) is found
