"""What is written to Prometheus: never a sample twice, and afterwards it says what was wanted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.day_metrics import COST, EXPECTED, IMPACT, Key, day_value, metric_of
from costspike.domain.errors import DataContractError
from costspike.domain.metric_revisions import (
    LAST,
    NOON,
    Held,
    as_wanted,
    day_start,
    missing,
    revisions,
    same,
)

DAY = date(2026, 3, 1)
KEYS = [Key(f"{COST}_usd", (("service", name),)) for name in "abc"] + [
    Key(f"{EXPECTED}_usd"),
    Key(f"{IMPACT}_usd"),
]
values = st.floats(allow_infinity=False) | st.just(0.0)
series = st.dictionaries(st.sampled_from(KEYS), values)


@given(days=st.lists(series, min_size=1, max_size=6))
def test_a_day_that_changes_is_always_followed_and_no_stamp_is_used_twice(
    days: list[dict[Key, float]],
) -> None:
    held: dict[Key, Held] = {}
    used: set[tuple[Key, int]] = set()
    for wanted in days:
        for sample in revisions(DAY, wanted, held):
            assert (sample.key, sample.stamp) not in used
            assert day_start(DAY) + NOON <= sample.stamp < day_start(DAY) + LAST
            used.add((sample.key, sample.stamp))
            held[sample.key] = Held(sample.stamp, sample.value)
        now = {key: sample.value for key, sample in held.items()}
        assert as_wanted(wanted, now)
        assert missing(wanted, now) == []
        assert revisions(DAY, wanted, held) == [], "a second time writes nothing"
        assert all(same(now[key], value) for key, value in wanted.items())


def test_what_does_not_stand_any_more_is_zero_or_unknown() -> None:
    cost, expected = Key(f"{COST}_usd"), Key(f"{EXPECTED}_usd")
    noon = day_start(DAY) + NOON
    found = {
        sample.key: sample for sample in revisions(DAY, {}, {cost: Held(noon, 3), expected: Held(noon, 2)})
    }
    assert found[cost].value == 0
    assert not same(found[expected].value, 0)
    assert same(found[expected].value, metric_of(expected.name).withdrawn)


def test_foreign_samples_before_noon_do_not_shift_the_stamp() -> None:
    (sample,) = revisions(DAY, {KEYS[0]: 2.0}, {KEYS[0]: Held(day_start(DAY) + 60, 1.0)})
    assert sample.stamp == day_start(DAY) + NOON


def test_a_day_without_a_second_left_is_an_error() -> None:
    full = {KEYS[0]: Held(day_start(DAY) + LAST - 1, 1.0)}
    with pytest.raises(DataContractError, match="more revisions"):
        revisions(DAY, {KEYS[0]: 2.0}, full)


def test_a_yesterday_lies_in_a_window_of_36_hours_at_any_second_of_today_and_no_other_day_does() -> None:
    today = day_start(DAY + timedelta(days=1))
    window = 36 * 3600
    for now in (today, today + 1, today + NOON, today + 86_399):
        in_window = [
            back for back in range(4) if now - window < day_start(DAY - timedelta(days=back)) + NOON <= now
        ]
        # The stamp of today itself is not written before today is over.
        assert in_window == [0]


@pytest.mark.parametrize("currency", ["", "EURO", "e1", "$$$"])
def test_an_amount_without_a_currency_code_is_not_published(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        day_value(DAY, COST, 1.0, currency=currency, account="1", service="s")


def test_other_labels_than_declared_are_refused() -> None:
    with pytest.raises(ValueError, match="has the labels"):
        day_value(DAY, COST, 1.0, currency="USD", account="1", service="s", region="x")


def test_a_name_says_its_currency_and_a_label_is_clean() -> None:
    found = day_value(DAY, COST, 1.0, currency="CNY", account="", service="a\u202eb\nc" + "x" * 2000)
    assert found.key.name == "costspike_daily_cost_cny"
    ((label, value),) = found.key.labels
    assert (label, value[:5], len(value)) == ("service", "ab cx", 1024)
