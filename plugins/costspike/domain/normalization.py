"""Cost Explorer's pages as one frame of cost rows.

Columns are built page by page, so that a page can be dropped as soon as it was read: the nested answer
takes some ten times the memory of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain import costs
from costspike.domain.errors import DataContractError
from costspike.domain.group_columns import PageGroups, group_columns
from costspike.domain.regions import region_of
from costspike.domain.texts import encodable

Page = Mapping[str, Any]
Period = Mapping[str, Any]

DEFAULT_GROUP_BY = ("LINKED_ACCOUNT", "SERVICE")
_DAYS = "datetime64[D]"


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
    batches = list(_batches(pages, names, group_by, fixed or {}))
    if names:
        batches = [_with_names(batch, names) for batch in batches]
    return costs.to_frame(pa.Table.from_batches(batches, costs.SCHEMA))


def periods(page: Page) -> Sequence[Period]:
    """Return the page's ResultsByTime.

    Raises:
        DataContractError: the answer has none, or one that is no period.
    """
    results = page.get("ResultsByTime")
    if not isinstance(results, Sequence):
        msg = (
            f"Cost Explorer answered without ResultsByTime (it has {sorted(page)}); expected the shape of "
            "GetCostAndUsage. Look at the endpoint of the AWS connection; nothing was changed in the warehouse."
        )
        raise DataContractError(msg)
    for period in results:
        if not isinstance(period, Mapping):
            msg = f"Cost Explorer's ResultsByTime holds {str(period)[:80]!r}; expected periods with a TimePeriod"
            raise DataContractError(msg)
    return results


def period_day(period: Period) -> date:
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


def _batches(
    pages: Iterable[Page], names: dict[str, str], group_by: Sequence[str] | None, fixed: Mapping[str, str]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of each page that has any, keeping the account names of its DimensionValueAttributes."""
    for page in pages:
        names.update(_account_names(page))
        grouped = [period for period in periods(page) if period.get("Groups")]
        if grouped:
            yield _batch(grouped, group_by or _group_by(page), fixed)


def _account_names(page: Page) -> Iterator[tuple[str, str]]:
    """Yield ids and names of accounts; a name is worth having, and no reason to refuse the costs."""
    for value in page.get("DimensionValueAttributes") or ():
        told = value if isinstance(value, Mapping) else {}
        attributes = told.get("Attributes")
        name = attributes.get("description") if isinstance(attributes, Mapping) else None
        if isinstance(name, str):
            yield str(told.get("Value", "")), name


def _group_by(page: Page) -> Sequence[str]:
    definitions = page.get("GroupDefinitions") or ()
    return [definition["Key"] for definition in definitions] or DEFAULT_GROUP_BY


def _batch(grouped: Sequence[Period], group_by: Sequence[str], fixed: Mapping[str, str]) -> pa.RecordBatch:
    """Return the groups of some days as columns."""
    groups = list(chain.from_iterable(period["Groups"] for period in grouped))
    times = [len(period["Groups"]) for period in grouped]
    starts = np.repeat(np.array([period_day(period) for period in grouped], _DAYS), times)
    days = _dates(starts)
    columns = {name: pa.repeat(pa.scalar(value), len(groups)) for name, value in fixed.items()}
    columns |= group_columns(PageGroups(groups, days, group_by))
    columns["charge_period_start"] = days
    columns["charge_period_end"] = _dates(starts + 1)
    columns["x_estimated"] = pa.array(
        np.repeat(np.array([bool(period.get("Estimated")) for period in grouped]), times)
    )
    if "sku_meter" in columns:
        columns["region_id"] = _by_value(columns["sku_meter"], region_of)
    nothing = pa.repeat(pa.scalar(""), len(groups))
    return pa.RecordBatch.from_arrays(
        [columns.get(name, nothing) for name in costs.SCHEMA.names], schema=costs.SCHEMA
    )


def _dates(days: npt.NDArray[np.datetime64]) -> pa.Array:
    """Return days as Arrow keeps them, without making a date of each."""
    return pa.array(days.astype(np.int32)).view(pa.date32())


def _with_names(batch: pa.RecordBatch, names: Mapping[str, str]) -> pa.RecordBatch:
    """Return the rows with the names that the answer told; an account that it did not name keeps its own."""
    told = _by_value(batch["sub_account_id"], lambda account: encodable(names.get(account, "")) or None)
    at = batch.schema.get_field_index("sub_account_name")
    column = pc.coalesce(told, batch[at]) if told.null_count else told
    return batch.set_column(at, batch.schema.field(at), column)


def _by_value(column: pa.Array, text_of: Callable[[str], str | None]) -> pa.Array:
    """Return a text for each value of a column, asked for once a distinct value."""
    encoded = column.dictionary_encode()
    texts = pa.array([text_of(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)
