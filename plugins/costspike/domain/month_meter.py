"""A day's cost from two readings of a month-to-date meter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Scope = tuple[str, str]
"""Account id and service."""


class MeterDay(NamedTuple):
    """The costs of a day, and the scopes of which nothing can be said."""

    costs: dict[Scope, float]
    unknown: frozenset[Scope]


def day_of_meter(
    after: Mapping[Scope, float],
    before: Mapping[Scope, float],
    *,
    first_of_month: bool,
    seen_earlier: Iterable[Scope] = (),
) -> MeterDay:
    """Return what the meter grew by; it may fall, by a credit or a correction.

    Args:
        after: the reading at the end of the day.
        before: the reading at its beginning.
        first_of_month: the meter began at 0 with the day.
        seen_earlier: the scopes that had a reading in the month, before the one at the beginning.

    A scope without a reading before it is new only if the month did not know it either: else its whole month
    would be taken for the day. One whose meter fell to 0, or is gone, was lost by the exporter, not by the bill.
    """
    if first_of_month:
        return MeterDay(dict(after), frozenset())
    lost = {scope for scope in seen_earlier if scope in after and scope not in before}
    lost |= {scope for scope, value in before.items() if value > 0 and after.get(scope, 0.0) == 0}
    costs = {scope: value - before.get(scope, 0.0) for scope, value in after.items() if scope not in lost}
    return MeterDay(costs, frozenset(lost))
