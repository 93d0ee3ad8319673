"""Cost Explorer's pages as one frame of cost rows.

Columns are built page by page, so that a page can be dropped as soon as it was read: the nested answer
takes about five times the memory of its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain import costs
from costspike.domain.errors import DataContractError
from costspike.domain.metric_columns import amount_columns, text_column
from costspike.domain.regions import region_of

Page = Mapping[str, Any]
Groups = Sequence[Mapping[str, Any]]

DEFAULT_GROUP_BY = ("LINKED_ACCOUNT", "SERVICE")

_COLUMN_OF = {
    "LINKED_ACCOUNT": "sub_account_id",
    "SERVICE": "service_name",
    "REGION": "region_id",
    "USAGE_TYPE": "sku_meter",
    "RECORD_TYPE": "x_charge_type",
}


def normalize(
    pages: Iterable[Page],
    *,
    group_by: Sequence[str] | None = None,
    fixed: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the grouped pages of GetCostAndUsage as cost rows, in the order of the answer.

    Args:
        pages: answers, read once and one at a time.
        group_by: the dimensions of ``Keys``; default: the answer's GroupDefinitions, else account and service.
        fixed: columns that hold one value in every row, such as ``x_charge_type`` for a filtered request.

    The frame has the columns of ``costs.SCHEMA``: days are UTC, ``charge_period_end`` is exclusive, amounts
    are decimals of ``billing_currency`` rounded to 12 places. ``effective_cost`` is NetAmortizedCost where
    the answer has it, else AmortizedCost, else UnblendedCost; ``x_cost_basis`` says which.

    Raises:
        DataContractError: an answer or a row that does not keep Cost Explorer's contract; it is named.
    """
    names: dict[str, str] = {}
    batches = [
        _batch(period, group_by or _group_by(page), fixed or {})
        for page in _remembering_names(pages, names)
        for period in periods(page)
        if period.get("Groups")
    ]
    table = pa.Table.from_batches(batches, costs.SCHEMA) if batches else costs.SCHEMA.empty_table()
    table = _with_regions(table.combine_chunks())
    return costs.to_frame(_with_names(table, names) if names else table)


def periods(page: Page) -> Sequence[Mapping[str, Any]]:
    """Return the page's ResultsByTime.

    Raises:
        DataContractError: the answer has none.
    """
    results = page.get("ResultsByTime")
    if not isinstance(results, Sequence):
        msg = (
            f"Cost Explorer answered without ResultsByTime (it has {sorted(page)}); expected the shape of "
            "GetCostAndUsage. Look at the endpoint of the AWS connection; nothing was changed in the warehouse."
        )
        raise DataContractError(msg)
    return results


def period_day(period: Mapping[str, Any]) -> date:
    """Return the day (UTC) that a period covers.

    Raises:
        DataContractError: it is not one day.
    """
    span = period.get("TimePeriod") or {}
    try:
        start, end = date.fromisoformat(span["Start"][:10]), date.fromisoformat(span["End"][:10])
    except (KeyError, TypeError, ValueError) as error:
        msg = (
            f"a period of Cost Explorer's answer has the TimePeriod {span!r}; expected Start and End as dates"
        )
        raise DataContractError(msg) from error
    if (end - start).days != 1:
        msg = f"a period of Cost Explorer's answer runs from {start} to {end}; expected one day (Granularity DAILY)"
        raise DataContractError(msg)
    return start


def _remembering_names(pages: Iterable[Page], names: dict[str, str]) -> Iterator[Page]:
    """Yield each page, keeping the account names of its DimensionValueAttributes."""
    for page in pages:
        for value in page.get("DimensionValueAttributes") or ():
            names[value.get("Value", "")] = (value.get("Attributes") or {}).get("description") or ""
        yield page


def _group_by(page: Page) -> Sequence[str]:
    definitions = page.get("GroupDefinitions") or ()
    return [definition["Key"] for definition in definitions] or DEFAULT_GROUP_BY


def _batch(period: Mapping[str, Any], group_by: Sequence[str], fixed: Mapping[str, str]) -> pa.RecordBatch:
    """Return one day's groups as columns."""
    day, groups = period_day(period), period["Groups"]
    columns = {name: pa.repeat(pa.scalar(value), len(groups)) for name, value in fixed.items()}
    columns |= _key_columns(groups, group_by, day)
    columns |= amount_columns(groups, day)
    columns["charge_period_start"] = pa.repeat(pa.scalar(day, pa.date32()), len(groups))
    columns["charge_period_end"] = pa.repeat(pa.scalar(day + timedelta(days=1), pa.date32()), len(groups))
    columns["x_estimated"] = pa.repeat(pa.scalar(bool(period.get("Estimated"))), len(groups))
    nothing = pa.repeat(pa.scalar(""), len(groups))
    return pa.RecordBatch.from_arrays(
        [columns.get(name, nothing) for name in costs.SCHEMA.names], schema=costs.SCHEMA
    )


def _key_columns(groups: Groups, group_by: Sequence[str], day: date) -> dict[str, pa.Array]:
    try:
        keys = zip(*(group["Keys"] for group in groups), strict=True)
        columns = {
            _COLUMN_OF[dimension]: text_column(values)
            for dimension, values in zip(group_by, keys, strict=True)
        }
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        bad = next((g for g in groups if not _has_keys(g, len(group_by))), groups[0])
        msg = (
            f"a group of {day} has the Keys {str(bad.get('Keys'))[:200]}; expected texts for {list(group_by)}, "
            f"of which costspike lands {sorted(_COLUMN_OF)}"
        )
        raise DataContractError(msg) from error
    return columns


def _has_keys(group: Mapping[str, Any], count: int) -> bool:
    keys = group.get("Keys")
    return isinstance(keys, Sequence) and len(keys) == count and all(isinstance(key, str) for key in keys)


def _with_names(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """Return the table with the names that the answer told; an account that it did not name keeps its own."""
    accounts = table["sub_account_id"].combine_chunks().dictionary_encode()
    known = text_column([names.get(account, "") for account in accounts.dictionary.to_pylist()] or [""])
    told = known.take(accounts.indices)
    own = table["sub_account_name"].combine_chunks()
    return _set(table, "sub_account_name", pc.if_else(pc.equal(told, ""), own, told))


def _with_regions(table: pa.Table) -> pa.Table:
    meters = table["sku_meter"].combine_chunks().dictionary_encode()
    if not any(meters.dictionary.to_pylist()):
        return table
    found = pa.array([region_of(meter) for meter in meters.dictionary.to_pylist()], pa.string())
    return _set(table, "region_id", found.take(meters.indices))


def _set(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)
