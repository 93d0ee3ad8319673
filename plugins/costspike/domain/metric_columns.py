"""The metrics of a day's groups as columns: money, quantity, units and currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import getitem, itemgetter
from typing import Any, NamedTuple

import pyarrow as pa

from costspike.domain import costs
from costspike.domain.amounts import amounts
from costspike.domain.errors import DataContractError
from costspike.domain.texts import encodable

Groups = Sequence[Mapping[str, Any]]
Metrics = Mapping[str, Any]

_BASES = ("NetAmortizedCost", "AmortizedCost", "UnblendedCost")
_AMOUNT, _UNIT = itemgetter("Amount"), itemgetter("Unit")


class _Metric(NamedTuple):
    """One metric of a day's groups; the units are there twice, to be compared and as a column."""

    amounts: pa.Array
    units: list[str]
    unit_column: pa.Array


def amount_columns(groups: Groups, day: date) -> dict[str, pa.Array]:
    """Return the money and quantity columns, with currency, unit and basis."""

    def row(at: int) -> str:
        return f"row {day} {[str(key)[:80] for key in groups[at].get('Keys') or ()]}"

    metrics = [group.get("Metrics") or {} for group in groups]
    billed = _metric(metrics, ["UnblendedCost"] * len(groups), row)
    basis = _basis(metrics)
    effective = _metric(metrics, basis, row)
    if billed.units != effective.units:
        pairs = zip(billed.units, effective.units, strict=True)
        at, (one, other) = next((i, pair) for i, pair in enumerate(pairs) if pair[0] != pair[1])
        msg = f"{row(at)} mixes the currencies {one!r} and {other!r}; expected one a group"
        raise DataContractError(msg)
    columns = {
        "billed_cost": billed.amounts,
        "effective_cost": effective.amounts,
        "billing_currency": billed.unit_column,
        "x_cost_basis": text_column(basis),
    }
    if any("UsageQuantity" in metric for metric in metrics):
        quantity = _metric(metrics, ["UsageQuantity"] * len(groups), row)
        return columns | {"consumed_quantity": quantity.amounts, "consumed_unit": quantity.unit_column}
    return columns | {"consumed_quantity": pa.nulls(len(groups), costs.MONEY)}


def _basis(metrics: Sequence[Metrics]) -> list[str]:
    """Return the metric behind each row's effective_cost; an answer may have the net one in some rows only."""
    for name in _BASES:
        present = [name in metric for metric in metrics].count(True)
        if present == len(metrics):
            return [name] * len(metrics)
        if present:
            return [next((n for n in _BASES if n in metric), name) for metric in metrics]
    return ["UnblendedCost"] * len(metrics)


def _metric(metrics: Sequence[Metrics], names: list[str], row: Callable[[int], str]) -> _Metric:
    """Return amounts and units of the metric named for each row."""
    try:
        cells = list(map(getitem, metrics, names))
        texts, units = list(map(_AMOUNT, cells)), list(map(_UNIT, cells))
        unit_column = text_column(units)
    except (KeyError, TypeError, pa.ArrowException) as error:
        at = next((i for i, metric in enumerate(metrics) if not _complete(metric, names[i])), 0)
        msg = f"{row(at)} has the metrics {str(metrics[at])[:200]}; expected {names[at]} with Amount and Unit"
        raise DataContractError(msg) from error
    return _Metric(amounts(texts, lambda at: f"{row(at)}, {names[at]}"), units, unit_column)


def text_column(values: Sequence[str]) -> pa.Array:
    """Return a text column; one value in every row, the usual case, is not copied.

    Half of a surrogate pair, which JSON can hold and a database cannot, becomes U+FFFD.

    Raises:
        TypeError: a value is None; Arrow itself refuses whatever else is no text.
    """
    try:
        if values.count(values[0]) == len(values):
            column = pa.repeat(pa.scalar(values[0], pa.string()), len(values))
        else:
            column = pa.array(values, pa.string())
    except UnicodeEncodeError:
        column = pa.array([encodable(value) for value in values], pa.string())
    if column.null_count:
        raise TypeError
    return column


def _complete(metric: object, name: str) -> bool:
    cell = metric.get(name) if isinstance(metric, Mapping) else None
    return isinstance(cell, Mapping) and "Amount" in cell and isinstance(cell.get("Unit"), str)
