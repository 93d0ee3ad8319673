"""Slow leaks: the mean of five days against the level of two to five weeks before."""

from dataclasses import dataclass

import numpy as np

from costspike.domain.baseline import known_or_zero, median
from costspike.domain.cost_table import Floats, Ints

_MEAN_DAYS = 5
_WEEKS_BACK = np.array([14, 21, 28, 35])
_DRIFT_RANGE = (0.5, 2.0)
# Deviations of the last days are the leak itself.
_PAST = np.arange(12, 95)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FiveDays:
    """By row: the rise of the five-day mean, and the older level that today would have had."""

    rise: Floats
    expected: Floats


def five_days(amounts: Floats, total: Floats) -> FiveDays:
    """Compare the last five days of each row with the same weekdays two to five weeks before.

    The baseline follows a slow rise within a week and so never sees it. Levels are corrected for the
    drift of the whole organisation, ``total``.
    """
    last = amounts.shape[1] - 1
    mean, before = _means(amounts, np.array([0]))
    mean_total, before_total = _means(total[None], np.array([0]))
    drift = _drift(mean_total[0], before_total[0])
    rise = known_or_zero(mean - before * drift)[:, 0]
    level = median(amounts[:, last - _WEEKS_BACK]) * drift[0]
    return FiveDays(rise=rise, expected=level)


def largest_past_rise(amounts: Floats, total: Floats) -> Floats:
    """Return the largest rise of a five-day mean that each row had before, 0 at least."""
    mean, before = _means(amounts, _PAST)
    mean_total, before_total = _means(total[None], _PAST)
    rises = np.nan_to_num(mean - before * _drift(mean_total[0], before_total[0]))
    return np.asarray(np.maximum(rises.max(axis=1), 0.0))


def _means(amounts: Floats, ago: Ints) -> tuple[Floats, Floats]:
    before = _mean(amounts, (ago[:, None] + _WEEKS_BACK).ravel())
    return _mean(amounts, ago), median(before.reshape(len(amounts), len(ago), len(_WEEKS_BACK)))


def _mean(amounts: Floats, ago: Ints) -> Floats:
    """Return [rows x ago]: the mean of the known ones of five days that end so many days ago."""
    last = amounts.shape[1] - 1
    window = amounts[:, last - ago[:, None] - np.arange(_MEAN_DAYS)]
    known = ~np.isnan(window)
    if known.all():
        return np.asarray(window.sum(axis=-1) / _MEAN_DAYS)
    count = known.sum(axis=-1)
    total = np.where(known, window, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _drift(mean: Floats, before: Floats) -> Floats:
    known = before > 0
    ratio = np.where(known, mean / np.where(known, before, 1.0), 1.0)
    return np.asarray(np.clip(np.nan_to_num(ratio, nan=1.0), *_DRIFT_RANGE))
