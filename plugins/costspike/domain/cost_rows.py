"""Landed cost rows as arrays: the column of each row's day, its series and its amount."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from costspike.domain.cost_table import HISTORY_DAYS, NAMES, Bools, CostTable, Floats, Ints, changes, filled
from costspike.domain.errors import DataContractError

COLUMNS = ("usage_date", "account_id", "service", "usage_type", "region", "amount_usd")

_FEW, _FEW_PER_ROW = 1000, 8
_DAY_UNITS = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedSeries:
    """The distinct series of some rows, sorted by their names.

    ``codes`` is [series x NAMES]: places in the sorted ``vocabulary``, where 0 is the empty name.
    """

    of_row: Ints
    codes: Ints
    vocabulary: tuple[tuple[str, ...], ...]


def cost_table(costs: pd.DataFrame, day: date) -> CostTable | None:
    """Return the table up to and including ``day``, None where ``day`` has no rows or nothing was spent.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    column = days_before(costs, day) + HISTORY_DAYS
    within = (column >= 0) & (column <= HISTORY_DAYS)
    rows, column = _selected(costs, within), column[within]
    values = values_of(rows)
    observed = np.bincount(column, minlength=HISTORY_DAYS + 1) > 0
    # A series of zeros would be no part of any sum, but float sums depend on how many they add.
    spent = np.flatnonzero(values)
    if not observed[-1] or not spent.size:
        return None
    amounts = rows["amount_usd"]
    if spent.size == len(values):
        series = named_series(rows)
    else:
        series = named_series(rows, spent)
        column, values, amounts = column[spent], values[spent], amounts.iloc[spent]
    return filled(day, observed, (series.of_row, column, values, amounts), series.codes, series.vocabulary)


def days_before(costs: pd.DataFrame, day: date) -> Ints:
    """Return how many days after ``day`` each row is: 0 on the day, negative before.

    Raises:
        DataContractError: a column is missing, or a row has no usable date.

    """
    missing = [name for name in COLUMNS if name not in costs.columns]
    if missing:
        text = f"The cost rows lack the columns {missing}: expected {list(COLUMNS)}. Pass the landed rows."
        raise DataContractError(text)
    dates = costs["usage_date"]
    try:
        days = _days(dates)
    except (ValueError, TypeError) as error:
        text = f"usage_date holds {dates.iloc[0]!r}: expected dates. Convert the column before detection."
        raise DataContractError(text) from error
    unknown = np.flatnonzero(days == np.iinfo(np.int64).min)
    if unknown.size:
        text = f"usage_date is empty in row {unknown[0]}: expected a date. Land the rows again."
        raise DataContractError(text)
    return days - int(np.datetime64(day, "D").astype(np.int64))


def values_of(rows: pd.DataFrame) -> Floats:
    """Return the amounts as floats.

    Raises:
        DataContractError: a row has no usable amount.

    """
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


def named_series(rows: pd.DataFrame, places: Ints | None = None) -> NamedSeries:
    """Return the series of the rows at ``places``, in that order; of all without."""
    encoded = [_encoded(rows[name]) for name in NAMES]
    columns = [column if places is None else column[places] for column, _ in encoded]
    sizes = [len(words) for _, words in encoded]
    # Numbered halfway: the product of three columns of two million distinct names still fits 63 bits.
    # Numbers of half the size are half the memory to touch.
    small: npt.DTypeLike = np.int32 if math.prod(sizes) <= np.iinfo(np.int32).max else np.int64
    numbers: list[Ints] = [np.asarray(one, dtype=small) for one in columns]
    service, account, usage, region = numbers
    pair, pairs = service * sizes[1] + account, sizes[0] * sizes[1]
    if math.prod(sizes) > _few(len(pair)):
        pair, pairs = _numbered(pair, pairs)
    found, count = _numbered((pair * sizes[2] + usage) * sizes[3] + region, pairs * sizes[2] * sizes[3])
    example = np.zeros(count, dtype=np.int64)
    example[found] = np.arange(len(found))
    sorted_names = [_sorted(words) for _, words in encoded]
    codes = [place[column[example]] for column, (place, _) in zip(columns, sorted_names, strict=True)]
    order = np.lexsort(codes[::-1])
    place = np.empty_like(order)
    # Two spellings of an absent name make one series of two numbers.
    ordered = np.column_stack(codes)[order]
    first = changes(ordered)
    place[order] = np.cumsum(first) - 1
    return NamedSeries(
        of_row=place[found], codes=ordered[first], vocabulary=tuple(words for _, words in sorted_names)
    )


