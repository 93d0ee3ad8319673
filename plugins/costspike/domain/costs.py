"""The contract of a cost row: columns, types and key. Declared here, checked once, then trusted.

Names are FOCUS 1.2 column names in snake case (https://focus.finops.org); own columns begin with ``x_``.
"""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain.errors import DataContractError

# 26 digits before and 12 behind the point: Cost Explorer gives at most ten decimals.
MONEY = pa.decimal128(38, 12)

SCHEMA = pa.schema(
    [
        ("charge_period_start", pa.date32()),
        ("charge_period_end", pa.date32()),
        ("sub_account_id", pa.string()),
        ("sub_account_name", pa.string()),
        ("service_name", pa.string()),
        ("region_id", pa.string()),
        ("sku_meter", pa.string()),
        ("x_charge_type", pa.string()),
        ("billing_currency", pa.string()),
        ("billed_cost", MONEY),
        ("effective_cost", MONEY),
        ("x_cost_basis", pa.string()),
        ("consumed_quantity", MONEY),
        ("consumed_unit", pa.string()),
        ("x_estimated", pa.bool_()),
    ]
)
KEY = (
    "charge_period_start",
    "sub_account_id",
    "service_name",
    "region_id",
    "sku_meter",
    "x_charge_type",
    "billing_currency",
)
_DTYPES = {field.name: pd.ArrowDtype(field.type) for field in SCHEMA}
_MOST_CODES = 2**62


def empty() -> pd.DataFrame:
    """Return a frame with every column and no row."""
    return to_frame(SCHEMA.empty_table())


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return the table as pandas, its columns still held by Arrow (decimals stay exact)."""
    # Nothing is converted, so threads would only cost.
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype, use_threads=False)
    return frame


def to_table(frame: pd.DataFrame) -> pa.Table:
    """Return a cost frame as an Arrow table.

    Raises:
        DataContractError: columns are missing or cannot be read as their type.
    """
    missing = [name for name in SCHEMA.names if name not in frame.columns]
    if missing:
        msg = f"a frame of cost rows lacks the columns {missing}; expected {SCHEMA.names}"
        raise DataContractError(msg)
    held = {name: column.array for name, column in frame.items()}
    if all(held[name].dtype == dtype for name, dtype in _DTYPES.items()):
        # Arrow's already: pandas would only look at each column again.
        return pa.Table.from_arrays([pa.array(held[name]) for name in SCHEMA.names], schema=SCHEMA)
    try:
        return pa.Table.from_pandas(frame[SCHEMA.names], schema=SCHEMA, preserve_index=False, nthreads=1)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        msg = f"cost rows do not have the expected types: {error}; expected {SCHEMA.to_string()}"
        raise DataContractError(msg) from error


def check_unique(table: pa.Table) -> None:
    """Refuse rows that share a key: their amounts cannot be told apart from a doubled answer.

    Raises:
        DataContractError: the first doubled key is named.
    """
    if len(pc.unique(pa.array(key_codes(table)))) == len(table):
        return
    counts = table.select(list(KEY)).group_by(list(KEY), use_threads=False).aggregate([([], "count_all")])
    doubled = counts.filter(pc.greater(counts["count_all"], 1))
    row = doubled.slice(0, 1).to_pylist()[0]
    times = row.pop("count_all")
    msg = (
        f"Cost Explorer gave {doubled.num_rows} groups more than once, first {times} times "
        f"{_short(row)}; expected one row a group. Nothing was changed in the warehouse; run land_costs again."
    )
    raise DataContractError(msg)


def key_codes(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return a number for the key of each row; two rows have the same number if they have the same key."""
    codes, distinct = np.zeros(len(table), np.int64), 1
    for name in KEY:
        column = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
        size = len(column.dictionary)
        if size > 1:
            if distinct * size > _MOST_CODES:
                numbers, codes = np.unique(codes, return_inverse=True)
                distinct = len(numbers)
            codes, distinct = codes * size + column.indices.to_numpy(), distinct * size
    return codes


def count_groups(table: pa.Table) -> dict[tuple[date, str], int]:
    """Return the number of rows a day and currency."""
    days, currencies = (
        table[name].combine_chunks().dictionary_encode()
        for name in ("charge_period_start", "billing_currency")
    )
    names = currencies.dictionary.to_pylist()
    codes = days.indices.to_numpy().astype(np.int64) * len(names) + currencies.indices.to_numpy()
    counts = np.bincount(codes, minlength=len(days.dictionary) * len(names)).tolist()
    pairs = product(days.dictionary.to_pylist(), names)
    return {pair: count for pair, count in zip(pairs, counts, strict=True) if count}


def _short(row: dict[str, object]) -> dict[str, str]:
    return {name: str(value)[:80] for name, value in row.items()}
