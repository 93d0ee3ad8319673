"""Which scopes rose on a day, and what speaks for and against an incident in each."""

import math
from dataclasses import dataclass

import numpy as np

from costspike.domain.baseline import LOOKBACK_DAYS, Baseline, baseline
from costspike.domain.cost_table import Bools, CostTable, Floats, Ints
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.five_days import FiveDays, five_days
from costspike.domain.likelihoods import DEFAULT_LOG_ODDS, Past, evidence, likelihood, log_odds, past
from costspike.domain.offsets import offsets
from costspike.domain.scope_rows import Level, ScopeRows, histories, scope_rows
from costspike.domain.spikes import FELL_ELSEWHERE, Gate

_LEAK_LEVELS = (Level.SERIES, Level.ACCOUNT_SERVICE, Level.SERVICE)
# Sensitivity 2 accepts rises whose odds are a third, sensitivity 0.5 asks for three times as much.
_SENSITIVITY_LOG_ODDS = 1.5
# And the least share of the bill falls by a seventh each time that sensitivity doubles beyond 1.
_SENSITIVITY_SHARE = 0.22
# A score of 2 is four log odds beyond the threshold: certain.
_SCORE_PER_LOG_ODDS = 0.25
_BAND_DEVIATIONS = 5.0
_LEAST_UNIT, _SMALLEST = 1e-9, 1e-250


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judgement:
    """All that verdicts on a day rest on.

    ``chosen`` are the rows that rose enough; ``expected``, ``offset``, ``leak`` and ``past`` have one entry
    for each. ``expected`` is the baseline's, or the older level for a leak.
    """

    table: CostTable
    rows: ScopeRows
    base: Baseline
    chosen: Ints
    expected: Floats
    offset: Floats
    leak: Bools
    past: Past
    floor: float
    settings: DetectionSettings

    @property
    def least_log_odds(self) -> float:
        """Return the threshold of the score: what sensitivity turns."""
        return DEFAULT_LOG_ODDS - _SENSITIVITY_LOG_ODDS * math.log(self.settings.sensitivity)

    @property
    def least_impact(self) -> float:
        """Return the least rise: the floor, for sensitivities above 1 a smaller one, but never below ``min_impact``."""
        return softened(self.floor, self.settings)

    @property
    def _unit(self) -> float:
        """Return what a rise is compared with: the floor, or next to nothing where the user set none."""
        return max(self.floor, _LEAST_UNIT * float(np.abs(self.base.typical).max()), _SMALLEST)

    def row(self, place: int) -> int:
        """Return the scope row of a chosen one."""
        return int(self.chosen[place])

    def actual(self, place: int) -> float:
        """Return the day's cost of a chosen row."""
        return float(self.rows.amounts[self.chosen[place], -1])

    def band(self, place: int) -> float:
        """Return how far around the expected cost the day would have been usual."""
        return _BAND_DEVIATIONS * float(self.past.spread[place])

    def impact(self, place: int, explained: float = 0.0) -> float:
        """Return the rise above the expected cost and what is explained by falls or by finer spikes."""
        return self.actual(place) - float(self.expected[place]) - float(self.offset[place]) - explained

    def evidence(self, place: int, explained: float = 0.0) -> dict[str, Floats]:
        """Return the evidence for a chosen row, without what finer spikes explain."""
        actual = np.array([self.actual(place) - explained])
        return evidence(self.past[place], actual, self.offset[place : place + 1], self._unit)

    def log_odds(self, place: int, explained: float = 0.0) -> float:
        """Return the score of a chosen row."""
        return float(log_odds(self.evidence(place, explained))[0])

    def all_log_odds(self) -> Floats:
        """Return the score of every chosen row."""
        actual = self.rows.amounts[self.chosen, -1]
        return log_odds(evidence(self.past, actual, self.offset, self._unit))

    def rows_of(self, series: Ints) -> Ints:
        """Return the scope row of each of the table's series."""
        return series  # the first level holds one row for each series, in the table's order

    def series_rises(self, series: Ints) -> Floats:
        """Return the rises of the table's ``series`` above their own baselines."""
        row = self.rows_of(series)
        return np.asarray(self.rows.amounts[row, -1] - self.base.expected[row])

    def score(self, odds: float) -> float:
        """Return log odds as a spike's score: 1 is the threshold."""
        return 1 + _SCORE_PER_LOG_ODDS * (odds - self.least_log_odds)

    def gates(self, place: int, odds: float, explained: float = 0.0, apart: float = 0.0) -> tuple[Gate, ...]:
        """Return the gates that apply to a chosen row, passed or not.

        ``apart`` is cost of the scope that the row does not hold.
        """
        impact = self.impact(place, explained)
        found = [Gate(name="impact", value=impact, limit=self.least_impact)]
        expected = self.actual(place) - impact + apart
        if expected > 0:
            percent = impact / expected * 100
            found.append(Gate(name="impact_percent", value=percent, limit=self.settings.min_impact_percent))
        if self.offset[place] > 0:
            found.append(Gate(name=FELL_ELSEWHERE, value=float(self.offset[place]), limit=0.0))
        if self.leak[place]:
            found.append(Gate(name="five_days", value=float(self.past.five_days[place]), limit=self.floor))
        limit = 100 * likelihood(self.least_log_odds)
        found.append(Gate(name="likelihood_percent", value=100 * likelihood(odds), limit=limit))
        return (*found, *self._beaten(place, explained, apart))

    def _beaten(self, place: int, explained: float, apart: float) -> list[Gate]:
        """Return the precedents that the day beats; one that it does not beat lowers the likelihood at most."""
        before, lifted = self.past, float(self.offset[place]) + explained
        precedents = {
            # The band of a slow rise lies around the older level, and nobody asks whether one day leaves it.
            "band": 0.0 if self.leak[place] else float(before.expected[place]) + self.band(place),
            "recent_largest": float(before.recent_largest[place]),
            "largest_run": float(before.largest_run[place]) if before.sporadic[place] else 0.0,
            "monthly": float(before.monthly[place]),
        }
        return [
            Gate(name=name, value=self.actual(place) + apart, limit=limit + lifted + apart)
            for name, limit in precedents.items()
            if limit > 0 and limit + lifted <= self.actual(place)
        ]