def _selected(rows: pd.DataFrame, chosen: Bools) -> pd.DataFrame:
    """Return the chosen rows; as a free slice where they are one run, as in rows sorted by day."""
    places = np.flatnonzero(chosen)
    if places.size and places[-1] - places[0] + 1 == places.size:
        return rows.iloc[places[0] : places[-1] + 1]
    return rows.iloc[places]


def _days(dates: "pd.Series[Any]") -> Ints:
    """Return days since 1970, the least integer where there is no date."""
    if isinstance(dates.dtype, np.dtype) and dates.dtype.kind == "M":
        stamps, unit = dates.to_numpy().view(np.int64), np.datetime_data(dates.dtype.str)[0]
        if unit in _DAY_UNITS and len(
            stamps
        ):  # an integer division is five times as fast as numpy's conversion
            # Rows are sorted by day as a rule: then there are few runs to divide.
            start = np.flatnonzero(np.append(True, stamps[1:] != stamps[:-1]))
            found = stamps[start]
            whole = np.where(found == np.iinfo(np.int64).min, found, found // _DAY_UNITS[unit])
            return np.repeat(whole, np.diff(np.append(start, len(stamps))))
        return dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    if pd.api.types.is_numeric_dtype(dates.dtype):
        raise TypeError  # numpy would read a number as days since 1970
    # Date objects convert slowly, and there are few distinct ones.
    codes, uniques = pd.factorize(dates, use_na_sentinel=True)
    days: npt.NDArray[np.datetime64] = np.array([*uniques, None], dtype="datetime64[D]")
    return days.astype(np.int64)[codes]


def _encoded(names: "pd.Series[Any]") -> tuple[Ints, Sequence[Any]]:
    """Return each row's place among the distinct names, and those."""
    if isinstance(names.array, pd.arrays.ArrowStringArray):
        texts = pa.array(names)
        if isinstance(texts, pa.Array):  # in one piece: Arrow itself is a fifth faster than through pandas
            coded = texts.dictionary_encode("encode")
            return coded.indices.to_numpy(), coded.dictionary.to_pylist()
    codes, uniques = pd.factorize(names, use_na_sentinel=False)
    return codes, list(uniques)


def _numbered(keys: Ints, bound: int) -> tuple[Ints, int]:
    """Return each key's number among the distinct ones, and how many there are; keys are below ``bound``."""
    if bound > _few(len(keys)):
        codes, uniques = pd.factorize(keys)
        return codes, len(uniques)
    # A table of all possible keys is five times as fast as hashing while it is small.
    present = np.zeros(bound, dtype=np.bool_)
    present[keys] = True
    distinct = np.flatnonzero(present)
    number = np.zeros(bound, dtype=keys.dtype)
    number[distinct] = np.arange(len(distinct))
    return number[keys], len(distinct)


def _few(rows: int) -> int:
    """Return how many possible keys are few for so many rows."""
    return _FEW_PER_ROW * rows + _FEW


def _sorted(uniques: Iterable[object]) -> tuple[Ints, tuple[str, ...]]:
    """Return each name's place among the sorted distinct ones, and those; an absent name reads as empty."""
    names = ["" if pd.isna(word) else str(word) for word in uniques]  # type: ignore[call-overload]
    words = tuple(sorted({*names, ""}))
    place = {word: index for index, word in enumerate(words)}
    return np.array([place[name] for name in names], dtype=np.int64), words
