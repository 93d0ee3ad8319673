"""Cost Explorer's pages as one frame of cost rows.

Columns are built page by page, so that a page can be dropped as soon as it was read: the nested answer
takes about five times the memory of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from operator import getitem, itemgetter
from typing import Any

import pandas as pd
import pyarrow as pa

from costspike.domain import costs
from costspike.domain.amounts import amounts
from costspike.domain.errors import DataContractError
from costspike.domain.regions import region_of

Page = Mapping[str, Any]
Groups = Sequence[Mapping[str, Any]]
Metrics = Mapping[str, Any]

DEFAULT_GROUP_BY = ("LINKED_ACCOUNT", "SERVICE")
_BASES = ("NetAmortizedCost", "AmortizedCost", "UnblendedCost")
_AMOUNT, _UNIT = itemgetter("Amount"), itemgetter("Unit")
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
    columns |= _amount_columns(groups, day)
    columns["charge_period_start"] = pa.repeat(pa.scalar(day, pa.date32()), len(groups))
    columns["charge_period_end"] = pa.repeat(pa.scalar(day + timedelta(days=1), pa.date32()), len(groups))
    columns["x_estimated"] = pa.repeat(pa.scalar(bool(period.get("Estimated"))), len(groups))
    nothing = pa.repeat(pa.scalar(""), len(groups))
    return pa.RecordBatch.from_arrays(
        [columns.get(name, nothing) for name in costs.SCHEMA.names], schema=costs.SCHEMA
    )


def _key_columns(groups: Groups, group_by: Sequence[str], day: date) -> dict[str, pa.Array]:
    try:
        columns = {
            _COLUMN_OF[dimension]: _texts([group["Keys"][at] for group in groups])
            for at, dimension in enumerate(group_by)
        }
    except (KeyError, IndexError, TypeError, pa.ArrowException) as error:
        bad = next((g for g in groups if not _has_keys(g, len(group_by))), groups[0])
        msg = (
            f"a group of {day} has the Keys {str(bad.get('Keys'))[:200]}; expected texts for {list(group_by)}, "
            f"of which costspike lands {sorted(_COLUMN_OF)}"
        )
        raise DataContractError(msg) from error
    return columns


def _amount_columns(groups: Groups, day: date) -> dict[str, pa.Array]:
    """Return the money and quantity columns, with currency, unit and basis."""

    def row(at: int) -> str:
        return f"row {day} {[str(key)[:80] for key in groups[at].get('Keys') or ()]}"

    metrics = [group.get("Metrics") or {} for group in groups]
    billed, currency = _metric(metrics, ["UnblendedCost"] * len(groups), row)
    basis = _basis(metrics)
    effective, effective_currency = _metric(metrics, basis, row)
    if currency != effective_currency:
        at = next(
            i for i, pair in enumerate(zip(currency, effective_currency, strict=True)) if pair[0] != pair[1]
        )
        msg = f"{row(at)} mixes the currencies {currency[at]!r} and {effective_currency[at]!r}; expected one a group"
        raise DataContractError(msg)
    quantities = ["UsageQuantity"] * len(groups)
    quantity, unit = (
        _metric(metrics, quantities, row) if "UsageQuantity" in metrics[0] else (None, [""] * len(groups))
    )
    return {
        "billed_cost": billed,
        "effective_cost": effective,
        "billing_currency": _texts(currency),
        "x_cost_basis": _texts(basis),
        "consumed_quantity": pa.nulls(len(groups), costs.MONEY) if quantity is None else quantity,
        "consumed_unit": _texts(unit),
    }


def _basis(metrics: Sequence[Metrics]) -> list[str]:
    """Return the metric behind each row's effective_cost; an answer may have the net one in some rows only."""
    for name in _BASES:
        present = [name in metric for metric in metrics].count(True)
        if present == len(metrics):
            return [name] * len(metrics)
        if present:
            return [next((n for n in _BASES if n in metric), name) for metric in metrics]
    return ["UnblendedCost"] * len(metrics)


def _metric(
    metrics: Sequence[Metrics], names: list[str], row: Callable[[int], str]
) -> tuple[pa.Array, list[str]]:
    """Return amounts and units of the metric named for each row."""
    try:
        cells = list(map(getitem, metrics, names))
        texts, units = list(map(_AMOUNT, cells)), _texts(list(map(_UNIT, cells)))
    except (KeyError, TypeError) as error:
        at = next(i for i, metric in enumerate(metrics) if not _complete(metric.get(names[i])))
        msg = f"{row(at)} has the metrics {str(metrics[at])[:200]}; expected {names[at]} with Amount and Unit"
        raise DataContractError(msg) from error
    return amounts(texts, lambda at: f"{row(at)}, {names[at]}"), units


def _texts(values: list[str]) -> pa.Array:
    """Return a text column; one value in every row, the usual case, is not copied."""
    if values.count(values[0]) == len(values):
        return pa.repeat(pa.scalar(values[0], pa.string()), len(values))
    return pa.array(values, pa.string())


def _complete(cell: object) -> bool:
    return isinstance(cell, Mapping) and {"Amount", "Unit"} <= set(cell)


def _with_names(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    accounts = table["sub_account_id"].combine_chunks().dictionary_encode()
    found = pa.array([names.get(account, "") for account in accounts.dictionary.to_pylist()], pa.string())
    return _set(table, "sub_account_name", found.take(accounts.indices))


def _with_regions(table: pa.Table) -> pa.Table:
    meters = table["sku_meter"].combine_chunks().dictionary_encode()
    if not any(meters.dictionary.to_pylist()):
        return table
    found = pa.array([region_of(meter) for meter in meters.dictionary.to_pylist()], pa.string())
    return _set(table, "region_id", found.take(meters.indices))


def _set(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)
