"""How much of an excess is usage, how much unit price, how much commitments.

For one usage type, with ``q`` its quantity, ``p`` the unit price before commitments and ``d`` what
commitments leave of it, a day costs ``q * p * d``. Going from what was expected to what the day was, one
factor after the other, splits the difference without a remainder:

- usage: the day's quantity at the usual price and coverage, minus what was expected;
- unit price: the day's price instead of the usual one, at the usual coverage;
- commitment: the day's coverage instead of the usual one.

The usual price and coverage are those of the reference days together. ``p`` is read from unblended costs,
``d`` from effective ones, so a Savings Plan that ends shows as commitment and not as price.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from costspike.domain.evidence.records import Evidence, EvidenceRow, found
from costspike.domain.facts import Value
from costspike.domain.money import cents, percent, tenths

SOURCE = "effect_split"
TITLE = "The impact split into usage, unit price and commitments"
REFERENCE_DAYS = 28

_NOTHING = Decimal(0)
# Wide enough for the warehouse's NUMERIC(38, 12) times a ratio; one rounding a product, none in the sums.
_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_MAX_PARTS = 5
# A usual price or coverage that makes a day so many times dearer says nothing about that day.
_ABSURD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The amounts of one account, service, usage type and region: of the day, and of all reference days.

    A quantity is None where it is not landed, or where units are mixed.
    """

    account_id: str
    service: str
    usage_type: str
    region: str
    unit: str
    billed_before: Decimal
    effective_before: Decimal
    quantity_before: Decimal | None
    billed: Decimal
    effective: Decimal
    quantity: Decimal | None

    @property
    def names(self) -> tuple[str, str, str, str]:
        """Return what identifies the series."""
        return self.account_id, self.service, self.usage_type, self.region


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The parts of ``delta = after - expected`` of one series; they sum to it exactly."""

    series: Series
    delta: Decimal
    usage: Decimal
    price: Decimal
    commitment: Decimal
    usage_percent: Decimal | None
    price_percent: Decimal | None
    commitment_percent: Decimal | None


def effects_of(series: Series, expected: Decimal) -> Effects | None:
    """Return the split of a series against what was expected of it, None where it cannot be split.

    It cannot without a quantity, where a day has costs and no quantity, or where effects would be absurd.
    What has no past has no usual price, so all of it is usage.
    """
    quantity, before = series.quantity, series.quantity_before
    if quantity is None or before is None or quantity < 0 or before < 0:
        return None
    if not before and not series.effective_before and not series.billed_before:
        return _all_usage(series, expected) if quantity else None
    if before <= 0 or series.billed_before <= 0 or series.effective_before <= 0:
        return None
    if not quantity:
        return _all_usage(series, expected) if not series.effective else None
    at_usual = _WIDE.divide(_WIDE.multiply(quantity, series.effective_before), before)
    at_price = _WIDE.divide(_WIDE.multiply(series.billed, series.effective_before), series.billed_before)
    at_usual, at_price = _stored(at_usual), _stored(at_price)
    if max(at_usual, at_price) > _ABSURD * max(series.effective, expected):
        return None
    return Effects(
        series=series,
        delta=series.effective - expected,
        usage=at_usual - expected,
        price=at_price - at_usual,
        commitment=series.effective - at_price,
        usage_percent=_change(at_usual, expected),
        price_percent=_change(at_price, at_usual),
        commitment_percent=_change(series.effective, at_price),
    )


def effect_split(
    expected: Mapping[tuple[str, str, str, str], Decimal], series: Sequence[Series], impact: Decimal
) -> Evidence:
    """Return the split of an impact as evidence.

    Args:
        expected: what was expected of each contributor, by account, service, usage type and region.
        series: the amounts of the scope's series; those that nothing is expected of are left alone.
        impact: what the parts, and what could not be split, sum to exactly.
    """
    known = {one.names: one for one in series if one.usage_type}
    parts = [
        part
        for names, before in expected.items()
        if names in known and (part := effects_of(known[names], before)) is not None
    ]
    if not parts:
        return Evidence(
            source=SOURCE,
            title=TITLE,
            state="unavailable",
            note="no quantities are landed for what contributed (they need the grain by usage type)",
        )
    parts.sort(key=lambda part: (-abs(part.delta), part.series.names))
    return found(SOURCE, TITLE, [_summary(parts, impact), *map(_row, parts[:_MAX_PARTS])])


def _all_usage(series: Series, expected: Decimal) -> Effects:
    return Effects(
        series=series,
        delta=series.effective - expected,
        usage=series.effective - expected,
        price=_NOTHING,
        commitment=_NOTHING,
        usage_percent=_change(series.effective, expected),
        price_percent=None,
        commitment_percent=None,
    )


def _summary(parts: Iterable[Effects], impact: Decimal) -> EvidenceRow:
    kept = list(parts)
    sums = [
        sum((part.usage for part in kept), _NOTHING),
        sum((part.price for part in kept), _NOTHING),
        sum((part.commitment for part in kept), _NOTHING),
    ]
    sums.append(impact - sum(sums, _NOTHING))
    usage, price, commitment, rest = rounded_to_sum(sums)
    values: dict[str, Value] = {
        "usage_effect_cost": str(usage),
        "unit_price_effect_cost": str(price),
        "commitment_effect_cost": str(commitment),
        "not_split_cost": str(rest),
        "sum_of_the_four_cost": str(cents(impact)),
    }
    if impact > 0:
        shares = zip(("usage", "unit_price", "commitment"), sums, strict=False)
        values |= {f"{name}_share_of_impact_percent": str(percent(part, impact)) for name, part in shares}
    return EvidenceRow(label=TITLE, values=values)


def rounded_to_sum(amounts: Sequence[Decimal]) -> Iterator[Decimal]:
    """Yield the amounts in cents such that they sum to the rounded sum: each is a difference of running sums."""
    running, told = _NOTHING, _NOTHING
    for amount in amounts:
        running += amount
        yield cents(running) - told
        told = cents(running)


def _row(part: Effects) -> EvidenceRow:
    one = part.series
    names = {
        "account_id": one.account_id,
        "service": one.service,
        "usage_type": one.usage_type,
        "region": one.region,
    }
    usage, price, commitment = rounded_to_sum((part.usage, part.price, part.commitment))
    values: dict[str, Value] = {key: value for key, value in names.items() if value}
    values |= {
        "delta_cost": str(cents(part.delta)),
        "usage_effect_cost": str(usage),
        "unit_price_effect_cost": str(price),
        "commitment_effect_cost": str(commitment),
        "usage_change_percent": _text(part.usage_percent),
        "unit_price_change_percent": _text(part.price_percent),
        "commitment_change_percent": _text(part.commitment_percent),
        "quantity_of_the_day": None if one.quantity is None else quantity_text(one.quantity),
        "unit": one.unit or None,
    }
    return EvidenceRow(label="Usage, unit price and commitment of one contributor", values=values)


def quantity_text(quantity: Decimal) -> str:
    """Return a quantity with at most three decimals, without zeros at the end."""
    text = format(_WIDE.quantize(quantity, Decimal("0.001")), "f")
    return text.rstrip("0").rstrip(".")


def _change(after: Decimal, before: Decimal) -> Decimal | None:
    return tenths(_WIDE.divide((after - before) * 100, before)) if before > 0 else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _stored(amount: Decimal) -> Decimal:
    """Round to the twelve decimals that the warehouse holds, so that sums of parts stay exact."""
    return _WIDE.quantize(amount, Decimal("1e-12"))
