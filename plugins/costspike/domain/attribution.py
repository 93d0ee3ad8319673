"""Who made a scope's rise, and what fell beside it: exact amounts before and after, by series."""

from collections.abc import Sequence
from decimal import Decimal

from costspike.domain.cost_table import micro
from costspike.domain.spikes import Contributor, Scope

MOST_CONTRIBUTORS = 5
MOST_FALLEN = 3


def shared(amount: Decimal, weights: Sequence[float]) -> list[Decimal]:
    """Return ``amount`` split by ``weights``, in millionths, summing to it exactly.

    What rounding leaves goes to the heaviest. Weights that are all zero share equally.
    """
    parts = [Decimal(weight) for weight in weights]
    whole = sum(parts, Decimal(0))
    if whole <= 0:
        parts, whole = [Decimal(1)] * len(parts), Decimal(len(parts))
    shares = [micro(amount * part / whole) for part in parts]
    shares[parts.index(max(parts))] += amount - sum(shares, Decimal(0))
    return shares


def contributors(
    names: Sequence[Scope],
    before: Sequence[Decimal],
    after: Sequence[Decimal],
    more_than: Decimal = Decimal(0),
) -> tuple[Contributor, ...]:
    """Return the five largest rises above ``more_than``, by delta and then name, and the remainder.

    The remainder has no names and is what was not listed, if that had any amount before or after. All sums
    are exact.
    """
    parts = [_part(name, was, now) for name, was, now in zip(names, before, after, strict=True) if was or now]
    parts.sort(key=lambda part: (-part.delta, part.account_id, part.service, part.usage_type, part.region))
    rising = [part for part in parts if part.delta > more_than and _named(part)]
    listed = rising[:MOST_CONTRIBUTORS]
    rest = [part for part in parts if part not in listed]
    return (*listed, _remainder(rest)) if rest else tuple(listed)


def fallen(
    names: Sequence[Scope], before: Sequence[Decimal], after: Sequence[Decimal]
) -> tuple[Contributor, ...]:
    """Return the three largest falls of what has a name, by delta and then name."""
    parts = [_part(name, was, now) for name, was, now in zip(names, before, after, strict=True) if now < was]
    parts.sort(key=lambda part: (part.delta, part.account_id, part.service, part.usage_type, part.region))
    return tuple([part for part in parts if _named(part)][:MOST_FALLEN])


def _part(name: Scope, before: Decimal, after: Decimal) -> Contributor:
    return Contributor(
        account_id=name.account_id,
        service=name.service,
        usage_type=name.usage_type,
        region=name.region,
        before=before,
        after=after,
        delta=after - before,
    )


def _remainder(parts: Sequence[Contributor]) -> Contributor:
    before = sum((part.before for part in parts), Decimal(0))
    after = sum((part.after for part in parts), Decimal(0))
    return _part(Scope(), before, after)


def _named(part: Contributor) -> bool:
    return any((part.account_id, part.service, part.usage_type, part.region))