def softened(floor: float, settings: DetectionSettings) -> float:
    """Return the least rise that the settings' sensitivity asks for, where the floor at 1 is ``floor``."""
    share: float = max(settings.sensitivity, 1.0) ** -_SENSITIVITY_SHARE
    return max(settings.min_impact, share * floor)


def judgement(
    table: CostTable,
    settings: DetectionSettings,
    chosen: Ints | None = None,
    *,
    readiest: DetectionSettings | None = None,
) -> Judgement | None:
    """Return the judgement of the table's last day, None with too little history.

    Rows that did not rise enough for the settings, and for the ``readiest`` that share the judgement, are left out,
    unless they are ``chosen`` by the caller.
    """
    if table.observed[-1 - LOOKBACK_DAYS : -1].sum() < settings.min_history_days:
        return None
    rows = scope_rows(table)
    total = len(rows.level) - 1 - int(np.argmax(rows.level[::-1] == Level.TOTAL))
    base, five = baseline(rows.amounts), five_days(rows.amounts, rows.amounts[total])
    floor = settings.floor(float(base.typical[total]))
    today = rows.amounts[:, -1]
    if chosen is None:
        chosen = _rising(rows, base, five, floor, softened(floor, readiest or settings))
    rise = today[chosen] - base.expected[chosen]
    leak = (rise < floor) & (five.rise[chosen] >= floor)
    older = five.expected[chosen]
    level = np.where(leak & ~np.isnan(older), older, base.expected[chosen])
    found = histories(table, rows, np.append(chosen, total))
    amounts = found[:-1]
    return Judgement(
        table=table,
        rows=rows,
        base=base,
        chosen=chosen,
        expected=level,
        offset=np.minimum(offsets(table, rows, base.expected, chosen), np.maximum(rise, 0.0)),
        leak=leak,
        past=past(
            amounts,
            found[-1],
            table.day,
            expected=base.expected[chosen],
            level=level,
            five_days=five.rise[chosen],
        ),
        floor=floor,
        settings=settings,
    )


def _rising(rows: ScopeRows, base: Baseline, five: FiveDays, floor: float, least: float) -> Ints:
    """Return the rows that rose by the least in one day, or by the floor over five; a smaller credit is no cost."""
    today = rows.amounts[:, -1]
    rise = today - base.expected
    leaking = (five.rise >= floor) & np.isin(rows.level, _LEAK_LEVELS)
    return np.flatnonzero(rows.judged & (today > 0) & (rise > 0) & ((rise >= least) | leaking))
