"""All costs up to a day as one [series x days] matrix."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from costspike.domain.spikes import Scope

HISTORY_DAYS = 400
"""Days before the judged day that are looked at: thirteen months, for what comes once a month."""

NAMES = ("service", "account_id", "usage_type", "region")
"""The key of a series, in sorting order: a service is one run of series, and so is each of its accounts."""

SMALLER = "(all smaller)"
"""The usage type of what is too small to be a series of its own; see ``fold``. AWS names have no parentheses first."""

_MICRO = Decimal("0.000001")
# The default context holds 28 digits, too few to quantise the largest float amounts.
_WIDE = Context(prec=400)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostTable:
    """Amounts by series and day; the last column is the judged day, the first ``HISTORY_DAYS`` before it.

    ``amounts`` is 0 where a series has no row. ``observed`` says on which days anything was landed at all:
    a day without a row is unknown, not free. ``codes`` and ``vocabulary`` hold the names, in the order of
    ``NAMES``. The ``row_*`` fields keep the landed amounts as they came, for exact sums.
    """

    day: date
    amounts: Floats
    observed: Bools
    codes: Ints
    vocabulary: tuple[tuple[str, ...], ...]
    row_series: Ints
    row_column: Ints
    row_amounts: "pd.Series[Any]"

    @property
    def account_services(self) -> Ints:
        """Return the number of each series' account x service: 0, 1, 2 ... in the order of the series."""
        return np.cumsum(changes(self.codes[:, :2])) - 1

    @property
    def small(self) -> Bools:
        """Tell which series are many that were folded into one."""
        words = self.vocabulary[2]
        folded = words.index(SMALLER) if SMALLER in words else -1
        return np.asarray(self.codes[:, 2] == folded)

    def names(self, series: int) -> Scope:
        """Return the four names of one series."""
        found = zip(NAMES, self.vocabulary, self.codes[series], strict=True)
        return Scope(**{name: words[code] for name, words, code in found})

    def earlier(self, days_ago: int) -> "CostTable | None":
        """Return the table as of an earlier day, None where that day has no rows; sums stay today's."""
        if not self.observed[-1 - days_ago]:
            return None
        amounts = np.zeros_like(self.amounts)
        amounts[:, days_ago:] = self.amounts[:, :-days_ago]
        observed = np.zeros_like(self.observed)
        observed[days_ago:] = self.observed[:-days_ago]
        day = self.day - timedelta(days=days_ago)
        return replace(self, day=day, amounts=amounts, observed=observed)

    def exact(self, days_ago: int) -> list[Decimal]:
        """Return each series' amount of one day as the exact sum of its rows; see ``micro`` for floats."""
        sums = [Decimal(0)] * len(self.codes)
        rows = np.flatnonzero(self.row_column == HISTORY_DAYS - days_ago)
        for series, amount in zip(self.row_series[rows].tolist(), self.row_amounts.iloc[rows], strict=True):
            sums[series] += amount if isinstance(amount, Decimal) else micro(amount)
        return sums


def micro(amount: float | Decimal) -> Decimal:
    """Return an amount to the millionth; a float is read as the number it prints as."""
    return _WIDE.quantize(Decimal(str(amount)), _MICRO)


def changes(keys: Ints) -> Bools:
    """Tell at which rows of ``keys`` a run of equal ones begins."""
    return np.append(True, (keys[1:] != keys[:-1]).any(axis=1))[: len(keys)]


def filled(
    day: date,
    observed: Bools,
    rows: "tuple[Ints, Ints, Floats, pd.Series[Any]]",
    codes: Ints,
    vocabulary: tuple[tuple[str, ...], ...],
) -> CostTable:
    """Return the table of ``rows``: series, column, amount as a float and as landed, by row."""
    series, column, values, landed = rows
    return CostTable(
        day=day,
        amounts=_matrix(series, column, values, len(codes)),
        observed=observed,
        codes=codes,
        vocabulary=vocabulary,
        row_series=series,
        row_column=column,
        row_amounts=landed,
    )


def _matrix(series: Ints, column: Ints, values: Floats, count: int) -> Floats:
    width = HISTORY_DAYS + 1
    cells = np.multiply(series, width, dtype=np.int64)
    cells += column
    taken = np.zeros(count * width, dtype=np.bool_)
    taken[cells] = True
    if np.count_nonzero(taken) < len(cells):
        # A float sum depends on its order: several rows of one cell are added smallest first.
        order = np.lexsort((values, cells))
        cells, values = cells[order], values[order]
    amounts = np.bincount(cells, weights=values, minlength=count * width)
    return amounts.reshape(count, width).astype(np.float64, copy=False)
