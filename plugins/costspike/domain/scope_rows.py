"""The scopes that get a verdict: each a run of series, with its daily amounts."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from costspike.domain.cost_table import CostTable, Floats, Ints
from costspike.domain.spikes import Scope

LEVELS: Final = (2, 1, 0)
"""How many leading names of a series make a scope: account x service, service, total. Finest first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScopeRows:
    """One row for each scope, the finest first and the total last.

    Its series are ``start`` to ``stop`` (exclusive) of the table; ``level`` is how many leading names it has,
    ``codes`` their codes. ``amounts`` is [scopes x days] as in the table, but NaN on unobserved days.
    """

    level: Ints
    codes: Ints
    start: Ints
    stop: Ints
    amounts: Floats

    def span(self, row: int) -> slice:
        """Return the series of a row as a slice of the table's."""
        return slice(int(self.start[row]), int(self.stop[row]))

    def parts(self, outer: int) -> Ints:
        """Return the rows one level finer than ``outer`` that are parts of it."""
        within = (self.start >= self.start[outer]) & (self.stop <= self.stop[outer])
        return np.flatnonzero(within & (self.level == self.level[outer] + 1))


def scope_rows(table: CostTable) -> ScopeRows:
    """Return account x service, service and total rows."""
    count = len(table.codes)
    starts = [_starts(table.codes[:, :level]) for level in LEVELS]
    stops = [np.append(start[1:], count) for start in starts]
    amounts = np.vstack([np.add.reduceat(table.amounts, start, axis=0) for start in starts])
    amounts[:, ~table.observed] = np.nan
    level = np.repeat(LEVELS, [len(start) for start in starts])
    start, stop = np.concatenate(starts), np.concatenate(stops)
    # Code 0 is the empty name: such rows count in what is above them, but are no scope that has a name.
    named = ((table.codes[start, :2] > 0) | (np.arange(2) >= level[:, None])).all(axis=1)
    return ScopeRows(
        level=level[named],
        codes=table.codes[start[named], :2],
        start=start[named],
        stop=stop[named],
        amounts=amounts[named],
    )


def scope_of(table: CostTable, rows: ScopeRows, row: int) -> Scope:
    """Return the scope of one row."""
    names = table.names(int(rows.start[row]))
    match int(rows.level[row]):
        case 2:
            return Scope(account_id=names.account_id, service=names.service)
        case 1:
            return Scope(service=names.service)
        case _:
            return Scope()


def _starts(keys: Ints) -> Ints:
    """Return the first row of every run of equal keys."""
    changed = (keys[1:] != keys[:-1]).any(axis=1)
    return np.concatenate([[0], np.flatnonzero(changed) + 1])
