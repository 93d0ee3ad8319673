"""What has to be written so that a day in Prometheus says what the warehouse says.

A sample is never written twice at one stamp: the answer would be a success, and which of the two is kept
is undefined. The first value of a day stands at noon, each later one a second after the one before it.
Noon, because a window of 36 hours then holds yesterday's value at any time of today, and no other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from costspike.domain.day_metrics import Key, metric_of
from costspike.domain.errors import DataContractError

NOON = 43_200
# The last second of a day, which no sample may reach.
LAST = 86_399


class Held(NamedTuple):
    """The newest sample of a series on a day, as the server has it; ``stamp`` is in Unix seconds."""

    stamp: int
    value: float


class Sample(NamedTuple):
    """A value to be written; ``stamp`` is in Unix seconds."""

    key: Key
    stamp: int
    value: float


def day_start(day: date) -> int:
    """Return the midnight that begins a UTC day, in Unix seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def as_wanted(wanted: Mapping[Key, float], found: Mapping[Key, float]) -> bool:
    """Tell whether a day's values in Prometheus say what they should."""
    return all(key in found and same(value, found[key]) for key, value in _final(wanted, found).items())


def missing(wanted: Mapping[Key, float], found: Mapping[Key, float]) -> list[Key]:
    """Return the series whose value is not what it should be."""
    return [
        key for key, value in _final(wanted, found).items() if key not in found or not same(value, found[key])
    ]


def revisions(day: date, wanted: Mapping[Key, float], held: Mapping[Key, Held]) -> list[Sample]:
    """Return the samples that turn what is held into what is wanted, none where it is that already.

    Raises:
        DataContractError: the day has no second left.
    """
    noon, samples = day_start(day) + NOON, []
    for key, value in _final(wanted, held).items():
        old = held.get(key)
        if old is not None and same(old.value, value):
            continue
        stamp = noon if old is None else max(noon, old.stamp + 1)
        if stamp >= day_start(day) + LAST:
            msg = f"{key.name} of {day} has more revisions in Prometheus than a day has seconds after noon"
            raise DataContractError(msg)
        samples.append(Sample(key, stamp, value))
    return samples


def same(one: float, other: float) -> bool:
    """Tell whether two values are equal; not a number is equal to itself."""
    return one == other or (math.isnan(one) and math.isnan(other))


def _final(wanted: Mapping[Key, float], known: Mapping[Key, object]) -> dict[Key, float]:
    """Return what is wanted, with what does not stand any more at the value that says so."""
    gone = {key: metric_of(key.name).withdrawn for key in known if key not in wanted}
    return gone | dict(wanted)
