"""Landed cost rows as arrays: the column of each row's day, its series and its amount."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from costspike.domain.cost_table import HISTORY_DAYS, CostTable, Floats, Ints, filled
from costspike.domain.errors import DataContractError
from costspike.domain.named_series import named_series

COLUMNS = ("usage_date", "account_id", "service", "usage_type", "region", "amount_usd")

# Days are numbered in 32 bits, half the memory to touch; what does not fit is no day that anybody looks at.
_UNKNOWN, _FURTHEST = np.iinfo(np.int32).min, 2**30
_NO_TIME = np.iinfo(np.int64).min
_DAY_UNITS = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def cost_table(costs: pd.DataFrame, day: date) -> CostTable | None:
    """Return the table up to and including ``day``, None where ``day`` has no rows or nothing was spent.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    rows, column = _within(costs, days_before(costs, day) + HISTORY_DAYS)
    values = values_of(rows)
    observed = np.zeros(HISTORY_DAYS + 1, dtype=np.bool_)
    observed[column] = True
    # A series of zeros would be no part of any sum, but float sums depend on how many they add.
    some = np.count_nonzero(values)
    if not observed[-1] or not some:
        return None
    amounts = rows["amount_usd"]
    if some == len(values):
        series = named_series(rows)
    else:
        spent = np.flatnonzero(values)
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
    if days.min(initial=0) == _UNKNOWN:
        text = f"usage_date is empty in row {days.argmin()}: expected a date. Land the rows again."
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


def _within(rows: pd.DataFrame, column: Ints) -> tuple[pd.DataFrame, Ints]:
    """Return the rows that have a column, and those; as free slices where they are one run, as when sorted by day."""
    places = np.flatnonzero((column >= 0) & (column <= HISTORY_DAYS))
    if places.size and places[-1] - places[0] + 1 == places.size:
        run = slice(int(places[0]), int(places[-1]) + 1)
        return rows.iloc[run], column[run]
    return rows.iloc[places], column[places]


def _days(dates: "pd.Series[Any]") -> Ints:
    """Return days since 1970, the least integer of 32 bits where there is no date."""
    if isinstance(dates.dtype, np.dtype) and dates.dtype.kind == "M":
        stamps, unit = dates.to_numpy().view(np.int64), np.datetime_data(dates.dtype.str)[0]
        # An integer division is five times as fast as numpy's conversion.
        if unit in _DAY_UNITS and len(stamps):
            # Rows are sorted by day as a rule: then there are few runs to divide.
            start = np.flatnonzero(np.append(True, stamps[1:] != stamps[:-1]))
            found = stamps[start]
            whole = np.where(found == _NO_TIME, found, found // _DAY_UNITS[unit])
            return np.repeat(_narrow(whole), np.diff(np.append(start, len(stamps))))
        return _narrow(dates.to_numpy().astype("datetime64[D]").astype(np.int64))
    if pd.api.types.is_numeric_dtype(dates.dtype):
        raise TypeError  # numpy would read a number as days since 1970
    # Date objects convert slowly, and there are few distinct ones.
    codes, uniques = pd.factorize(dates, use_na_sentinel=True)
    days: npt.NDArray[np.datetime64] = np.array([*uniques, None], dtype="datetime64[D]")
    return _narrow(days.astype(np.int64))[codes]


def _narrow(days: Ints) -> Ints:
    known = np.clip(days, -_FURTHEST, _FURTHEST)
    return np.where(days == _NO_TIME, _UNKNOWN, known).astype(np.int32)
