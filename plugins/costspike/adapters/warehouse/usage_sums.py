"""Sums of usage by account x service, kept for days with very many rows.

They are written in the transaction that lands the day, so they are never older or newer than its rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from costspike.adapters.warehouse.landing import stage
from costspike.domain import costs
from costspike.domain.request_sets import USAGE

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Transaction

MANY_GROUPS: Final = 5_000
"""Groups of a day from which on its sums are kept: thirteen months of smaller days are soon added up."""

_KEY: Final = ("charge_period_start", "sub_account_id", "service_name", "billing_currency")


def summed_days(groups: Mapping[tuple[date, str], int], many: int) -> frozenset[date]:
    """Return the days that have ``many`` rows; ``groups`` are those of each day and currency."""
    of_day: Counter[date] = Counter()
    for (day, _), count in groups.items():
        of_day[day] += count
    return frozenset(day for day, count in of_day.items() if count >= many)


def keep_sums(tx: Transaction, rows: pa.Table, days: Collection[date], **landing: Any) -> None:
    """Add the sums of the ``days`` among the rows that are landed; ``landing`` names their source."""
    if not days:
        return
    with stage(tx, "landing_sums", usage_sums(rows, days)):
        tx.run("usage_sums/insert", **landing)


def usage_sums(rows: pa.Table, days: Collection[date]) -> pa.Table:
    """Return what the usage of every account x service cost, by day and currency, and of how many amounts."""
    chosen = pc.is_in(rows["charge_period_start"], pa.array(sorted(days), pa.date32()))
    usage = rows.filter(pc.and_(chosen, pc.equal(rows["x_charge_type"], USAGE)))
    spent = pc.not_equal(usage["effective_cost"], pa.scalar(0, costs.MONEY)).cast(pa.int32())
    known = usage.select([*_KEY, "effective_cost"]).append_column("x_costs", spent)
    sums = known.group_by([*_KEY]).aggregate([("effective_cost", "sum"), ("x_costs", "sum")])
    columns = [*(sums[name] for name in _KEY), sums["effective_cost_sum"], sums["x_costs_sum"]]
    types = [*(pa.date32(), pa.string(), pa.string(), pa.string()), costs.MONEY, pa.int32()]
    names = [*_KEY, "effective_cost", "x_costs"]
    return pa.table({name: one.cast(kind) for name, one, kind in zip(names, columns, types, strict=True)})
