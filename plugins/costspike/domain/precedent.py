"""The largest amounts that a scope has already had, by which a new one is not a surprise."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

import numpy as np

from costspike.domain.baseline import known_or_zero, median
from costspike.domain.cost_table import HISTORY_DAYS, Bools, Floats, Ints

_RECENT_DAYS = 60
_PRESENCE_DAYS = 90
_PRESENT_SHARE = 0.1
_NEW_DAYS = 3
_MONTHS = 12
# One earlier month is a coincidence, two are a rule.
_OCCASIONS = 2
_MONTH_END_DAYS = 3
_NEAR = np.array([-7, -6, -5, -4, -3, 3, 4, 5, 6, 7])
_PEAK = 1.3


def recent_largest(amounts: Floats) -> Floats:
    """Return each row's largest day of the two months before, 0 at least."""
    return _largest(amounts[:, -1 - _RECENT_DAYS : -1])


def largest_run(amounts: Floats) -> Floats:
    """Return each row's largest day of the thirteen months before, 0 at least."""
    return _largest(amounts[:, :-1])


def young(amounts: Floats) -> Bools:
    """Tell which rows had a cost on three days at most: they are judged on dollars alone."""
    return np.asarray((known_or_zero(amounts[:, :-1]) != 0).sum(axis=1) <= _NEW_DAYS)


def sporadic(amounts: Floats) -> Bools:
    """Tell which rows reached a tenth of today's cost on less than half the known days of three months.

    A job that runs now and then has a median of zero, so only its own largest runs say what is usual.
    """
    recent = amounts[:, -1 - _PRESENCE_DAYS : -1]
    present = recent > _PRESENT_SHARE * amounts[:, -1:]
    return np.asarray(present.sum(axis=1) * 2 < (~np.isnan(recent)).sum(axis=1))


def monthly_peak(amounts: Floats, day: date) -> Floats:
    """Return the amount that at least two earlier months had at this time, 0 at least.

    This time is within a day of this day of the month; in a month's last three days, days counted from its end
    count as well. Only peaks count, a third above the days around: an earlier level shift is no fee.
    """
    months = [[column for column in month if 0 <= column < HISTORY_DAYS] for month in _same_days(day)]
    known = [month for month in months if month]
    columns = np.array([column for month in known for column in month], dtype=np.int64)
    starts = np.cumsum([0, *(len(month) for month in known[:-1])])
    by_month = np.maximum.reduceat(_peaks(amounts, columns), starts, axis=1)
    return np.sort(by_month, axis=1)[:, -_OCCASIONS]


def _peaks(amounts: Floats, columns: Ints) -> Floats:
    near = columns[:, None] + _NEAR
    around = np.where((near >= 0) & (near < HISTORY_DAYS), amounts[:, np.clip(near, 0, HISTORY_DAYS)], np.nan)
    peak = amounts[:, columns] > _PEAK * known_or_zero(median(around))
    return np.where(peak, np.maximum(amounts[:, columns], 0.0), 0.0)


def _same_days(day: date) -> Iterator[list[int]]:
    """Yield, month by month backwards, the columns within one day of this day of the month."""
    from_end = monthrange(day.year, day.month)[1] - day.day
    for months_ago in range(1, _MONTHS + 1):
        year, month = divmod(day.year * 12 + day.month - 1 - months_ago, 12)
        length = monthrange(year, month + 1)[1]
        numbers = {min(day.day, length)} | ({length - from_end} if from_end < _MONTH_END_DAYS else set())
        agos = [(day - date(year, month + 1, number)).days for number in numbers]
        yield sorted({HISTORY_DAYS - ago + near for ago in agos for near in (-1, 0, 1)})


def _largest(amounts: Floats) -> Floats:
    return np.asarray(np.fmax.reduce(amounts, axis=1, initial=0.0))
