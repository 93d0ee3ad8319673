"""What a landing changes about days that were landed before: rows, and the amounts worth a record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain import costs
from costspike.domain.request_sets import USAGE

_AMOUNTS = ("billed_cost", "effective_cost")
_OTHERS = [name for name in costs.SCHEMA.names if name not in costs.KEY + _AMOUNTS]
REVISIONS = pa.schema(
    [
        *(costs.SCHEMA.field(name) for name in costs.KEY),
        ("x_change", pa.string()),
        *((f"{side}_{name}", costs.MONEY) for name in _AMOUNTS for side in ("old", "new")),
    ]
)

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CostChanges:
    """Which old rows go, which new rows are to be written, and what of it is recorded (``REVISIONS``)."""

    gone: Mask
    written: Mask
    revisions: pa.Table

    def usage_days(self) -> list[date]:
        """Return the days whose usage was revised, oldest first; only those have to be judged again."""
        usage = self.revisions.filter(pc.equal(self.revisions["x_charge_type"], USAGE))
        return sorted(usage["charge_period_start"].unique().to_pylist())


def cost_changes(old: pa.Table, new: pa.Table, known_days: Collection[date]) -> CostChanges:
    """Compare the rows of some days with those that replace them; both have ``costs.SCHEMA``.

    A row that is alike in every column stays. A revision is an amount that changed, a group that vanished,
    or one that appeared on a known day: one that was landed before, be it without any row.
    The keys of the new rows are unique.
    """
    old_at, new_at = _pairs(old, new)
    vanished, appeared = _without(len(old), old_at), _without(len(new), new_at)
    one, other = _rows(old, old_at), _rows(new, new_at)
    amounts = _differ(one, other, _AMOUNTS)
    moved = amounts | _differ(one, other, _OTHERS)
    revised = [
        _revisions("changed", _filter(one, amounts), _filter(other, amounts)),
        _revisions("vanished", _filter(old, vanished), None),
        _revisions("appeared", None, _of_days(_filter(new, appeared), known_days)),
    ]
    vanished[old_at[moved]] = True
    appeared[new_at[moved]] = True
    return CostChanges(gone=vanished, written=appeared, revisions=pa.concat_tables(revised).combine_chunks())


def _pairs(old: pa.Table, new: pa.Table) -> tuple[Places, Places]:
    """Return the places of the rows whose key is on both sides."""
    if len(old) == len(new) and all(old[name].equals(new[name]) for name in costs.KEY):
        every = np.arange(len(new))
        return every, every
    keys = list(costs.KEY)
    codes = costs.key_codes(pa.concat_tables([old.select(keys), new.select(keys)]))
    _, old_at, new_at = np.intersect1d(codes[: len(old)], codes[len(old) :], return_indices=True)
    return old_at, new_at


def _without(count: int, places: Places) -> Mask:
    mask = np.ones(count, dtype=bool)
    mask[places] = False
    return mask


def _rows(table: pa.Table, at: Places) -> pa.Table:
    in_place = len(at) == len(table) and np.array_equal(at, np.arange(len(at)))
    return table if in_place else table.take(at)


def _filter(table: pa.Table, mask: Mask) -> pa.Table:
    return table.filter(pa.array(mask)) if mask.any() else table.slice(0, 0)


def _of_days(rows: pa.Table, days: Collection[date]) -> pa.Table:
    if not len(rows):
        return rows
    return rows.filter(pc.is_in(rows["charge_period_start"], pa.array(sorted(days), pa.date32())))


def _differ(one: pa.Table, other: pa.Table, names: Collection[str]) -> Mask:
    """Tell which rows differ in some column; two empty values are alike."""
    differ = np.zeros(len(one), dtype=bool)
    for name in names:
        left, right = one[name], other[name]
        if not left.equals(right):
            unlike = pc.fill_null(pc.not_equal(left, right), fill_value=True)
            differ |= pc.and_not(unlike, pc.and_(left.is_null(), right.is_null())).to_numpy()
    return differ


def _revisions(change: str, old: pa.Table | None, new: pa.Table | None) -> pa.Table:
    """Return the revisions of some groups; None stands for rows that are not there."""
    rows = old if new is None else new
    if not rows:
        return REVISIONS.empty_table()
    nothing = pa.nulls(len(rows), costs.MONEY)
    amounts = [nothing if side is None else side[name] for name in _AMOUNTS for side in (old, new)]
    columns = [*(rows[name] for name in costs.KEY), pa.repeat(change, len(rows)), *amounts]
    return pa.Table.from_arrays(columns, schema=REVISIONS)
