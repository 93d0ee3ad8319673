"""A frame to the warehouse: costspike's landing against the bare fast path of each engine.

The bare one replaces the days and does nothing else. Landing also refuses doubled groups, compares with
what was landed before, keeps what changed, and stores the totals, all in the same one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pandas as pd
import pyarrow as pa

from benchmarks.pages import pages
from benchmarks.table import Figure, require
from benchmarks.timing import in_turn
from benchmarks.warehouses import Warehouse, duckdb_file, landing_of, postgres
from costspike.adapters.warehouse.cost_tables import CostTables, Landing
from costspike.domain import costs
from costspike.domain.normalization import normalize

ROWS, MANY_ROWS = 10_000, 100_000
GROUPS = 400
_LANDED = "SELECT COUNT(*), SUM(billed_cost), COUNT(DISTINCT service_name) FROM cloud_costs"
_CHANGED = "SELECT COUNT(*) FROM cloud_cost_revisions"


def measure() -> list[Figure]:
    """Return the figures of landing 10,000 rows; those of Postgres only where it is installed."""
    figures: list[Figure] = []
    with duckdb_file() as warehouse:
        figures += [*_figures(warehouse, ROWS), *_figures(warehouse, MANY_ROWS)]
    with postgres() as installed:
        figures += _figures(installed, ROWS) if installed else []
    return figures


def _figures(warehouse: Warehouse, rows: int) -> list[Figure]:
    tables, landing = CostTables(warehouse.database), _landing(rows)
    later = _restated(landing)
    tables.landed_days()

    def landed_first() -> None:
        warehouse.empty()
        tables.replace_days(landing)

    _check(warehouse, tables, landing, later)
    return [
        _speed(warehouse, tables, "days that were never landed", landing, before=warehouse.empty),
        _speed(warehouse, tables, "the same rows again", landing, before=landed_first),
        _speed(warehouse, tables, "1 row in 100 restated", later, before=landed_first),
    ]


def _speed(
    warehouse: Warehouse, tables: CostTables, case: str, landing: Landing, *, before: Callable[[], object]
) -> Figure:
    def settled() -> None:
        before()
        warehouse.settle()

    rows = len(landing.costs)
    bare = {name: partial(run, landing.span, landing.costs) for name, run in warehouse.bare.items()}
    rounds = in_turn(
        {**bare, "costspike": lambda: tables.replace_days(landing)},
        clock=warehouse.clock,
        before=settled,
        rounds=15 if rows == ROWS else 5,
    )
    reference, *others = bare
    notes = [f"{rounds.ratio(name, 'costspike'):.2f} x of {name}" for name in others]
    return Figure(
        what=f"land {rows:,} rows in {warehouse.name}, {case}: speed of {reference}",
        measured=rounds.ratio(reference, "costspike"),
        goal=warehouse.goal,
        note="; ".join([*notes, f"{rows / rounds.typical('costspike') / 1e3:.0f} k rows a CPU second"]),
    )


def _landing(rows: int) -> Landing:
    frame = normalize(pages(rows, groups=GROUPS), fixed={"x_charge_type": "Usage"})
    return landing_of(frame, grain="account_service")


def _restated(landing: Landing) -> Landing:
    """Return a later landing in which every hundredth amount is another one."""
    table = costs.to_table(landing.costs)
    at = table.schema.get_field_index("billed_cost")
    amounts = [
        amount + 1 if number % 100 == 0 else amount for number, amount in enumerate(table[at].to_pylist())
    ]
    table = table.set_column(at, table.schema.field(at), pa.array(amounts, costs.MONEY))
    frame: pd.DataFrame = costs.to_frame(table)
    return replace(landing, costs=frame, observed_at=landing.observed_at + timedelta(hours=8), run_id="later")


def _check(warehouse: Warehouse, tables: CostTables, landing: Landing, later: Landing) -> None:
    """Refuse to time what does not land the same rows."""
    tables.replace_days(landing)
    landed = warehouse.rows(_LANDED)
    require(landed[0][0] == len(landing.costs), f"{warehouse.name}: {landed[0][0]} rows landed")
    for name, bare in warehouse.bare.items():
        warehouse.empty()
        bare(landing.span, landing.costs)
        require(warehouse.rows(_LANDED) == landed, f"{warehouse.name}: the rows of {name} differ")
    warehouse.empty()
    tables.replace_days(landing)
    tables.replace_days(later)
    require(
        warehouse.rows(_CHANGED) == [(len(landing.costs) // 100,)],
        f"{warehouse.name}: the recorded changes are wrong",
    )
