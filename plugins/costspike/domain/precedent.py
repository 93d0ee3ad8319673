"""The largest amounts that a scope has already had, by which a new one is not a surprise."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

import numpy as np

from costspike.domain.cost_table import HISTORY_DAYS, Bools, Floats

_RECENT_DAYS = 60
_PRESENCE_DAYS = 90
_MONTHS = 12
# One earlier month is a coincidence, two are a rule.
_OCCASIONS = 2
_MONTH_END_DAYS = 3


def recent_largest(amounts: Floats) -> Floats:
    """Return each row's largest day of the two months before, 0 at least.

    It also silences day two of a level shift, and every day on which an incident merely goes on.
    """
    return _largest(amounts[:, -1 - _RECENT_DAYS : -1])


def largest_run(amounts: Floats) -> Floats:
    """Return each row's largest day of the thirteen months before, 0 at least."""
    return _largest(amounts[:, :-1])


def sporadic(amounts: Floats) -> Bools:
    """Tell which rows were present on less than half of the known days of the last three months.

    A job that runs now and then has a median of zero, so only its own largest runs say what is usual.
    """
    recent = amounts[:, -1 - _PRESENCE_DAYS : -1]
    return np.asarray((recent > 0).sum(axis=1) * 2 < (~np.isnan(recent)).sum(axis=1))


def monthly_largest(amounts: Floats, day: date) -> Floats:
    """Return the amount that at least two earlier months had within a day of this day of the month.

    In a month's last three days, days counted from its end count as well. 0 at least.
    """
    by_month = [_largest(amounts[:, columns]) for columns in _same_days(day)]
    return np.sort(np.column_stack(by_month), axis=1)[:, -_OCCASIONS]


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
