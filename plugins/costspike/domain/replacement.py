"""Renames and account moves: a scope that is new on the day on which a related one is gone."""

import numpy as np

from costspike.domain.cost_table import Bools, Floats
from costspike.domain.scope_rows import ScopeRows

_NEW_DAYS = 90
# Late rows and leftovers: what is under a tenth counts as nothing.
_NOTHING = 0.1


def inherited(rows: ScopeRows, expected: Floats, row: int) -> float:
    """Return what vanished scopes related to a new one were expected to cost; 0 for a scope that is not new.

    AWS renames services, and workloads move between accounts: the bill is the same under another name.
    Related are account x services of the same account or the same service, and services to one another.
    """
    today = rows.amounts[:, -1]
    before = rows.amounts[row, -1 - _NEW_DAYS : -1]
    if np.fmax.reduce(before, initial=0.0) >= _NOTHING * today[row]:
        return 0.0
    gone = _related(rows, row) & (today < _NOTHING * expected)
    return float((expected[gone] - today[gone]).sum())


def _related(rows: ScopeRows, row: int) -> Bools:
    same_level = np.asarray(rows.level == rows.level[row])
    same_level[row] = False
    match int(rows.level[row]):
        case 2:
            return np.asarray(same_level & (rows.codes == rows.codes[row]).any(axis=1))
        case 1:
            return same_level
        case _:
            return np.zeros_like(same_level)
