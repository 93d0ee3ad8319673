"""The groups of one page of Cost Explorer's answer as columns.

Arrow reads the nested groups of a page at once. Only a page in which it finds something unusual is looked
at group by group, to take what can be taken and to name what cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
_TEXTS = ("Amount", "Unit")
_CELL = pa.struct([(text, pa.string()) for text in _TEXTS])
_NO_TEXT = pa.scalar(None, pa.string())


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


def group_columns(page: PageGroups) -> dict[str, pa.Array]:
    """Return the columns that groups fill: names, money, quantity, currency, unit and basis.

    Raises:
        DataContractError: a group that does not keep Cost Explorer's contract; it is named.
    """
    unknown = [dimension for dimension in page.group_by if dimension not in _COLUMN_OF]
    if unknown:
        msg = f"costs are grouped by {unknown}, of which costspike lands {sorted(_COLUMN_OF)}; choose among these"
        raise DataContractError(msg)
    keys = pa.field("Keys", pa.list_(pa.string(), len(page.group_by)))
    bases = (_BILLED, _NET) if _NET in page.metrics(0) else (_BILLED, _NET, _AMORTIZED)
    read = _read(page, (*bases, _QUANTITY), [keys])
    columns = {
        _COLUMN_OF[name]: pc.list_element(read.field("Keys"), at) for at, name in enumerate(page.group_by)
    }
    columns["billed_cost"], columns["billing_currency"] = _metric(page, read, _BILLED)
    columns["effective_cost"], columns["x_cost_basis"] = _effective(page, read, columns["billing_currency"])
    columns["consumed_quantity"], unit = _metric(page, read, _QUANTITY)
    columns["consumed_unit"] = pc.fill_null(unit, "")
    return columns


def _read(page: PageGroups, metrics: Sequence[str], others: Sequence[pa.Field] = ()) -> pa.StructArray:
    """Return some metrics of every group; one that a group does not have is null in it."""
    shape = pa.struct([*others, ("Metrics", pa.struct([(name, _CELL) for name in metrics]))])
    try:
        read = pa.array(page.groups, shape)
    except (TypeError, ValueError):  # a value that is no text, or too few keys
        read = None
    if read is None or not _is_complete(read):
        read = pa.array([_plain(page, at, metrics) for at in range(len(page.groups))], shape)
    return read


def _is_complete(read: pa.StructArray) -> bool:
    """Tell whether every group has what it must have, and every metric that is there both its texts."""
    if "Keys" in read.type.names:
        keys = read.field("Keys")
        if read.null_count or keys.null_count or keys.values.null_count:
            return False
    for metric in read.field("Metrics").type:
        missing = pc.struct_field(read, ["Metrics", metric.name]).null_count
        if missing and metric.name == _BILLED:
            return False
        if any(
            pc.struct_field(read, ["Metrics", metric.name, text]).null_count != missing for text in _TEXTS
        ):
            return False
    return True


def _metric(page: PageGroups, read: pa.StructArray, name: str) -> tuple[pa.Array, pa.Array]:
    """Return amounts and units of a metric, null where a group does not have it."""
    if name not in read.field("Metrics").type.names:
        read = _read(page, (name,))
    texts, units = (pc.struct_field(read, ["Metrics", name, text]) for text in _TEXTS)
    return amounts(texts, lambda at: f"{page.named(at)}, {name}"), units


def _effective(page: PageGroups, read: pa.StructArray, currency: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the effective costs and the metric each comes from; a page may have the net one in some rows."""
    found, units = _metric(page, read, _NET)
    basis = pc.if_else(found.is_valid(), _NET, _NO_TEXT)
    for name in (_AMORTIZED, _BILLED):
        if found.null_count:
            others, other_units = _metric(page, read, name)
            basis = pc.coalesce(basis, pc.if_else(others.is_valid(), name, _NO_TEXT))
            found, units = pc.coalesce(found, others), pc.coalesce(units, other_units)
    mixed = pc.index(pc.equal(currency, units), False).as_py()
    if mixed >= 0:
        one, other = currency[mixed].as_py(), units[mixed].as_py()
        msg = f"{page.named(mixed)} mixes the currencies {one!r} and {other!r}; expected one a group"
        raise DataContractError(msg)
    return found, basis


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
