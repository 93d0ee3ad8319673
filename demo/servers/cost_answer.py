"""Adding up the bill for a question, and cutting the answer into pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import add, attrgetter
from typing import Any, NamedTuple

from demo.bill import CostRow
from demo.servers.cost_query import COST_METRICS, Query, group_field
from demo.world import World

ZERO = Decimal(0)
NO_UNIT = "N/A"

Keys = tuple[str, ...]


class Line(NamedTuple):
    """One group of one day; ``keys`` is None where the day is a total, grouped or not."""

    day: date
    keys: Keys | None
    amounts: tuple[Decimal, ...]
    currency: str
    unit: str


class _Sum:
    """A running total; units that differ end as N/A, as the usage of several usage types does."""

    __slots__ = ("amounts", "currency", "unit")

    def __init__(self, row: CostRow, amounts: list[Decimal]) -> None:
        self.amounts = amounts
        self.currency = row.currency
        self.unit = row.unit

    def add(self, row: CostRow, amounts: list[Decimal]) -> None:
        self.amounts = list(map(add, self.amounts, amounts))
        if row.currency != self.currency:
            self.currency = NO_UNIT
        if row.unit != self.unit:
            self.unit = NO_UNIT


def lines(query: Query, world: World) -> list[Line]:
    """Return the whole answer in order: day by day, groups by their keys, an empty day as one line."""
    groups: dict[tuple[object, ...], Keys | None] = {}
    nothing = (ZERO,) * len(query.metrics)
    currency = _currency(world)
    found: list[Line] = []
    for day in _days(query.start, query.end):
        sums = _sums(query, world.rows_of(day), groups)
        if not sums:
            found.append(Line(day, None, nothing, currency, NO_UNIT))
        for keys in sorted(sums):
            total = sums[keys]
            found.append(Line(day, keys or None, tuple(total.amounts), total.currency, total.unit))
    return found


def _sums(
    query: Query, rows: Iterable[CostRow], groups: dict[tuple[object, ...], Keys | None]
) -> dict[Keys, _Sum]:
    """Return the totals of one day; ``groups`` remembers where rows of the same names belong."""
    metrics = [_METRICS[name] for name in query.metrics]
    sums: dict[Keys, _Sum] = {}
    for row in rows:
        names = row[1:6] + row[12:]
        if names not in groups:
            kept = query.keep is None or query.keep(row)
            groups[names] = tuple(group_field(key)(row) for key in query.group_by) if kept else None
        keys = groups[names]
        if keys is None:
            continue
        amounts = [metric(row) for metric in metrics]
        if keys in sums:
            sums[keys].add(row, amounts)
        else:
            sums[keys] = _Sum(row, amounts)
    return sums


def page(query: Query, part: Sequence[Line], world: World) -> dict[str, Any]:
    """Return one page of the answer in the shape of the API, without a token."""
    results = [_result(query, day, list(of_day), world) for day, of_day in groupby(part, attrgetter("day"))]
    payload: dict[str, Any] = {
        "ResultsByTime": results,
        "DimensionValueAttributes": list(_attributes(query, part, world)),
    }
    if query.group_by:
        payload["GroupDefinitions"] = [{"Type": "DIMENSION", "Key": key} for key in query.group_by]
    return payload


def amount_text(amount: Decimal) -> str:
    """Return an amount as Cost Explorer writes it: never an exponent, no zeros at the end."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _result(query: Query, day: date, of_day: Sequence[Line], world: World) -> dict[str, Any]:
    groups = [
        {"Keys": list(line.keys), "Metrics": _metrics_of(query, line)}
        for line in of_day
        if line.keys is not None
    ]
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {} if groups else _metrics_of(query, of_day[0]),
        "Groups": groups,
        "Estimated": world.is_estimated(day),
    }


def _metrics_of(query: Query, line: Line) -> dict[str, dict[str, str]]:
    return {
        name: {"Amount": amount_text(amount), "Unit": line.currency if name in COST_METRICS else line.unit}
        for name, amount in zip(query.metrics, line.amounts, strict=True)
    }


def _attributes(query: Query, part: Iterable[Line], world: World) -> Iterator[dict[str, Any]]:
    if "LINKED_ACCOUNT" not in query.group_by:
        return
    position = query.group_by.index("LINKED_ACCOUNT")
    accounts = {line.keys[position] for line in part if line.keys is not None}
    for account in sorted(accounts & world.names.keys()):
        yield {"Value": account, "Attributes": {"description": world.names[account]}}


def _days(start: date, end: date) -> Iterator[date]:
    for offset in range((end - start).days):
        yield start + timedelta(days=offset)


def _currency(world: World) -> str:
    return next((row.currency for day in world.days[:1] for row in world.rows_of(day)), "USD")


def _net(row: CostRow) -> Decimal:
    return row.amortized if row.net_amortized is None else row.net_amortized


_METRICS: Mapping[str, Callable[[CostRow], Decimal]] = {
    "UnblendedCost": attrgetter("unblended"),
    "BlendedCost": attrgetter("unblended"),
    "AmortizedCost": attrgetter("amortized"),
    "NetAmortizedCost": _net,
    # The private discount is the same amount on either basis.
    "NetUnblendedCost": lambda row: row.unblended - row.amortized + _net(row),
    "UsageQuantity": attrgetter("quantity"),
}
