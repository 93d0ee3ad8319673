"""Usage rows of a long time, converted once and then cut day by day."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from costspike.domain.cost_table import COLUMNS, HISTORY_DAYS, NAMES, Bools, Floats, micro
from costspike.domain.errors import DataContractError
from costspike.domain.spikes import Scope

_AMOUNT = "amount_usd"


class CostHistory:
    """Usage rows of one currency, for asking again and again what was known on a day.

    Rows lie sorted by day, so that a day's view is a slice and no copy; names are categories and amounts
    floats, which a detector reads several times as fast as texts and decimals.
    """

    def __init__(self, costs: pd.DataFrame) -> None:
        """Convert the rows, which have the columns of ``detect``.

        Raises:
            DataContractError: a column is missing or cannot be read.
        """
        missing = [name for name in COLUMNS if name not in costs.columns]
        if missing:
            msg = f"The cost rows lack the columns {missing}: expected {list(COLUMNS)}. Pass the landed rows."
            raise DataContractError(msg)
        rows = _converted(costs).sort_values("usage_date", kind="stable", ignore_index=True)
        days, starts = np.unique(rows["usage_date"].to_numpy().astype("datetime64[D]"), return_index=True)
        self.days: tuple[date, ...] = tuple(days.tolist())
        self._rows = rows
        self._days = days
        self._bounds = np.append(starts, len(rows))
        self._day_of_row = np.repeat(np.arange(len(days)), np.diff(self._bounds))
        self._amounts = rows[_AMOUNT].to_numpy()

    def until(self, day: date) -> pd.DataFrame:
        """Return what a detector looks at on a day: the rows up to and including it, not copied."""
        oldest, next_day = day - timedelta(days=HISTORY_DAYS), day + timedelta(days=1)
        first, end = self._days.searchsorted(np.array([oldest, next_day], dtype="datetime64[D]"))
        return self._rows.iloc[self._bounds[first] : self._bounds[end]]

    def daily(self, scope: Scope) -> dict[date, Decimal]:
        """Return what a scope cost on every day that has rows at all, to the millionth."""
        chosen = np.ones(len(self._rows), dtype=bool)
        for name in NAMES:
            wanted = getattr(scope, name)
            if wanted:
                chosen &= self._is(name, wanted)
        sums = np.bincount(self._day_of_row[chosen], self._amounts[chosen], minlength=len(self.days))
        return dict(zip(self.days, map(micro, sums.tolist()), strict=True))

    def _is(self, name: str, wanted: str) -> Bools:
        column = self._rows[name].cat
        places = np.flatnonzero(column.categories == wanted)
        return np.isin(column.codes.to_numpy(), places)


def _converted(costs: pd.DataFrame) -> pd.DataFrame:
    try:
        days = pd.to_datetime(costs["usage_date"]).to_numpy().astype("datetime64[s]")
        amounts = _floats(costs[_AMOUNT])
    except (ValueError, TypeError) as error:
        msg = f"The cost rows cannot be read ({error}): expected dates in usage_date, numbers in {_AMOUNT}."
        raise DataContractError(msg) from error
    bad = np.flatnonzero(~np.isfinite(amounts) | np.isnat(days))
    if bad.size:
        row = costs.iloc[int(bad[0])]
        msg = (
            f"row {bad[0]} has {_AMOUNT} {row[_AMOUNT]!r} and usage_date {row['usage_date']!r}: "
            "expected a number and a date. Land the day again, or mend the file."
        )
        raise DataContractError(msg)
    names = {name: _names(costs[name]) for name in NAMES}
    return pd.DataFrame({"usage_date": days, **names, _AMOUNT: amounts}, copy=False)


def _names(texts: "pd.Series[str]") -> pd.Categorical:
    """Return a column of names as categories; an absent name is empty."""
    codes, names = pd.factorize(texts, use_na_sentinel=True)
    words = [str(name) for name in names]
    if "" not in words:
        words.append("")
    known = np.where(codes < 0, words.index(""), codes)
    return pd.Categorical.from_codes(known, categories=pd.Index(words, dtype="object"))


def _floats(amounts: "pd.Series[float]") -> Floats:
    if isinstance(amounts.dtype, pd.ArrowDtype):  # else every decimal would become an object first
        amounts = amounts.astype("double[pyarrow]")
    return np.asarray(amounts.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
