"""Landed cost rows as one [series x days] matrix."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from costspike.domain.errors import DataContractError
from costspike.domain.spikes import Scope

HISTORY_DAYS = 400
"""Days before the judged day that are looked at: thirteen months, for what comes once a month."""

COLUMNS = ("usage_date", "account_id", "service", "usage_type", "region", "amount_usd")
NAMES = ("service", "account_id", "usage_type", "region")
"""The key of a series, in sorting order: a service is one run of series, and so is each of its accounts."""

_FEW, _FEW_PER_ROW = 1000, 8
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


def cost_table(costs: pd.DataFrame, day: date) -> CostTable | None:
    """Return the table up to and including ``day``, None where ``day`` has no rows or nothing was spent.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    missing = [name for name in COLUMNS if name not in costs.columns]
    if missing:
        text = f"The cost rows lack the columns {missing}: expected {list(COLUMNS)}. Pass the landed rows."
        raise DataContractError(text)
    column = _columns_of_days(costs["usage_date"], day)
    within = (column >= 0) & (column <= HISTORY_DAYS)
    rows, column = _selected(costs, within), column[within]
    values = _values(rows)
    observed = np.bincount(column, minlength=HISTORY_DAYS + 1) > 0
    # A series of zeros would be no part of any sum, but float sums depend on how many they add.
    spent = values != 0
    if not observed[-1] or not spent.any():
        return None
    rows, column, values = _selected(rows, spent), column[spent], values[spent]
    series, codes, vocabulary = _series(rows)
    return CostTable(
        day=day,
        amounts=_matrix(series, column, values, len(codes)),
        observed=observed,
        codes=codes,
        vocabulary=vocabulary,
        row_series=series,
        row_column=column,
        row_amounts=rows["amount_usd"],
    )


def _selected(rows: pd.DataFrame, chosen: Bools) -> pd.DataFrame:
    """Return the chosen rows; as a free slice where they are one run, as in rows sorted by day."""
    places = np.flatnonzero(chosen)
    if places.size and places[-1] - places[0] + 1 == places.size:
        return rows.iloc[places[0] : places[-1] + 1]
    return rows.iloc[places]


def _columns_of_days(dates: "pd.Series[Any]", day: date) -> Ints:
    """Return the matrix column of each row's day; outside 0..HISTORY_DAYS it is not part of the table."""
    try:
        days = _days(dates)
    except (ValueError, TypeError) as error:
        text = f"usage_date holds {dates.iloc[0]!r}: expected dates. Convert the column before detection."
        raise DataContractError(text) from error
    unknown = np.flatnonzero(np.isnat(days))
    if unknown.size:
        text = f"usage_date is empty in row {unknown[0]}: expected a date. Land the rows again."
        raise DataContractError(text)
    return (days - np.datetime64(day, "D")).astype(np.int64) + HISTORY_DAYS


def _days(dates: "pd.Series[Any]") -> npt.NDArray[np.datetime64]:
    if isinstance(dates.dtype, np.dtype) and dates.dtype.kind == "M":
        return dates.to_numpy().astype("datetime64[D]")
    if pd.api.types.is_numeric_dtype(dates.dtype):
        raise TypeError  # numpy would read a number as days since 1970
    # Date objects convert slowly, and there are few distinct ones.
    codes, uniques = pd.factorize(dates, use_na_sentinel=True)
    return np.array([*uniques, None], dtype="datetime64[D]")[codes]


def _values(rows: pd.DataFrame) -> Floats:
    amounts = rows["amount_usd"]
    try:
        if isinstance(amounts.dtype, pd.ArrowDtype):  # else every decimal would become an object first
            amounts = amounts.astype("double[pyarrow]")
        values = amounts.to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        text = f"amount_usd holds {amounts.iloc[0]!r}: expected numbers. Convert the column before detection."
        raise DataContractError(text) from error
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        row = rows.iloc[int(bad[0])]
        where = f"{str(row['service'])[:80]!r} on {row['usage_date']!s}"
        text = f"amount_usd is {row['amount_usd']!r} for {where}: expected a number. Land the day again."
        raise DataContractError(text)
    return values


def _series(rows: pd.DataFrame) -> tuple[Ints, Ints, tuple[tuple[str, ...], ...]]:
    """Return the series of each row, the name codes of each series, and the names; all in sorted order."""
    encoded = [pd.factorize(rows[name], use_na_sentinel=False) for name in NAMES]
    (service, _), (account, accounts), (usage, usages), (region, regions) = encoded
    # Numbered halfway: the product of three columns of two million distinct names still fits 63 bits.
    pair, pairs = _numbered(service * len(accounts) + account, (int(service.max()) + 1) * len(accounts))
    found, _ = _numbered(
        (pair * len(usages) + usage) * len(regions) + region, pairs * len(usages) * len(regions)
    )
    example = np.zeros(int(found.max()) + 1, dtype=np.int64)
    example[found] = np.arange(len(found))
    sorted_names = [_sorted(words) for _, words in encoded]
    codes = [place[column[example]] for (column, _), (place, _) in zip(encoded, sorted_names, strict=True)]
    distinct, order = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    return order[found], distinct, tuple(words for _, words in sorted_names)


def _numbered(keys: Ints, bound: int) -> tuple[Ints, int]:
    """Return each key's number among the distinct ones, and how many there are; keys are below ``bound``."""
    if bound > _FEW_PER_ROW * len(keys) + _FEW:
        codes, uniques = pd.factorize(keys)
        return codes, len(uniques)
    # A table of all possible keys is five times as fast as hashing while it is small.
    present = np.zeros(bound, dtype=np.int64)
    present[keys] = 1
    number = np.cumsum(present) - 1
    return number[keys], int(number[-1]) + 1


def _sorted(uniques: Iterable[object]) -> tuple[Ints, tuple[str, ...]]:
    """Return each name's place among the sorted distinct ones, and those; an absent name reads as empty."""
    names = ["" if pd.isna(word) else str(word) for word in uniques]  # type: ignore[call-overload]
    words = tuple(sorted({*names, ""}))
    place = {word: index for index, word in enumerate(words)}
    return np.array([place[name] for name in names], dtype=np.int64), words


def _matrix(series: Ints, column: Ints, values: Floats, count: int) -> Floats:
    width = HISTORY_DAYS + 1
    cells = series * width + column
    if np.bincount(cells).max() > 1:
        # A float sum depends on its order: several rows of one cell are added smallest first.
        order = np.lexsort((values, cells))
        cells, values = cells[order], values[order]
    amounts = np.bincount(cells, weights=values, minlength=count * width)
    return amounts.reshape(count, width).astype(np.float64, copy=False)
