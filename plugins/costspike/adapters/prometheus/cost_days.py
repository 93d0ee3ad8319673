"""Reads the costs of one day from an exporter's series, at the moment at which they say that day.

A reading is the median of the last hour before its moment: a scrape that found the exporter restarting,
half filled or jumping does not make a cost.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from costspike.domain.errors import DataContractError
from costspike.domain.month_meter import Scope, day_of_meter
from costspike.domain.prometheus_source import CostExpression, is_last_of_month, midnight, moments

if TYPE_CHECKING:
    from costspike.adapters.prometheus.client import Prometheus

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HOUR = 3600
_STEP = 300
# An hourly rate is read every quarter of an hour; of fewer quarters than this the day is not known.
_QUARTER = 900
_LEAST_COVERAGE = 0.95
# How far back a scope without a reading is looked for: a week is longer than any outage worth bridging.
_LOOK_BACK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCosts:
    """The costs of a day; ``provisional`` while the exporter can still change them."""

    day: date
    costs: dict[Scope, float]
    provisional: bool


class CostDays:
    """The days of one exporter."""

    def __init__(self, prometheus: Prometheus, asked: CostExpression) -> None:
        self._prometheus = prometheus
        self._asked = asked

    def read(self, day: date, now: datetime) -> DayCosts | None:
        """Return the costs of a day, None where they are not there (yet, or any more).

        Raises:
            DataContractError: the expression yields two series for a scope, or what is no number.
            UpstreamError: Prometheus did not answer.
        """
        when = moments(self._asked, day)
        if now < when.not_before:
            return None
        match self._asked.kind:
            case "daily_stamped":
                costs = self._at(when.final - _SECOND, self._asked.expr)
            case "daily_gauge":
                # One second before it shows the next day; while it still shows this one, what it shows now.
                costs = self._steady(min(when.final - _SECOND, now))
            case "hourly_rate":
                costs = self._integral(when.final - _SECOND, day)
            case "month_to_date":
                costs = self._growth(day, when.final)
        return DayCosts(day=day, costs=costs, provisional=now < when.final) if costs else None

    def _growth(self, day: date, at: datetime) -> dict[Scope, float]:
        """Return what the meter grew by within a day."""
        after = self._month_end(at) if is_last_of_month(day) else self._steady(at)
        if day.day == 1 or not after:
            return day_of_meter(after, {}, first_of_month=True).costs
        begin = midnight(self._asked, day) + self._asked.settle
        before = self._steady(begin)
        if not before:
            log.warning("%s has no reading at its beginning: its cost is not known.", day)
            return {}
        earlier = self._seen_earlier(day, begin) if after.keys() - before.keys() else set()
        found = day_of_meter(after, before, first_of_month=False, seen_earlier=earlier)
        if found.unknown:
            log.warning("The exporter lost %s on %s: their cost is not known.", sorted(found.unknown), day)
        return found.costs

    def _seen_earlier(self, day: date, begin: datetime) -> set[Scope]:
        """Return the scopes that the meter knew earlier in the month."""
        days = min(day.day - 2, _LOOK_BACK_DAYS)
        return {scope for back in range(1, days + 1) for scope in self._steady(begin - _DAY * back)}

    def _month_end(self, at: datetime) -> dict[Scope, float]:
        """Return the highest reading around the fall: what accrues after the month's last update is never shown."""
        window = int(self._asked.settle.total_seconds()) + _HOUR
        return self._at(at, f"max_over_time(({self._asked.expr})[{window}s:{_STEP}s])")

    def _steady(self, at: datetime) -> dict[Scope, float]:
        return self._at(at, f"quantile_over_time(0.5, ({self._asked.expr})[{_HOUR}s:{_STEP}s])")

    def _integral(self, at: datetime, day: date) -> dict[Scope, float]:
        """Return dollars an hour, summed up over the hours of a day."""
        seconds = int((midnight(self._asked, day + _DAY) - midnight(self._asked, day)).total_seconds())
        window = f"[{seconds}s:{_QUARTER}s]"
        covered = self._prometheus.query(
            f"count_over_time((count({self._asked.expr})){window})", at.timestamp()
        )
        quarters = covered[0].points[0][1] if covered else 0.0
        if quarters < _LEAST_COVERAGE * seconds / _QUARTER:
            if quarters:
                log.warning("%s has rates for %s quarters of an hour only: not enough.", day, quarters)
            return {}
        return self._at(at, f"sum_over_time(({self._asked.expr}){window}) / {_HOUR // _QUARTER}")

    def _at(self, moment: datetime, expression: str) -> dict[Scope, float]:
        found: dict[Scope, float] = {}
        for labels, points in self._prometheus.query(expression, moment.timestamp()):
            scope = (
                labels.get(self._asked.account, "") or self._asked.account_id,
                labels.get(self._asked.service, "") or self._asked.service_name,
            )
            value = points[0][1]
            if not math.isfinite(value):
                msg = f"prometheus_source.expr gives {value} for {scope}; expected a number"
                raise DataContractError(msg)
            if scope in found:
                msg = f"prometheus_source.expr gives two series for {scope}; expected one: aggregate by both labels"
                raise DataContractError(msg)
            found[scope] = value
        return found
