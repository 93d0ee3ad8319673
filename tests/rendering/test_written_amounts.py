"""Amounts as people read them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.rendering.amounts import cents_total, money, number, percent, to_cents, whole_money


@pytest.mark.parametrize(
    ("amount", "currency", "sign", "written"),
    [
        pytest.param("1234.56", "USD", False, "$1,234.56", id="dollars"),
        pytest.param("-3", "USD", False, "-$3.00", id="minus-before-the-symbol"),
        pytest.param("3", "USD", True, "+$3.00", id="plus"),
        pytest.param("-3", "USD", True, "-$3.00", id="minus-with-sign"),
        pytest.param("0", "USD", True, "$0.00", id="zero-has-no-sign"),
        pytest.param("-0.004", "USD", True, "$0.00", id="no-negative-zero"),
        pytest.param("1234.56", "EUR", False, "€1,234.56", id="euros"),
        pytest.param("1234.56", "CNY", False, "CNY 1,234.56", id="other-currencies-by-code"),
        pytest.param("-1234.56", "CNY", False, "-CNY 1,234.56", id="minus-before-the-code"),
        pytest.param("2.675", "USD", False, "$2.68", id="half-up"),
        pytest.param("-2.675", "USD", False, "-$2.68", id="half-away-from-zero"),
        pytest.param("1", "", False, "1.00", id="no-currency"),
        pytest.param("1", "<!x>& ", False, "x 1.00", id="a-currency-is-letters-and-digits"),
        pytest.param(
            "99999999999999999999999999.995",
            "USD",
            False,
            "$100,000,000,000,000,000,000,000,000.00",
            id="wide",
        ),
    ],
)
def test_money(amount: str, currency: str, sign: bool, written: str) -> None:
    assert money(Decimal(amount), currency, sign=sign) == written


@pytest.mark.parametrize(
    ("amount", "sign", "written"),
    [
        pytest.param("1234.5", False, "$1,235", id="rounds-half-up"),
        pytest.param("-1234.4", True, "-$1,234", id="minus"),
        pytest.param("234.56", True, "+$235", id="plus"),
        pytest.param("0.4", False, "$0.40", id="below-one-keeps-its-cents"),
        pytest.param("1", False, "$1", id="one"),
    ],
)
def test_whole_money(amount: str, sign: bool, written: str) -> None:
    assert whole_money(Decimal(amount), "USD", sign=sign) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(None, "new", id="nothing-before"),
        pytest.param("37.5", "+38 %", id="up"),
        pytest.param("-5.2", "-5 %", id="down"),
        pytest.param("0.4", "0 %", id="rounded-to-nothing"),
        pytest.param("-0.4", "0 %", id="no-negative-zero"),
        pytest.param("12345", "+12,345 %", id="thousands"),
    ],
)
def test_percent(value: str | None, written: str) -> None:
    assert percent(None if value is None else Decimal(value)) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(3.912, "3.91", id="two-decimals"),
        pytest.param(20.0, "20", id="no-empty-decimals"),
        pytest.param(1250.5, "1,250.5", id="thousands"),
        pytest.param(100.0, "100", id="zeros-of-a-whole-number-stay"),
        pytest.param(1e15, "1e+15", id="long"),
        pytest.param(float("inf"), "∞", id="infinite"),
        pytest.param(float("-inf"), "-∞", id="minus-infinite"),
        pytest.param(float("nan"), "unknown", id="not-a-number"),
    ],
)
def test_number(value: float, written: str) -> None:
    assert number(value) == written


_amounts = st.decimals(-(10**26), 10**26, places=12, allow_nan=False, allow_infinity=False)


@given(_amounts)
def test_what_is_shown_is_less_than_a_cent_off(amount: Decimal) -> None:
    assert abs(to_cents(amount) - amount) <= Decimal("0.005")
    assert money(amount, "USD").replace("$", "").replace(",", "") == str(to_cents(amount))


@given(st.lists(st.decimals(-(10**20), 10**20, places=12), max_size=9))
def test_a_total_is_the_sum_of_what_is_shown(amounts: list[Decimal]) -> None:
    shown = [int(to_cents(amount).scaleb(2)) for amount in amounts]
    assert int(cents_total(amounts).scaleb(2)) == sum(shown)
