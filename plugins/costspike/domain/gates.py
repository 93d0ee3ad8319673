"""The conditions that a rise has to pass, each as a cost that the day has to reach."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from costspike.domain.baseline import Baseline
from costspike.domain.cost_table import Floats
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.precedent import largest_run, monthly_largest, recent_largest, sporadic
from costspike.domain.scope_rows import ScopeRows
from costspike.domain.spikes import Gate

# Margins at sensitivity 1. F1 on the benchmark moves by less than 0.02 when one of them moves by a fifth.
_DEVIATIONS = 5.0
_ABOVE_RECENT = 0.15
_ABOVE_RUNS = 0.75
_ABOVE_MONTHLY = 0.25

_MOST_SCORE = 1e6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limits:
    """By scope row: what the day cost, was expected to cost, and has to cost to pass each gate.

    ``least_costs`` is minus infinity where a gate does not apply. Methods take ``on_top``: an amount that is
    expected beside the row's own expectation, which lifts every limit alike.
    """

    actual: Floats
    expected: Floats
    band: Floats
    min_impact: float
    min_percent: float
    least_costs: dict[str, Floats]

    def required(self) -> Floats:
        """Return the least rise above the expected cost that passes every gate but the percentage."""
        highest = np.max(list(self.least_costs.values()), axis=0)
        return np.asarray(np.maximum(highest - self.expected, self.min_impact))

    def gates(self, row: int, on_top: float) -> tuple[Gate, ...]:
        """Return the gates that apply to a row, passed or not."""
        actual, expected = float(self.actual[row]), float(self.expected[row]) + on_top
        found = [Gate(name="impact", value=actual - expected, limit=self.min_impact)]
        if expected > 0:
            percent = (actual - expected) / expected * 100
            found.append(Gate(name="impact_percent", value=percent, limit=self.min_percent))
        found += [
            Gate(name=name, value=actual, limit=float(costs[row]) + on_top)
            for name, costs in self.least_costs.items()
            if np.isfinite(costs[row])
        ]
        return tuple(found)

    def score(self, row: int, on_top: float) -> float:
        """Return the rise in multiples of the least rise that passes every gate, a million at most."""
        expected = float(self.expected[row]) + on_top
        impact = float(self.actual[row]) - expected
        required = max(float(self.required()[row]), self.min_percent / 100 * expected)
        return min(impact / required, _MOST_SCORE) if required > 0 else _MOST_SCORE


def limits(rows: ScopeRows, base: Baseline, day: date, settings: DetectionSettings) -> Limits:
    """Return the limits of every scope on ``day``, which is the last column of ``rows``."""
    typical_total = float(base.typical[-1])
    band = _DEVIATIONS / settings.sensitivity * base.spread
    runs = np.where(sporadic(rows.amounts), largest_run(rows.amounts), 0.0)

    def beyond(precedent: Floats, margin: float) -> Floats:
        # A precedent of nothing is no condition.
        return np.where(precedent > 0, precedent * (1 + margin / settings.sensitivity), -np.inf)

    return Limits(
        actual=rows.amounts[:, -1],
        expected=base.expected,
        band=band,
        min_impact=max(settings.min_impact, settings.min_impact_share_percent / 100 * typical_total),
        min_percent=settings.min_impact_percent,
        least_costs={
            "band": np.where(band > 0, base.expected + band, -np.inf),
            "recent_largest": beyond(recent_largest(rows.amounts), _ABOVE_RECENT),
            "largest_run": beyond(runs, _ABOVE_RUNS),
            "monthly": beyond(monthly_largest(rows.amounts, day), _ABOVE_MONTHLY),
        },
    )
