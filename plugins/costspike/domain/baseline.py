"""What a day is expected to cost: the same weekday's median, moved to the recent level."""

from dataclasses import dataclass

import numpy as np

from costspike.domain.cost_table import Floats, Ints

LOOKBACK_DAYS = 35
"""Five weeks: enough same weekdays for a median that two odd days cannot move."""

_WEEK = 7
_WEEKS = np.arange(1, 6) * _WEEK
_LEVEL_DAYS = np.arange(1, 8)
_LEVEL_RANGE = (0.3, 3.0)
_LOW_WEEK = 0.8
"""A week below this share of what its weekdays usually cost is low, and not how noise or a decline moves it."""

RESIDUAL_DAYS = 28
"""Four weeks: the days that say how much a series swings."""

# A steady series has no spread at all; nothing is steadier than two percent.
_LEAST_SPREAD = 0.02
_MAD_TO_SIGMA = 1.4826
# Three odd days in nine weeks may be incidents or fees; the fourth says what the row does by itself.
_SWING_PLACE = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """By row: the expected amount of the last day, and the median day."""

    expected: Floats
    typical: Floats


def baseline(amounts: Floats) -> Baseline:
    """Return what the last column of ``amounts`` was expected to be, from the columns before it.

    NaN is an unknown day and is left out; at least 71 columns are needed, known or not. A row without a
    known same weekday is expected to cost its median day. A row that comes back from a low week (a holiday, an
    outage, late data) is expected to cost what its weekday usually does, as far as it does: that is no rise.
    """
    typical = known_or_zero(median(amounts[:, -1 - LOOKBACK_DAYS : -1]))
    forecast = _forecast(amounts, np.array([amounts.shape[1] - 1]))[:, 0]
    today, usual = amounts[:, -1], median(amounts[:, amounts.shape[1] - 1 - _WEEKS])
    is_back = (forecast < _LOW_WEEK * usual) & (today > forecast)
    forecast = np.where(is_back, np.minimum(usual, today), forecast)
    return Baseline(expected=np.where(np.isnan(forecast), typical, forecast), typical=typical)


def residuals(amounts: Floats, count: int = RESIDUAL_DAYS) -> Floats:
    """Return how far each of the last ``count`` days was from its own expectation, the day before first."""
    days = np.arange(amounts.shape[1] - 2, amounts.shape[1] - 2 - count, -1)
    return amounts[:, days] - _forecast(amounts, days[::-1])[:, ::-1]


def spread(residual: Floats, expected: Floats) -> Floats:
    """Return each row's robust standard deviation: the median residual, two percent of the cost at least."""
    deviation = known_or_zero(median(np.abs(residual[:, :RESIDUAL_DAYS]))) * _MAD_TO_SIGMA
    return np.maximum(deviation, _LEAST_SPREAD * np.abs(expected))


def swing(residual: Floats, expected: Floats) -> Floats:
    """Return how far off a row's odd days are: the fourth largest residual, up or down.

    It is two percent of the cost at least. ``spread`` says what a row does on most days, on which a
    scope with crowds, or one that changes its level now and then, may be quiet.
    """
    place = max(residual.shape[1] - _SWING_PLACE, 0)
    odd = np.partition(np.nan_to_num(np.abs(residual)), place, axis=1)[:, place]
    return np.maximum(odd, _LEAST_SPREAD * np.abs(expected))


def median(values: Floats) -> Floats:
    """Return the median along the last axis without NaN, NaN where there is nothing else."""
    width = values.shape[-1]
    if width == _WEEKS.size:
        found = _of_five(values)
        partly = np.isnan(found)
        known = np.sort(values[partly])
    else:
        # Six times as fast as np.nanmedian on many short rows: NaN is sorted last, so counting is enough.
        ordered = np.sort(values, axis=-1)
        low, high = ordered[..., (width - 1) // 2], ordered[..., width // 2]
        found = low + (high - low) / 2
        partly = np.isnan(ordered[..., -1])
        known = ordered[partly]
    if len(known):
        count, row = (~np.isnan(known)).sum(axis=-1), np.arange(len(known))
        low, high = known[row, np.maximum(count - 1, 0) // 2], known[row, np.minimum(count // 2, width - 1)]
        found[partly] = low + (high - low) / 2
    return np.asarray(found)


def known_or_zero(values: Floats) -> Floats:
    """Return the values, 0 where one is NaN; on few values five times as fast as ``np.nan_to_num``."""
    return np.where(np.isnan(values), 0.0, values)


def _of_five(values: Floats) -> Floats:
    """Return the medians of five, NaN where one is.

    To numpy every five are a sort of their own: comparing all first ones with all second ones takes a sixth.
    """
    one, two, three, four, five = (values[..., at] for at in range(5))
    low = np.maximum(np.minimum(one, two), np.minimum(three, four))
    high = np.minimum(np.maximum(one, two), np.maximum(three, four))
    return np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), five))


def _forecast(amounts: Floats, days: Ints) -> Floats:
    """Return [rows x days], days ascending: the weekday's median times the level of the seven days before.

    Where that weekday cost nothing yet, or the level is beyond its range (which happens after four days of a
    new level), the median of the seven days themselves is expected.
    """
    earliest = int(days[0]) - int(_LEVEL_DAYS[-1])
    columns = np.arange(earliest, int(days[-1]) + 1)
    weekday = median(amounts[:, columns[:, None] - _WEEKS])
    # A weekday that costs nothing (or is a credit) says nothing about the level.
    known = weekday > 0
    ratio = np.where(known, amounts[:, columns] / np.where(known, weekday, 1.0), np.nan)
    level = median(ratio[:, (days - earliest)[:, None] - _LEVEL_DAYS])
    level = np.where(np.isnan(level), 1.0, level)
    week = known_or_zero(median(amounts[:, days[:, None] - _LEVEL_DAYS]))
    usual, then = weekday[:, days - earliest], weekday[:, days - earliest - _WEEK]
    expected = _of_one_era(usual, then, np.clip(level, *_LEVEL_RANGE), amounts[:, days - _WEEK])
    moved = np.where(level > _LEVEL_RANGE[1], np.maximum(expected, week), expected)
    started = np.where(usual >= 0, np.maximum(week, usual), usual)
    return np.where(np.isnan(usual), np.nan, np.where(usual > 0, moved, started))


def _of_one_era(usual: Floats, week_before: Floats, level: Floats, last: Floats) -> Floats:
    """Return the weekday's median times the level, without counting a change of level in both.

    Three weeks after a lasting change the weekday's median takes it over at once, while the level is for some days
    still the ratio to what was before. Then the median of a week ago is the one that goes with it: of both, the
    one that comes nearer to the same day of last week.
    """
    now, then = usual * level, week_before * level
    nearer = (week_before > 0) & (np.abs(then - last) < np.abs(now - last))
    return np.where(nearer, then, now)
