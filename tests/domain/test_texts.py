"""Texts of others, made safe to show."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.texts import plain, shortened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USE1-NatGateway-Bytes", "USE1-NatGateway-Bytes"),
        ("a\nb\t c\u00a0d", "a b c d"),
        ("a\u202eb\u2066c\u200bd\x00e", "abcde"),
        ("größer ≥ 東京", "größer ≥ 東京"),
        ("a\u2028b", "a b"),
        ("hidden \U000e0041\U000e0042", "hidden"),
    ],
)
def test_plain_keeps_what_people_can_read(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text())
def test_plain_leaves_nothing_invisible_and_is_done_at_once(text: str) -> None:
    result = plain(text)
    assert not [char for char in result if unicodedata.category(char).startswith("C")]
    assert plain(result) == result


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("costs $1,234.56 a day", 12, "costs…"),
        ("unbroken-name", 6, "unbro…"),
    ],
)
def test_shortened_is_visible_and_does_not_halve_a_number(text: str, limit: int, expected: str) -> None:
    assert shortened(text, limit) == expected


@given(st.text(), st.integers(1, 50))
def test_shortened_keeps_the_limit(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit
