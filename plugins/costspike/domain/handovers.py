"""Renamed services and moved accounts: one history under two names."""

from dataclasses import replace

import numpy as np

from costspike.domain.cost_table import CostTable, Ints

_WARM_UP_DAYS = 60
# A job that runs once a month may be renamed between two runs.
_LONGEST_GAP_DAYS = 45
_LEAST_PREDECESSOR_DAYS = 14
_COST_DAYS = 90
_LEAST_COVERED = 0.8


def with_handovers(table: CostTable) -> CostTable:
    """Return the table with each successor's history before its first day taken from what it replaced.

    An account x service that is new, while one of the same account (a renamed service) or of the same service
    (a moved account) has not been seen since, is its successor if their usage types and regions are the same
    for four fifths of the cost. AWS renames services; for a job that runs now and then nothing falls on the
    day on which it appears under the new name, so only its own past can tell that the amount is usual.
    """
    which, width = table.account_services, table.amounts.shape[1]
    start = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
    observed = int(np.argmax(table.observed))
    spent = table.amounts != 0
    never = ~spent.any(axis=1)
    begun = np.minimum.reduceat(np.where(never, width, spent.argmax(axis=1)), start)
    if (begun < observed + _WARM_UP_DAYS).all():
        return table
    ended = np.maximum.reduceat(np.where(never, -1, width - 1 - spent[:, ::-1].argmax(axis=1)), start)
    groups = table.codes[start, :2]
    amounts = None
    successors = np.flatnonzero((begun >= observed + _WARM_UP_DAYS) & (begun < width))
    first = begun[successors][:, None]
    gone = (ended < first) & (ended >= first - _LONGEST_GAP_DAYS) & (begun < first - _LEAST_PREDECESSOR_DAYS)
    alike = groups[successors][:, None] == groups  # [new x old x service, account]
    for place, old in np.argwhere(gone & (alike[..., 0] != alike[..., 1])).tolist():
        new = int(successors[place])
        pairs = _pairs(table, np.flatnonzero(which == old), np.flatnonzero(which == new), int(begun[new]))
        if len(pairs):
            amounts = table.amounts.copy() if amounts is None else amounts
            was, now = pairs.T
            amounts[now] += amounts[was]
            amounts[was] = 0
    return table if amounts is None else replace(table, amounts=amounts)


def _pairs(table: CostTable, old: Ints, new: Ints, day: int) -> Ints:
    """Return the series that are one another's [old, new], none where too much of the old has no heir."""
    types = table.codes[:, 2:]
    if not (types[old, 0] > 0).all():  # without usage types every service would be like every other
        return np.zeros((0, 2), dtype=np.int64)
    heirs = {tuple(names): series for series, names in zip(new.tolist(), types[new].tolist(), strict=True)}
    names = zip(old.tolist(), types[old].tolist(), strict=True)
    found = [(series, heirs[tuple(key)]) for series, key in names if tuple(key) in heirs]
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    if not found:
        return pairs
    cost = table.amounts[:, max(day - _COST_DAYS, 0) : day]
    whole = float(cost[old].sum())
    # What was folded into one says nothing of what it was.
    known = pairs[~table.small[pairs[:, 0]], 0]
    covered = float(cost[known].sum())
    return pairs if whole > 0 and covered >= _LEAST_COVERED * whole else pairs[:0]
