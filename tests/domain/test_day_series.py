"""What a day looks like in Prometheus: sums are kept, their number is bounded."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.day_metrics import COST, OPEN, DayValue, day_value
from costspike.domain.day_series import day_series

FIRST = date(2026, 3, 1)
DAY = timedelta(days=1)


def cost(back: int, service: str, amount: float, currency: str = "USD") -> DayValue:
    return day_value(FIRST + DAY * back, COST, amount, currency=currency, account="1", service=service)


rows = st.lists(
    st.builds(
        cost,
        st.integers(0, 9),
        st.sampled_from("abcdefgh"),
        st.integers(-50, 1000),
        st.sampled_from(["USD", "EUR"]),
    ),
    max_size=60,
)


@given(values=rows, most=st.integers(1, 6), zero_days=st.integers(0, 5))
def test_the_sum_of_a_day_is_kept_within_the_bound(values: list[DayValue], most: int, zero_days: int) -> None:
    days = [FIRST + DAY * n for n in range(10)]
    found = day_series(values, days, max_series=most, zero_days=zero_days)
    sums: dict[tuple[date, str], float] = defaultdict(float)
    for value in values:
        sums[value.day, value.key.name] += value.value
    for day in days:
        for name in {key.name for key in found[day]}:
            assert sum(v for key, v in found[day].items() if key.name == name) == pytest.approx(
                sums[day, name]
            )
        # One more for the rest of each currency.
        assert len(found[day]) <= most + 2


@given(values=rows)
def test_the_order_of_rows_does_not_matter(values: list[DayValue]) -> None:
    days = [FIRST + DAY * n for n in range(10)]
    one = day_series(values, days, max_series=3, zero_days=2)
    assert one == day_series(values[::-1], days, max_series=3, zero_days=2)


def test_a_day_that_was_not_landed_gets_nothing_but_counts_for_zeros() -> None:
    found = day_series([cost(0, "a", 5)], [FIRST + DAY * 3], max_series=5, zero_days=3)
    assert found == {FIRST + DAY * 3: {cost(0, "a", 0).key: 0.0}}


def test_other_values_are_taken_as_they_are_for_landed_days_only() -> None:
    values = [day_value(FIRST, OPEN, 2, severity="P1"), day_value(FIRST + DAY, OPEN, 3, severity="P1")]
    assert day_series(values, [FIRST], max_series=1, zero_days=0) == {FIRST: {values[0].key: 2.0}}
