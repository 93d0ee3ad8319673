"""The day-over-day detector: the whole bill against the day before."""

from decimal import Decimal

import numpy as np

from costspike.domain.attribution import contributors
from costspike.domain.baseline import LOOKBACK_DAYS
from costspike.domain.cost_table import CostTable, micro
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.spikes import Gate, Scope, Spike


def detect_day_over_day(table: CostTable, settings: DetectionSettings, billing_currency: str) -> list[Spike]:
    """Return one spike of the total if it rose by the percentage on the day before, else nothing.

    Without data for the day before, or with nothing above zero on it, there is no verdict.
    """
    after, before = table.exact(0), table.exact(1)
    actual, previous = sum(after, Decimal(0)), sum(before, Decimal(0))
    least = _exact(settings.day_over_day_percent)
    if not table.observed[-2] or previous <= 0 or (actual - previous) * 100 < least * previous:
        return []
    percent = float((actual - previous) / previous * 100)
    lookback = np.flatnonzero(table.observed[-1 - LOOKBACK_DAYS : -1]) - 1 - LOOKBACK_DAYS
    services, was, now = _by_service(table, before, after)
    return [
        Spike(
            day=table.day,
            scope=Scope(),
            billing_currency=billing_currency,
            detector="day_over_day",
            actual_cost=actual,
            expected_cost=previous,
            expected_low=previous,
            expected_high=previous,
            previous_cost=previous,
            typical_cost=micro(np.median(table.amounts[:, lookback].sum(axis=0))),
            score=percent / settings.day_over_day_percent,
            gates=(Gate(name="increase_percent", value=percent, limit=settings.day_over_day_percent),),
            contributors=contributors(services, was, now, _exact(settings.day_over_day_min_increase)),
        )
    ]


def _by_service(
    table: CostTable, before: list[Decimal], after: list[Decimal]
) -> tuple[list[Scope], list[Decimal], list[Decimal]]:
    was: dict[str, Decimal] = {}
    now: dict[str, Decimal] = {}
    for series, (earlier, later) in enumerate(zip(before, after, strict=True)):
        service = table.names(series).service
        was[service] = was.get(service, Decimal(0)) + earlier
        now[service] = now.get(service, Decimal(0)) + later
    return [Scope(service=service) for service in was], list(was.values()), list(now.values())


def _exact(limit: float) -> Decimal:
    """Return a threshold as it was written: 0.1 is a tenth."""
    return Decimal(str(limit))
