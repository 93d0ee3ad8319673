"""How amounts are written for people: rounded once, as ``costspike.domain.money`` rounds them.

Slack and the dashboard show what these functions return.
"""

import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

from costspike.domain.money import cents

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_ONE = Decimal(1)
# Wide enough for any sum of the warehouse's NUMERIC(38, 12): the default of 28 digits could raise.
_WIDE = Context(prec=100, rounding=ROUND_HALF_UP)
_NOT_A_CODE = re.compile(r"[^A-Za-z0-9]")
_CODE_LENGTH = 8
_LONGEST_NUMBER = 1e12


def money(amount: Decimal, currency: str, *, sign: bool = False) -> str:
    """Return an amount with cents: ``$1,234.56``, ``-$3.00``, ``CNY 1,234.56``; ``+$3.00`` with ``sign``."""
    return _written(to_cents(amount), currency, sign=sign, places=2)


def whole_money(amount: Decimal, currency: str, *, sign: bool = False) -> str:
    """Return an amount without cents: ``$1,235``.

    Below one unit the cents are kept: a spike of 40 cents must not read ``$0``.
    """
    if abs(amount) < _ONE:
        return money(amount, currency, sign=sign)
    return _written(_WIDE.quantize(amount, _ONE), currency, sign=sign, places=0)


def percent(value: Decimal | None) -> str:
    """Return a change in percent: ``+38 %``, ``-5 %``, ``0 %``; ``new`` where nothing was there before."""
    if value is None:
        return "new"
    whole = _WIDE.quantize(value, _ONE)
    return f"{whole:+,} %" if whole else "0 %"


def currency_code(currency: str) -> str:
    """Return the code as letters and digits, whatever the bill says; empty where nothing is left."""
    return _NOT_A_CODE.sub("", currency)[:_CODE_LENGTH]


def to_cents(amount: Decimal) -> Decimal:
    """Return the amount that people are shown, to add up columns exactly as they are read."""
    return cents(amount)


def cents_total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum of amounts as they are shown, each rounded before it is added."""
    total = Decimal(0)
    for amount in amounts:
        total = _WIDE.add(total, to_cents(amount))
    return total


def number(value: float) -> str:
    """Return a measured value that is no money, with at most two decimals: ``2.4``, ``1,250``."""
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if abs(value) >= _LONGEST_NUMBER:
        return f"{value:.3g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _written(amount: Decimal, currency: str, *, sign: bool, places: int) -> str:
    code = currency_code(currency)
    unit = _SYMBOLS.get(code) or (f"{code} " if code else "")
    mark = "-" if amount < 0 else "+" if sign and amount > 0 else ""
    return f"{mark}{unit}{abs(amount):,.{places}f}"
