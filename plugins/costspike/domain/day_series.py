"""What every day should look like in Prometheus: sums, zeros for what went quiet, and a bounded number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from costspike.domain.day_metrics import COST, OTHER, DayValue, Key

Series = dict[Key, float]
_DAY = timedelta(days=1)


def day_series(
    values: Iterable[DayValue], days: Iterable[date], *, max_series: int, zero_days: int
) -> dict[date, Series]:
    """Return the series of every landed day, for which there may be no value at all.

    Of the daily costs at most ``max_series`` are kept a day, largest first, and one more that holds the sum of
    the rest. A series that had a cost in the ``zero_days`` before has the cost 0, not none: a day that was
    landed without it is known to have cost nothing. Values of days that are not given only count for that.
    """
    costs: dict[date, Series] = defaultdict(lambda: defaultdict(float))
    found: dict[date, Series] = {day: {} for day in days}
    for day, key, value in values:
        if key.name.startswith(f"{COST}_"):
            costs[day][key] += value
        elif day in found:
            found[day][key] = found[day].get(key, 0.0) + value
    for day, series in _with_zeros(costs, found, zero_days):
        found[day] |= _bounded(series, max_series)
    return found


def _with_zeros(
    costs: Mapping[date, Series], days: Mapping[date, Series], zero_days: int
) -> Iterator[tuple[date, Series]]:
    """Yield the costs of each landed day, oldest first, with those that went quiet at 0."""
    last_seen: dict[Key, date] = {}
    for day in sorted(costs.keys() | days.keys()):
        own = costs.get(day, {})
        last_seen.update(dict.fromkeys(own, day))
        if day in days:
            quiet = {key for key, seen in last_seen.items() if day - seen <= _DAY * zero_days}
            yield day, dict.fromkeys(quiet, 0.0) | own


def _bounded(series: Series, most: int) -> Series:
    """Return the largest series, and the sum of the others of a currency as one."""
    ranked = sorted(series, key=lambda key: (-abs(series[key]), key))
    kept = {key: series[key] for key in ranked[:most]}
    for key in ranked[most:]:
        rest = Key(key.name, (("account", OTHER), ("service", OTHER)))
        kept[rest] = kept.get(rest, 0.0) + series[key]
    return kept
