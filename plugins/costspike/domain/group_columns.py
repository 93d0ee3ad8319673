"""The groups of one page of Cost Explorer's answer as columns.

Arrow reads the nested groups of a page at once. Only a page in which it finds something unusual is looked
at group by group, to take what can be taken and to name what cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain import costs
from costspike.domain.amounts import amount, amounts
from costspike.domain.errors import DataContractError
from costspike.domain.texts import encodable

_COLUMN_OF = {
    "LINKED_ACCOUNT": "sub_account_id",
    "SERVICE": "service_name",
    "REGION": "region_id",
    "USAGE_TYPE": "sku_meter",
    "RECORD_TYPE": "x_charge_type",
}
_BILLED, _NET, _AMORTIZED, _QUANTITY = "UnblendedCost", "NetAmortizedCost", "AmortizedCost", "UsageQuantity"
_CELL = pa.struct([("Amount", pa.string()), ("Unit", pa.string())])


@dataclass(frozen=True, slots=True)
class PageGroups:
    """The groups of a page in its order, the day of each, and the dimensions of their keys."""

    groups: Sequence[Any]
    days: pa.Array
    group_by: Sequence[str]

    def named(self, at: int) -> str:
        """Return a group as errors name it."""
        return f"row {self.days[at]} {[str(key)[:80] for key in self.keys(at) or ()]}"

    def keys(self, at: int) -> Any:
        """Return the Keys of a group, None where it has none."""
        return self.groups[at].get("Keys") if isinstance(self.groups[at], Mapping) else None

    def metrics(self, at: int) -> Mapping[str, Any]:
        """Return the metrics of a group, empty where it has none."""
        found = self.groups[at].get("Metrics") if isinstance(self.groups[at], Mapping) else None
        return found if isinstance(found, Mapping) else {}


class _Metric(NamedTuple):
    """One metric of a page as columns, null where a group does not have it."""

    amounts: pa.Array
    units: pa.Array
    names: pa.Array

    def otherwise(self, other: _Metric) -> _Metric:
        """Return this metric, and the other one where a group does not have it."""
        if self.amounts.null_count == len(self.amounts):
            return other
        return _Metric(*map(pc.coalesce, self, other))


def group_columns(page: PageGroups) -> dict[str, pa.Array]:
    """Return the columns that groups fill: names, money, quantity, currency, unit and basis.

    Raises:
        DataContractError: a group that does not keep Cost Explorer's contract; it is named.
    """
    unknown = [dimension for dimension in page.group_by if dimension not in _COLUMN_OF]
    if unknown:
        msg = f"costs are grouped by {unknown}, of which costspike lands {sorted(_COLUMN_OF)}; choose among these"
        raise DataContractError(msg)
    bases = (_BILLED, _NET) if _NET in page.metrics(0) else (_BILLED, _NET, _AMORTIZED)
    read = _read(page, (*bases, _QUANTITY), [("Keys", pa.list_(pa.string(), len(page.group_by)))])
    keys = read.field("Keys")
    billed, quantity = _metric(page, read, _BILLED), _metric(page, read, _QUANTITY)
    effective = _effective(page, read, billed)
    return {_COLUMN_OF[name]: pc.list_element(keys, at) for at, name in enumerate(page.group_by)} | {
        "billed_cost": billed.amounts,
        "effective_cost": effective.amounts,
        "billing_currency": billed.units,
        "x_cost_basis": effective.names,
        "consumed_quantity": quantity.amounts,
        "consumed_unit": pc.fill_null(quantity.units, ""),
    }


def _read(
    page: PageGroups, metrics: Sequence[str], others: Sequence[tuple[str, pa.DataType]] = ()
) -> pa.StructArray:
    """Return some metrics of every group; one that a group does not have is null in it.

    Groups mostly have the metrics of the first one: Arrow is asked for these first, and to refuse any other
    one of ``metrics``, which is cheaper than to look for it.
    """
    first = page.metrics(0)
    expected = {name: _CELL if name in first else pa.null() for name in metrics}
    for kinds in (expected, dict.fromkeys(metrics, _CELL)):
        shape = pa.struct([*others, ("Metrics", pa.struct(list(kinds.items())))])
        try:
            read = pa.array(page.groups, shape)
        except (TypeError, ValueError):  # another metric, a value that is no text, or too few keys
            continue
        if _is_complete(read):
            return read
    return pa.array([_plain(page, at, metrics) for at in range(len(page.groups))], shape)


def _is_complete(read: pa.StructArray) -> bool:
    """Tell whether every group has what it must have, and every metric that is there both its texts."""
    metrics = read.field("Metrics")
    whole = [read, metrics]
    if "Keys" in read.type.names:
        whole += [read.field("Keys"), read.field("Keys").values, metrics.field(_BILLED)]
    cells = [cell for cell in metrics.flatten() if cell.type == _CELL]
    return not any(part.null_count for part in whole) and all(
        text.null_count == cell.null_count for cell in cells for text in cell.flatten()
    )


def _effective(page: PageGroups, read: pa.StructArray, billed: _Metric) -> _Metric:
    """Return the effective costs; a page may have the net ones in some rows only."""
    found = _metric(page, read, _NET)
    if found.amounts.null_count:
        found = found.otherwise(_metric(page, read, _AMORTIZED)).otherwise(billed)
    if not found.units.equals(billed.units):
        at = pc.index(pc.equal(billed.units, found.units), False).as_py()
        one, other = billed.units[at].as_py(), found.units[at].as_py()
        msg = f"{page.named(at)} mixes the currencies {one!r} and {other!r}; expected one a group"
        raise DataContractError(msg)
    return found


def _metric(page: PageGroups, read: pa.StructArray, name: str) -> _Metric:
    metrics = read.field("Metrics")
    if name not in metrics.type.names:
        metrics = _read(page, (name,)).field("Metrics")
    cell = metrics.field(name)
    if cell.null_count == len(cell):
        nothing = pa.nulls(len(cell), pa.string())
        return _Metric(pa.nulls(len(cell), costs.MONEY), nothing, nothing)
    texts, units = cell.flatten()
    names = pa.repeat(pa.scalar(name), len(cell))
    if cell.null_count:
        names = pc.if_else(cell.is_valid(), names, pa.scalar(None, pa.string()))
    return _Metric(amounts(texts, lambda at: f"{page.named(at)}, {name}"), units, names)


def _plain(page: PageGroups, at: int, metrics: Sequence[str]) -> dict[str, Any]:
    """Return one group as texts that can be stored.

    Raises:
        DataContractError: it lacks keys, the billed cost or a part of a metric.
    """
    keys = page.keys(at)
    if not isinstance(keys, Sequence) or [type(key) for key in keys] != [str] * len(page.group_by):
        msg = f"a group of {page.days[at]} has the Keys {str(keys)[:200]}; expected texts for {list(page.group_by)}"
        raise DataContractError(msg)
    cells = page.metrics(at)
    present = [name for name in metrics if name == _BILLED or name in cells]
    return {
        "Keys": [encodable(key) for key in keys],
        "Metrics": {name: _plain_cell(page, at, cells, name) for name in present},
    }


def _plain_cell(page: PageGroups, at: int, cells: Mapping[str, Any], name: str) -> dict[str, str]:
    cell = cells.get(name)
    if not isinstance(cell, Mapping) or "Amount" not in cell or not isinstance(cell.get("Unit"), str):
        msg = f"{page.named(at)} has the metrics {str(cells)[:200]}; expected {name} with Amount and Unit"
        raise DataContractError(msg)
    text = cell["Amount"]
    if not isinstance(text, str):
        text = format(amount(text, lambda: f"{page.named(at)}, {name}"), "f")
    return {"Amount": encodable(text), "Unit": encodable(cell["Unit"])}
