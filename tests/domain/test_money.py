"""Rounding, once."""

from decimal import Decimal

import pytest

from costspike.domain.money import cents, percent, written


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("1.005", "1.01"),
        ("-1.005", "-1.01"),
        ("-0.001", "0.00"),
        ("2", "2.00"),
        ("1e30", "1" + "0" * 30 + ".00"),
    ],
)
def test_cents(amount: str, expected: str) -> None:
    assert str(cents(Decimal(amount))) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [("1", "3", "33.3"), ("-1", "8", "-12.5"), ("0", "5", "0.0"), ("1", "16", "6.3")],
)
def test_percent(part: str, whole: str, expected: str) -> None:
    assert str(percent(Decimal(part), Decimal(whole))) == expected


@pytest.mark.parametrize("whole", ["0", "-3"])
def test_percent_of_nothing_is_unknown(whole: str) -> None:
    assert percent(Decimal(1), Decimal(whole)) is None


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0E-12", "0"),
        ("-0.000000000000", "0"),
        ("62.250000000000", "62.25"),
        ("1E+2", "100"),
        ("-1E-12", "-0.000000000001"),
        ("12345678901234567890123456.123456789012", "12345678901234567890123456.123456789012"),
    ],
)
def test_written_amounts_are_exact_and_in_digits(amount: str, expected: str) -> None:
    assert written(Decimal(amount)) == expected
