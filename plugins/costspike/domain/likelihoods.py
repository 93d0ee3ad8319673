"""How likely a rise is an incident: a logistic score over what is known about it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from costspike.domain.baseline import residuals, spread, swing
from costspike.domain.cost_table import Bools, Floats
from costspike.domain.five_days import largest_past_rise
from costspike.domain.precedent import largest_run, monthly_peak, recent_largest, sporadic, young

WEIGHTS: Final = {
    "intercept": -3.95,
    "size": 0.46,
    "band": 0.97,
    "swing": 1.39,
    "offset": -4.65,
    "largest_run": 5.16,
    "new": 5.82,
    "five_days": 1.0,
    "run": 0.5,
}
"""What each piece of evidence adds to the log odds; fitted offline, see docs/detection.md.

Every sign was required in the fit to be what it must be: more money, further beyond what was, is never less
likely an incident; what other things explain is never more likely one.
"""

DEFAULT_LOG_ODDS: Final = 0.75
"""The least log odds at sensitivity 1."""

# An amount of nothing is compared as a fiftieth of the other, and no ratio counts beyond its range.
_LEAST_SHARE = 0.02
_RUN_DAYS = 4
_RUN_SHARE = 0.5
_SWING_DAYS = 63
_LEAST_FIVE_DAYS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """By row: all that a row's own history says about its last day.

    ``level`` is what the size of the rise is measured against: ``expected``, or the older level for a leak.
    """

    expected: Floats
    level: Floats
    spread: Floats
    residuals: Floats
    recent_largest: Floats
    largest_run: Floats
    monthly: Floats
    sporadic: Bools
    young: Bools
    five_days: Floats
    largest_five_days: Floats

    def __getitem__(self, chosen: int) -> "Past":
        """Return the past of one row."""
        return Past(**{name: getattr(self, name)[chosen : chosen + 1] for name in self.__slots__})


def past(
    amounts: Floats, total: Floats, day: date, *, expected: Floats, level: Floats, five_days: Floats
) -> Past:
    """Return what ``amounts``, [rows x days], say about their last column."""
    residual = residuals(amounts, _SWING_DAYS)
    return Past(
        expected=expected,
        level=level,
        spread=spread(residual, expected),
        residuals=residual,
        recent_largest=recent_largest(amounts),
        largest_run=largest_run(amounts),
        monthly=monthly_peak(amounts, day),
        sporadic=sporadic(amounts) & ~young(amounts),
        young=young(amounts),
        five_days=five_days,
        largest_five_days=largest_past_rise(amounts, total),
    )


def evidence(before: Past, actual: Floats, offset: Floats, floor: float) -> dict[str, Floats]:
    """Return every piece of evidence by name and row.

    ``actual`` is what counts of the day's cost, ``offset`` what fell elsewhere, ``floor`` the least rise that
    matters.
    """
    rise = actual - before.expected
    offset = np.clip(offset, 0.0, np.maximum(rise, 0.0))
    tiny = np.maximum(np.abs(actual), floor) * 1e-9
    # What two earlier months had at this time was to be expected, whatever else was.
    left = np.maximum(actual - np.maximum(before.expected, before.monthly) - offset, tiny)
    size = np.maximum(actual - np.maximum(before.level, before.monthly) - offset, tiny)
    cost = np.maximum(actual - offset, tiny)
    regular = ~before.sporadic & ~before.young

    def only(rows: Bools, values: Floats) -> Floats:
        return np.where(rows, values, 0.0)

    grown = np.maximum(before.five_days, _LEAST_FIVE_DAYS * floor)
    grew = np.maximum(before.largest_five_days, _LEAST_FIVE_DAYS * floor)
    ran = np.nan_to_num(before.residuals[:, :_RUN_DAYS]) >= _RUN_SHARE * rise[:, None]
    return {
        "size": np.clip(np.log(size / floor), -1.5, 3.0),
        "band": only(regular, _ratio(left, before.spread, 0.0, 3.5)),
        "swing": only(regular, _ratio(left, swing(before.residuals, before.expected), -0.5, 2.5)),
        "offset": offset / np.maximum(rise, tiny),
        "largest_run": only(before.sporadic, _ratio(cost, before.largest_run, -1.0, 1.5)),
        "new": np.where(before.young, np.minimum(left / cost, 1.0), 0.0),
        "five_days": only(regular, np.clip(np.log(grown / grew), -0.5, 1.5)),
        "run": np.log1p(np.cumprod(ran, axis=1).sum(axis=1)),
    }


def log_odds(found: dict[str, Floats]) -> Floats:
    """Return the score: the weighted sum of the evidence."""
    score = np.full(len(found["size"]), WEIGHTS["intercept"])
    for name, values in found.items():
        score = score + WEIGHTS[name] * values
    return score


def likelihood(odds: float) -> float:
    """Return log odds as a probability."""
    return float(1 / (1 + np.exp(-np.clip(odds, -500, 500))))


def _ratio(amount: Floats, other: Floats, least: float, most: float) -> Floats:
    positive = np.maximum(amount, 0.0)
    share = positive / np.where(positive > 0, np.maximum(other, _LEAST_SHARE * positive), 1.0)
    return np.clip(np.log(np.maximum(share, 1e-9)), least, most)
