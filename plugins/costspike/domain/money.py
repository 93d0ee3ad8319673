"""Amounts and shares as people see them: rounded once, here and nowhere else."""

from decimal import ROUND_HALF_UP, Context, Decimal

# Wide enough for any sum of the warehouse's NUMERIC(38, 12): the default of 28 digits could raise.
_WIDE = Context(prec=100, rounding=ROUND_HALF_UP)
_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")


def cents(amount: Decimal) -> Decimal:
    """Return the amount with two decimals, halves away from zero; never a negative zero."""
    return _WIDE.add(_WIDE.quantize(amount, _CENT), Decimal(0))


def tenths(value: Decimal) -> Decimal:
    """Return a percentage with one decimal, halves away from zero; never a negative zero."""
    return _WIDE.add(_WIDE.quantize(value, _TENTH), Decimal(0))


def written(amount: Decimal) -> str:
    """Return the exact amount in digits, without zeros at its end: ``0``, and not ``0E-12``."""
    digits = format(_WIDE.normalize(amount), "f")
    return "0" if digits == "-0" else digits


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return ``part`` in percent of ``whole`` with one decimal, None where ``whole`` is not above zero."""
    return tenths(_WIDE.divide(part * 100, whole)) if whole > 0 else None
