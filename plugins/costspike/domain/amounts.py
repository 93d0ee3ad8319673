"""Amounts as texts from Cost Explorer, as exact decimals."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext
from functools import partial

import pyarrow as pa

from costspike.domain.costs import MONEY
from costspike.domain.errors import DataContractError

_STEP = Decimal(1).scaleb(-MONEY.scale)
_LIMIT = Decimal(10) ** (MONEY.precision - MONEY.scale)
# Decimal itself reads more than an API writes: digits of any script, and underscores between them.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def amounts(texts: pa.Array, where: Callable[[int], str]) -> pa.Array:
    """Return the amounts of a text column as decimals, rounded half to even at 12 places; null stays null.

    Arrow reads a column at once and refuses anything unusual; only then every value is looked at,
    to take what is only more precise than a column holds, and to name what is not an amount.

    Raises:
        DataContractError: a text that is no finite number, or too large; ``where(index)`` names it.
    """
    try:
        return texts.cast(MONEY)
    except pa.ArrowInvalid:
        written = enumerate(texts.to_pylist())
        return pa.array(
            [None if text is None else amount(text, partial(where, at)) for at, text in written], MONEY
        )


def amount(text: object, where: Callable[[], str]) -> Decimal:
    """Return one amount as a decimal; see ``amounts``."""
    written = str(text).strip()
    try:
        value = Decimal(written) if _NUMBER.fullmatch(written) else None
    except InvalidOperation:  # an exponent that even Decimal cannot hold
        value = None
    if value is None:
        msg = f"{where()}: the amount is {repr(text)[:60]}; expected a finite decimal number as text, such as '12.34'"
        raise DataContractError(msg)
    if value.copy_abs() >= _LIMIT:
        msg = f"{where()}: the amount is {str(text)[:60]!r}; expected less than {_LIMIT:.0E}"
        raise DataContractError(msg)
    with localcontext(prec=MONEY.precision + 2):
        return value.quantize(_STEP, rounding=ROUND_HALF_EVEN)
