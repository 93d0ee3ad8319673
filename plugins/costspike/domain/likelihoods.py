"""How likely a rise is an incident: a logistic score over what is known about it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from costspike.domain.baseline import residuals, spread
from costspike.domain.cost_table import Bools, Floats
from costspike.domain.five_days import largest_past_rise, steady_rise
from costspike.domain.precedent import largest_run, monthly_peak, recent_largest, sporadic, young

WEIGHTS: Final = {
    "intercept": -4.95,
    "size": 0.49,
    "band": 0.87,
    "recent_largest": 0.45,
    "monthly": 6.1,
    "offset": -4.1,
    "largest_run": 3.45,
    "new": 4.2,
    "five_days": 0.87,
    "steady": 0.22,
    "recurrence": -0.59,
    "run": 0.34,
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
_RECURRENCE_DAYS = 63
# The last week is this incident itself.
_RECURRENCE_GAP = 7
_RECURRENCE_SHARE = 0.7
_LEAST_FIVE_DAYS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """By row: all that a row's own history says about its last day."""

    expected: Floats
    spread: Floats
    residuals: Floats
    recent_largest: Floats
    largest_run: Floats
    monthly: Floats
    sporadic: Bools
    young: Bools
    five_days: Floats
    largest_five_days: Floats
    steady: Floats

    def __getitem__(self, chosen: int) -> "Past":
        """Return the past of one row."""
        return Past(**{name: getattr(self, name)[chosen : chosen + 1] for name in self.__slots__})


def past(amounts: Floats, total: Floats, expected: Floats, five_days: Floats, day: date) -> Past:
    """Return what ``amounts``, [rows x days], say about their last column."""
    residual = residuals(amounts, _RECURRENCE_DAYS)
    return Past(
        expected=expected,
        spread=spread(residual, expected),
        residuals=residual,
        recent_largest=recent_largest(amounts),
        largest_run=largest_run(amounts),
        monthly=monthly_peak(amounts, day),
        sporadic=sporadic(amounts) & ~young(amounts),
        young=young(amounts),
        five_days=five_days,
        largest_five_days=largest_past_rise(amounts, total),
        steady=steady_rise(amounts),
    )


def evidence(before: Past, actual: Floats, offset: Floats, floor: float) -> dict[str, Floats]:
    """Return every piece of evidence by name and row.

    ``actual`` is what counts of the day's cost, ``offset`` what fell elsewhere, ``floor`` the least rise that
    matters.
    """
    rise = actual - before.expected
    offset = np.clip(offset, 0.0, np.maximum(rise, 0.0))
    tiny = np.maximum(np.abs(actual), floor) * 1e-9
    left, cost = np.maximum(rise - offset, tiny), np.maximum(actual - offset, tiny)
    regular = ~before.sporadic & ~before.young

    def only(rows: Bools, values: Floats) -> Floats:
        return np.where(rows, values, 0.0)

    grown = np.maximum(before.five_days, _LEAST_FIVE_DAYS * floor)
    grew = np.maximum(before.largest_five_days, _LEAST_FIVE_DAYS * floor)
    ran = np.nan_to_num(before.residuals[:, :_RUN_DAYS]) >= _RUN_SHARE * rise[:, None]
    recurred = np.nan_to_num(before.residuals[:, _RECURRENCE_GAP:]) >= _RECURRENCE_SHARE * rise[:, None]
    return {
        "size": np.clip(np.log(left / floor), -1.5, 3.0),
        "band": only(regular, _ratio(left, before.spread, 0.0, 3.5)),
        "recent_largest": only(regular, _ratio(cost, before.recent_largest, -0.5, 1.0)),
        "monthly": _ratio(cost, before.monthly, -0.5, 0.5),
        "offset": offset / np.maximum(rise, tiny),
        "largest_run": only(before.sporadic, _ratio(cost, before.largest_run, -1.0, 1.5)),
        "new": before.young.astype(np.float64),
        "five_days": only(regular, np.clip(np.log(grown / grew), -1.5, 1.5)),
        "steady": np.where(regular, _ratio(np.maximum(before.steady, 0.0), before.spread, -2.3, 2.5), -2.3),
        "recurrence": np.log1p(recurred.sum(axis=1)),
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
