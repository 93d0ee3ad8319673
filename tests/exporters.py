"""Exporters as they behave: what a meter, a gauge and a rate show at each moment of many days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from costspike.domain.day_metrics import Key
from costspike.domain.metric_revisions import Sample, day_start

DAY = 86_400
HOUR = 3600
SCRAPE = 900
# A meter shows, every six hours, what had accrued six hours before.
UPDATE = LAG = 6 * HOUR

METER = "aws_billing_estimated_charges_maximum"
GAUGE = "aws_daily_cost_usd"
RATE = "node_total_hourly_cost"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a service really cost, spread evenly over each day."""

    first: date
    costs: tuple[float, ...]

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(len(self.costs))]

    def cost(self, day: date) -> float:
        at = (day - self.first).days
        return self.costs[at] if 0 <= at < len(self.costs) else 0.0

    def accrued(self, start: int, end: int) -> float:
        """Return the cost between two moments."""
        total, at = 0.0, start
        while at < end:
            upto = min(end, (at // DAY + 1) * DAY)
            total += self.cost(day_of(at)) * (upto - at) / DAY
            at = upto
        return total


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def bill(first: date, days: int, *, spike: int, credit: int) -> Bill:
    """Return a bill with weekends, one spike and one day with a credit of 40."""
    costs = [100 - 15 * ((first + timedelta(days=n)).weekday() >= 5) + n % 7 for n in range(days)]
    costs[spike] += 240
    costs[credit] -= 40
    return Bill(first, tuple(float(cost) for cost in costs))


def meter(own: Bill, at: int) -> float:
    """Return the month to date as it is shown at a moment."""
    updated = at // UPDATE * UPDATE
    month = day_start(day_of(updated).replace(day=1))
    return own.accrued(max(month, day_start(own.first)), max(updated - LAG, month))


def gauge(own: Bill, at: int) -> float:
    """Return yesterday's cost as far as it is known: a part at midnight, all of it from the afternoon on."""
    known = 0.6 if at % DAY < 8 * HOUR else 0.93 if at % DAY < 16 * HOUR else 1.0
    return own.cost(day_of(at) - timedelta(days=1)) * known


def rate(own: Bill, at: int) -> float:
    return own.cost(day_of(at)) / 24


@dataclass(slots=True)
class Scrapes:
    """The samples of one series; a fault changes what a scrape finds, None where it finds nothing."""

    key: Key
    shows: Callable[[int], float]
    faults: dict[int, Callable[[float], float | None]] = field(default_factory=dict)

    def fault(self, start: int, seconds: int, change: Callable[[float], float | None]) -> None:
        first = -(-start // SCRAPE) * SCRAPE
        self.faults |= dict.fromkeys(range(first, start + seconds, SCRAPE), change)

    def samples(self, start: int, end: int) -> Iterator[Sample]:
        for at in range(start, end, SCRAPE):
            value: float | None = self.shows(at)
            if at in self.faults and value is not None:
                value = self.faults[at](value)
            if value is not None:
                yield Sample(self.key, at, value)


def gone(_: float) -> None:
    """Find nothing: a scrape that failed, or an exporter that is not there."""


def zero(_: float) -> float:
    """Find an exporter that has just begun."""
    return 0.0


def tenfold(value: float) -> float:
    """Find a number that jumped."""
    return value * 10
