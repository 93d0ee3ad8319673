"""The rows of a range of days, replaced within a transaction; what that changes is recorded.

Every engine can compare by a statement, delete, and insert. Where the rows come out of the database as
cheaply as they go in, which is DuckDB, they are compared here, and only those that differ are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from costspike.adapters.warehouse.landing import stage
from costspike.domain import costs
from costspike.domain.cost_changes import Mask, cost_changes
from costspike.domain.request_sets import USAGE

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Transaction


def replace_rows(
    tx: Transaction, rows: pa.Table, grain: str, known: Mapping[date, str], **landing: Any
) -> list[date]:
    """Make the days of a range hold exactly ``rows``; return the days whose usage changed.

    Args:
        tx: the landing transaction.
        rows: the new rows, no key twice.
        grain: how finely the new rows were asked for.
        known: the days of the range that were landed before, each with its grain.
        landing: start, end, source, observed_at and run_id.
    """
    grains = set(known.values())
    if tx.engine == "duckdb" and grains == {grain}:
        return _write_differences(tx, rows, known, landing)
    changed: list[date] = []
    with stage(tx, "landing", rows):
        if known:
            changed = _record_changes(tx, across_grains=grains != {grain}, **landing)
        tx.run("cloud_costs/delete_days", **landing)
        tx.run("cloud_costs/insert_landing", **landing)
    return changed


def _record_changes(tx: Transaction, *, across_grains: bool, **landing: Any) -> list[date]:
    """Keep what changes about days that were landed before; return the days whose usage does."""
    statement = "insert_changes_across_grains" if across_grains else "insert_changes"
    tx.run(f"cloud_cost_revisions/{statement}", **landing)
    days = tx.rows("cloud_cost_revisions/select_days", charge_type=USAGE, **landing)
    return [row["charge_period_start"] for row in days]


def _write_differences(
    tx: Transaction, rows: pa.Table, known: Mapping[date, str], landing: Mapping[str, Any]
) -> list[date]:
    landed = tx.table("cloud_costs/select_landed", **landing)
    changes = cost_changes(landed.select(costs.SCHEMA.names).cast(costs.SCHEMA), rows, known)
    if changes.gone.any():
        with stage(tx, "landing_gone", _chosen(landed.select(["x_place"]), changes.gone)):
            tx.run("cloud_costs/delete_places", **landing)
    tx.run("cloud_costs/update_seen", **landing)
    if changes.written.any():
        with stage(tx, "landing", _chosen(rows, changes.written)):
            tx.run("cloud_costs/insert_landing", **landing)
    if len(changes.revisions):
        with stage(tx, "landing_revisions", changes.revisions):
            tx.run("cloud_cost_revisions/insert_landing", **landing)
    return changes.usage_days()


def _chosen(rows: pa.Table, mask: Mask) -> pa.Table:
    """Return the chosen rows in one piece: DuckDB takes a fixed time for each."""
    return rows.filter(pa.array(mask)).combine_chunks()
