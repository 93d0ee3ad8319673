"""The scopes that get a verdict: each a set of series, with its daily amounts."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from costspike.domain.cost_table import Bools, CostTable, Floats, Ints, changes
from costspike.domain.spikes import Scope

RECENT_DAYS = 72
"""Days before the judged one that every scope is summed for: a baseline needs no more."""

_ARRIVAL_DAYS = 4


class Level(IntEnum):
    """What a scope is, the finest first.

    One move spread over many series is seen higher up; one series hidden in a big service lower down.
    ``ARRIVALS`` are the series of one account x service that appeared within the last days: what starts in
    several regions at once is one thing.
    """

    SERIES = 0
    ARRIVALS = 1
    ACCOUNT_SERVICE = 2
    SERVICE_USAGE = 3
    SERVICE = 4
    TOTAL = 5


BROAD = (Level.SERVICE_USAGE, Level.SERVICE, Level.TOTAL)

# The names (in the order of a table's codes) that make a scope of each level.
_NAMES = {
    Level.SERIES: [0, 1, 2, 3],
    Level.ACCOUNT_SERVICE: [0, 1],
    Level.SERVICE_USAGE: [0, 2],
    Level.SERVICE: [0],
    Level.TOTAL: [],
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScopeRows:
    """One row for each scope, by level, the total last.

    The series of row i are ``series[start[i]:stop[i]]``, the table's row numbers. ``amounts`` is
    [scopes x RECENT_DAYS + 1], NaN on unobserved days. ``judged`` is false for a row without a name,
    with the same series as another, or of a part that is not whole (see ``fold``).
    """

    level: Ints
    series: Ints
    start: Ints
    stop: Ints
    amounts: Floats
    judged: Bools

    def of(self, row: int) -> Ints:
        """Return the series of a row."""
        return self.series[self.start[row] : self.stop[row]]


def scope_rows(table: CostTable) -> ScopeRows:
    """Return the rows of every level."""
    parts = [_grouped(table, level) for level in (*_NAMES, Level.ARRIVALS)]
    offsets = np.cumsum([0] + [len(order) for order, _, _ in parts])
    starts = [start + offset for (_, start, _), offset in zip(parts, offsets[:-1], strict=True)]
    stops = [np.append(start, offset)[1:] for start, offset in zip(starts, offsets[1:], strict=True)]
    amounts = np.vstack([amounts for _, _, amounts in parts])
    amounts[:, ~table.observed[-1 - RECENT_DAYS :]] = np.nan
    levels = np.repeat([*_NAMES, Level.ARRIVALS], [len(start) for start in starts]).astype(np.int64)
    rows = ScopeRows(
        level=levels,
        series=np.concatenate([order for order, _, _ in parts]),
        start=np.concatenate(starts),
        stop=np.concatenate(stops),
        amounts=amounts,
        judged=np.ones(len(levels), dtype=np.bool_),
    )
    rows.judged[:] = _judged(table, rows)
    return rows


def histories(table: CostTable, rows: ScopeRows, chosen: Ints) -> Floats:
    """Return the whole look-back of the chosen rows, NaN on unobserved days."""
    found = np.array([_of(table.amounts, rows.of(row)).sum(axis=0) for row in chosen.tolist()])
    found = found.reshape(len(chosen), table.amounts.shape[1])
    found[:, ~table.observed] = np.nan
    return found


def _of(amounts: Floats, series: Ints) -> Floats:
    """Return the rows of ascending ``series``, not copied where they follow one another."""
    first, last = int(series[0]), int(series[-1])
    return amounts[first : last + 1] if last - first + 1 == len(series) else amounts[series]


def scope_of(table: CostTable, rows: ScopeRows, row: int) -> Scope:
    """Return the scope of one row."""
    names = table.names(int(rows.of(row)[0]))
    match int(rows.level[row]):
        case Level.SERIES:
            return names
        case Level.ARRIVALS | Level.ACCOUNT_SERVICE:
            return Scope(account_id=names.account_id, service=names.service)
        case Level.SERVICE_USAGE:
            return Scope(service=names.service, usage_type=names.usage_type)
        case Level.SERVICE:
            return Scope(service=names.service)
        case _:
            return Scope()


def _grouped(table: CostTable, level: Level) -> tuple[Ints, Ints, Floats]:
    """Return the series in the order of a level's scopes, where each scope starts, and its amounts."""
    recent = table.amounts[:, -1 - RECENT_DAYS :]
    order, codes = np.arange(len(recent)), table.codes
    if level == Level.SERIES:
        return order, order, recent
    if level == Level.ARRIVALS:
        order = np.flatnonzero(_arrived(table.amounts))
    elif level == Level.SERVICE_USAGE:
        order = np.lexsort((codes[:, 2], codes[:, 0]))
    if level in (Level.ARRIVALS, Level.SERVICE_USAGE):  # the other levels are runs of the table's series
        recent, codes = recent[order], codes[order]
    start = _starts(codes[:, _NAMES.get(level, _NAMES[Level.ACCOUNT_SERVICE])])
    return order, start, np.add.reduceat(recent, start, axis=0) if len(order) else recent


def largest_part(table: CostTable, level: int, series: Ints, dollars: Floats) -> float:
    """Return the dollars of the account that has most of them, of the service for the total; 0 at least.

    What many accounts have in common after folding has no account: it is no part of its own.
    """
    by = 0 if level == Level.TOTAL else 1
    codes, part = np.unique(table.codes[series, by], return_inverse=True)
    by_part = np.bincount(part.ravel(), weights=dollars)
    of_one = codes > 0 if by and table.small[series].any() else np.ones(len(codes), dtype=np.bool_)
    return float(by_part[of_one].max(initial=0.0))


def _judged(table: CostTable, rows: ScopeRows) -> Bools:
    size = rows.stop - rows.start
    first = rows.series[rows.start]
    service, account, usage_type = (table.codes[first, at] > 0 for at in range(3))  # 0 is the empty name
    per_account = table.account_services
    siblings = np.bincount(per_account)[per_account]
    level, small = rows.level, table.small
    # Where small series were folded, a usage type is not whole.
    whole_types = not small.any()
    named = np.where(level <= Level.ACCOUNT_SERVICE, service & account, service)
    several = (size > 1) & (size < siblings[first])
    return np.asarray(
        np.select(
            [
                level == Level.SERIES,
                level == Level.ARRIVALS,
                level == Level.SERVICE_USAGE,
                level == Level.TOTAL,
            ],
            [
                named & (siblings[first] > 1) & ~small[first],
                named & several,
                named & usage_type & (size > 1) & whole_types,
                size > 0,
            ],
            default=named,
        ),
        dtype=np.bool_,
    )


def _arrived(amounts: Floats) -> Bools:
    """Tell which series had their first cost within the last days."""
    found = np.flatnonzero((amounts[:, -_ARRIVAL_DAYS:] != 0).any(axis=1))
    # Nearly all of them had a cost lately: few are looked at further back.
    for first in (-RECENT_DAYS, 0):
        found = found[~(amounts[found, first:-_ARRIVAL_DAYS] != 0).any(axis=1)]
    arrived = np.zeros(len(amounts), dtype=np.bool_)
    arrived[found] = True
    return arrived


def _starts(keys: Ints) -> Ints:
    """Return the first row of every run of equal keys."""
    return np.flatnonzero(changes(keys))
