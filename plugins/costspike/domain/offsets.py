"""What fell on the day on which something else rose: renames, migrations, moves, plans that were bought."""

import numpy as np

from costspike.domain.baseline import residuals, spread
from costspike.domain.commitments import paid_by, replaced_by
from costspike.domain.cost_table import Bools, CostTable, Floats, Ints
from costspike.domain.scope_rows import Level, ScopeRows

_LEAST_FALL = 0.05
_DEVIATIONS = 3.0
# Most of the seven days, as in the median that is the level: a fall counts as long as the rise it pays for.
_PRESENT_DAYS = 4
# Three of the four names of a series: one may change without the cost being another.
_NAMES_ALIKE = 3
_COMPLETE_RANGE = (0.5, 1.0)


def offsets(table: CostTable, rows: ScopeRows, expected: Floats, chosen: Ints) -> Floats:
    """Return, for each chosen row, the significant falls of the day in the series related to it.

    Related are series outside the row that share all but one of the account, service, usage type and region with
    one of it, and for a commitment the usage that it replaces, in any account. Series that were folded into one
    are related to all of their account x service.
    """
    series = np.flatnonzero(rows.level == Level.SERIES)
    fallen, falls = _falls(rows.amounts[series], expected[series], ordinary(table))
    found = np.zeros(len(chosen))
    if not len(fallen):
        return found
    codes = table.codes[rows.series[rows.start[series[fallen]]]]
    fallen_series = rows.series[rows.start[series[fallen]]]
    small = table.small[fallen_series] & (codes[:, 1] > 0)
    for place, row in enumerate(chosen.tolist()):
        members = rows.of(row)
        if rows.level[row] == Level.TOTAL:
            continue
        alike = ((table.codes[members][:, None] == codes[None]).sum(axis=2) >= _NAMES_ALIKE).any(axis=0)
        alike |= small & (codes[:, :2] == table.codes[members[0], :2]).all(axis=1)
        alike |= _replaced(table, int(members[0]), codes)
        found[place] = falls[alike & ~np.isin(fallen_series, members)].sum()
    return found


def ordinary(table: CostTable) -> Bools:
    """Tell which series no plan pays for: when one is bought, all that it pays for falls."""
    names = [paid_by(name) for name in table.vocabulary[0]]
    return ~np.array([bool(plans) for plans in names])[table.codes[:, 0]]


def _falls(amounts: Floats, expected: Floats, unplanned: Bools) -> tuple[Ints, Floats]:
    """Return the series that fell significantly, and by how much.

    A newest day that is not complete is low everywhere: falls count from what it shows of a usual day.
    What it shows is read from the ``unplanned`` series.
    """
    today = amounts[:, -1]
    fall = expected * shown(today, expected, unplanned) - today
    present = (np.nan_to_num(amounts[:, -8:-1]) != 0).sum(axis=1) >= _PRESENT_DAYS
    candidates = np.flatnonzero((fall > 0) & (fall >= _LEAST_FALL * np.abs(expected)) & present)
    deviation = spread(residuals(amounts[candidates]), np.zeros(len(candidates)))
    significant = fall[candidates] >= _DEVIATIONS * deviation
    return candidates[significant], fall[candidates][significant]


def shown(today: Floats, expected: Floats, unplanned: Bools) -> float:
    """Return how much of a usual day the newest one shows: the median of series or of dollars, if that is more.

    It is between a half and 1, and read from the ``unplanned`` series where any is usual.
    """
    usual = expected > 0
    told = usual & unplanned if (usual & unplanned).any() else usual
    today, expected = today[told], expected[told]
    if not expected.size:
        return 1.0
    ratio = today / expected
    order = np.argsort(ratio, kind="stable")
    dollars = np.cumsum(expected[order])
    of_dollars = ratio[order][np.searchsorted(dollars, dollars[-1] / 2)]
    # Of two in the middle the higher one: where few series are known, one that fell must not make the day partial.
    of_series = ratio[order][len(ratio) // 2]
    return float(np.clip(max(of_series, of_dollars), *_COMPLETE_RANGE))


def _replaced(table: CostTable, series: int, codes: Ints) -> Bools:
    services = replaced_by(table.names(series).service)
    if not services:
        return np.zeros(len(codes), dtype=np.bool_)
    numbers = [code for code, name in enumerate(table.vocabulary[0]) if name in services]
    return np.isin(codes[:, 0], numbers)
