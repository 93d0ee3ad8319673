"""The day series as a server has them: read by day, written, and read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from costspike.domain.day_metrics import Key, metric_of
from costspike.domain.metric_revisions import LAST, Held, Sample, day_start

if TYPE_CHECKING:
    from costspike.adapters.prometheus.client import Prometheus, Result

_SECONDS = 86_400
# Days in one question: 500 series of them stay far below the largest answer that is read.
_DAYS_A_QUERY = 100


class DaySamples:
    """Day series of one server. Labels that a server adds by itself (a replica, a tenant) are not looked at."""

    def __init__(self, prometheus: Prometheus) -> None:
        self._prometheus = prometheus

    def values(self, names: Iterable[str], days: Iterable[date]) -> dict[date, dict[Key, float]]:
        """Return the newest value of each series on each of the days."""
        found: dict[date, dict[Key, float]] = {day: {} for day in days}
        for first, last in _spans(sorted(found)):
            for name in names:
                for result in self._at_day_ends(name, first, last):
                    key = _key(name, result)
                    for at, value in result.points:
                        day = datetime.fromtimestamp(at, UTC).date()
                        if day in found:
                            found[day][key] = value
        return found

    def held(self, names: Iterable[str], day: date) -> dict[Key, Held]:
        """Return the newest sample of each series on a day."""
        newest: dict[Key, Held] = {}
        for name in names:
            for result in self._prometheus.query(f"{name}[{LAST}s]", day_start(day) + LAST):
                at, value = result.points[-1]
                key, sample = _key(name, result), Held(int(at), value)
                newest[key] = max(newest.get(key, sample), sample, key=lambda held: held.stamp)
        return newest

    def write(self, samples: Sequence[Sample]) -> None:
        """Write the samples of a day in one request."""
        self._prometheus.write(samples)

    def _at_day_ends(self, name: str, first: date, last: date) -> list[Result]:
        # One second before midnight: Prometheus 2 counts the left end of a window in, 3 does not.
        return self._prometheus.query_range(
            f"last_over_time({name}[{LAST}s])", day_start(first) + LAST, day_start(last) + LAST, _SECONDS
        )


def _spans(days: Sequence[date]) -> Iterable[tuple[date, date]]:
    """Return the days as spans of at most so many days that one answer holds them."""
    spans: dict[int, list[date]] = defaultdict(list)
    for day in days:
        spans[(day - days[0]).days // _DAYS_A_QUERY].append(day)
    return [(own[0], own[-1]) for own in spans.values()]


def _key(name: str, result: Result) -> Key:
    known = metric_of(name).labels
    return Key(
        name, tuple(sorted((label, result.labels[label]) for label in known if label in result.labels))
    )
