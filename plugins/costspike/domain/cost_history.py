"""Usage rows of a long time, converted once and then cut day by day."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from costspike.domain.cost_rows import days_before, values_of
from costspike.domain.cost_table import HISTORY_DAYS, NAMES, CostTable, filled, micro
from costspike.domain.named_series import named_series
from costspike.domain.spikes import Scope

_EPOCH = date(1970, 1, 1)


class CostHistory:
    """Usage rows of one currency, for asking again and again what was known on a day.

    Names become series once, and rows lie sorted by day, so that a day's table is cut out of arrays; amounts
    are floats, which is several times as fast as decimals.
    """

    def __init__(self, costs: pd.DataFrame) -> None:
        """Convert the rows, which have the columns of ``detect``.

        Raises:
            DataContractError: a column is missing or cannot be read.
        """
        days = np.datetime64(_EPOCH, "D") + days_before(costs, _EPOCH)
        amounts = values_of(costs)
        self._days = np.unique(days)
        self.days: tuple[date, ...] = tuple(self._days.tolist())
        order = np.argsort(days, kind="stable")
        order = order[amounts[order] != 0]
        self._series = named_series(costs, order)
        self._amounts = amounts[order]
        self._day_of_row = self._days.searchsorted(days[order])
        self._bounds = self._day_of_row.searchsorted(np.arange(len(self._days) + 1))

    def table(self, day: date) -> CostTable | None:
        """Return what ``detect`` would look at on a day: the rows up to and including it; None if it has none."""
        # Longer than the history that is looked at: what is older is outside.
        oldest = np.datetime64(day - timedelta(days=HISTORY_DAYS), "D")
        first, end = self._days.searchsorted(np.array([oldest, np.datetime64(day, "D") + 1]))
        rows = slice(int(self._bounds[first]), int(self._bounds[end]))
        column = (self._days[first:end] - oldest).astype(np.int64)
        observed = np.zeros(HISTORY_DAYS + 1, dtype=np.bool_)
        observed[column] = True
        if not observed[-1] or rows.start == rows.stop:
            return None
        series, amounts = self._series.of_row[rows], self._amounts[rows]
        seen = np.bincount(series, minlength=len(self._series.codes)) > 0
        landed = (
            (np.cumsum(seen) - 1)[series],
            column[self._day_of_row[rows] - first],
            amounts,
            pd.Series(amounts, copy=False),
        )
        return filled(day, observed, landed, self._series.codes[seen], self._series.vocabulary)

    def daily(self, scope: Scope) -> dict[date, Decimal]:
        """Return what a scope cost on every day that has rows at all, to the millionth."""
        within = np.ones(len(self._series.codes), dtype=np.bool_)
        for name, words, codes in zip(NAMES, self._series.vocabulary, self._series.codes.T, strict=True):
            wanted = getattr(scope, name)
            if wanted:
                within &= np.array([word == wanted for word in words], dtype=np.bool_)[codes]
        chosen = within[self._series.of_row]
        sums = np.bincount(self._day_of_row[chosen], self._amounts[chosen], minlength=len(self.days))
        return dict(zip(self.days, map(micro, sums.tolist()), strict=True))
