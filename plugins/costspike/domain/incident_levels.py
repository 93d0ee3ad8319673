"""What a scope would cost without its incident: the expectation of the first day, carried on.

A detector's own expectation follows a new level within weeks, so that it falls silent; the dollars of a
level shift can only be counted against what was expected before it began.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from costspike.domain.cost_table import micro
from costspike.domain.spikes import Spike

_LOOKBACK_DAYS = 35
_WEEK = 7
# One day is no habit of a weekday.
_FEWEST_SAME_DAYS = 2
# As the detector's own level: what differs more from its weekdays is not explained by them.
_LEVEL_RANGE = (Decimal("0.3"), Decimal(3))
# Half the band of the first day is still well beyond noise, and a shift barely above it stays visible.
_BAND_SHARE = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A scope's expected cost from the first day of a rise on.

    ``weekdays`` are the medians of Monday to Sunday before it, None where too little is known; ``least`` is
    the excess from which a day is still raised, ``usual_most`` the largest day that a scope which runs now
    and then had before.
    """

    first_day: date
    base: Decimal
    least: Decimal
    weekdays: tuple[Decimal | None, ...]
    usual_most: Decimal | None

    def expected(self, day: date) -> Decimal:
        """Return the first day's expectation, moved to another weekday as the weeks before it suggest."""
        was, usual = self.weekdays[self.first_day.weekday()], self.weekdays[day.weekday()]
        if was is None or usual is None or day.weekday() == self.first_day.weekday():
            return self.base
        if was <= 0:
            return self.base + usual - was
        low, high = _LEVEL_RANGE
        moved = usual * max(self.base / was, low)
        if self.base > high * was:
            # Its weekdays do not explain such a base, but it is expected on each of them.
            moved = min(moved, self.base + max(usual - was, Decimal(0)))
        return micro(moved)

    def excess(self, day: date, cost: Decimal) -> Decimal:
        """Return how far a day lies above the expectation, 0 where it is back at it."""
        excess = cost - self.expected(day)
        is_usual = self.usual_most is not None and cost <= self.usual_most
        return Decimal(0) if excess <= 0 or excess < self.least or is_usual else excess


def level_of(
    spike: Spike, inner: Sequence[Spike], costs: Mapping[date, Decimal], quiet_percent: float
) -> Level:
    """Return the level of a scope whose rise begins with ``spike``.

    Args:
        spike: the scope's spike of the first day.
        inner: spikes of the same day on parts of the scope; ``spike`` expects their rises already.
        costs: the scope's daily costs; only those before the first day count.
        quiet_percent: a day is still raised from this percent of the whole rise on.
    """
    usual = spike.expected_cost - sum((part.impact for part in inner), Decimal(0))
    # Parts that rose by more than all was expected to cost do not make a cost below zero the usual one.
    base = max(usual, min(spike.expected_cost, Decimal(0)))
    rise = spike.actual_cost - base
    band = (spike.expected_high - spike.expected_cost) * _BAND_SHARE
    before = _before(spike.day, costs)
    oldest = (spike.day - timedelta(days=_LOOKBACK_DAYS)).weekday()
    weekdays = tuple(_median(before[(weekday - oldest) % _WEEK :: _WEEK]) for weekday in range(_WEEK))
    same_day = weekdays[spike.day.weekday()]
    if band <= 0 and same_day is not None:
        # A rule without a band has compared with a single day, and knows nothing of weekdays.
        base = max(base, same_day)
    share = rise * Decimal(str(quiet_percent)) / 100
    return Level(
        first_day=spike.day,
        base=base,
        least=min(max(band, share), rise),
        weekdays=weekdays,
        usual_most=_usual_most(before),
    )


def _before(first_day: date, costs: Mapping[date, Decimal]) -> list[Decimal | None]:
    """Return the five weeks before a day, oldest first."""
    return [costs.get(first_day - timedelta(days=ago)) for ago in range(_LOOKBACK_DAYS, 0, -1)]


def _median(days: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in days if cost is not None]
    return median(known) if len(known) >= _FEWEST_SAME_DAYS else None


def _usual_most(before: Sequence[Decimal | None]) -> Decimal | None:
    """Return the largest day of a scope that costs something on less than half of its days, else None."""
    known = [cost for cost in before if cost is not None]
    spent = [cost for cost in known if cost > 0]
    return max(spent) if spent and 2 * len(spent) < len(known) else None
