"""What fell on the day on which something else rose: renames, migrations, moves, plans that were bought."""

import numpy as np

from costspike.domain.baseline import known_or_zero, residuals, spread
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
    _, falls, related = _related_falls(table, rows, expected, chosen)
    return np.array([falls[of_row].sum() for of_row in related], dtype=np.float64)


def fallen_series(
    table: CostTable, rows: ScopeRows, expected: Floats, row: int
) -> tuple[list[int], list[float]]:
    """Return the table's series that make up the offset of a row, and what each would have cost by now."""
    series, falls, _ = _related_falls(table, rows, expected, np.array([row]))
    return series.tolist(), (rows.amounts[series, -1] + falls).tolist()


def ordinary(table: CostTable) -> Bools:
    """Tell which series no plan pays for: when one is bought, all that it pays for falls."""
    names = [paid_by(name) for name in table.vocabulary[0]]
    return ~np.array([bool(plans) for plans in names])[table.codes[:, 0]]


def _related_falls(
    table: CostTable, rows: ScopeRows, expected: Floats, chosen: Ints
) -> tuple[Ints, Floats, Bools]:
    """Return series that fell significantly, by how much, and [chosen x series] to which rows they are related."""
    series = len(table.codes)  # the first rows are the table's series
    amounts, usual = rows.amounts[:series], expected[:series]
    fallen, falls = _fallen(amounts, usual, ordinary(table))
    folded = fallen[table.small[fallen] & (table.codes[fallen, 1] > 0)]
    related = np.zeros((len(chosen), len(fallen)), dtype=np.bool_)
    for place, row in enumerate(chosen.tolist()):
        if rows.level[row] != Level.TOTAL:
            related[place] = _related(table, rows.of(row), fallen, folded)
    # How much a series swings is the costly part, and asked only of those that a row is related to.
    asked = np.flatnonzero(related.any(axis=0))
    deviation = spread(residuals(amounts[fallen[asked]]), np.zeros(len(asked)))
    significant = asked[falls[asked] >= _DEVIATIONS * deviation]
    return fallen[significant], falls[significant], related[:, significant]


def _fallen(amounts: Floats, expected: Floats, unplanned: Bools) -> tuple[Ints, Floats]:
    """Return the series that fell by a twentieth, and by how much.

    A newest day that is not complete is low everywhere: falls count from what it shows of a usual day.
    What it shows is read from the ``unplanned`` series.
    """
    today = amounts[:, -1]
    fall = expected * shown(today, expected, unplanned) - today
    found = np.flatnonzero((fall > 0) & (fall >= _LEAST_FALL * np.abs(expected)))
    present = (known_or_zero(amounts[found, -8:-1]) != 0).sum(axis=1) >= _PRESENT_DAYS
    return found[present], fall[found[present]]


def _related(table: CostTable, members: Ints, fallen: Ints, folded: Ints) -> Bools:
    """Tell which fallen series are related to a row of ``members``, and outside of it."""
    codes, own = table.codes[fallen], table.codes[members]
    shared = np.zeros((len(members), len(fallen)), dtype=np.int8)
    for name in range(codes.shape[1]):
        shared += own[:, name, None] == codes[None, :, name]
    alike = (shared >= _NAMES_ALIKE).any(axis=0)
    if len(folded):
        alike |= np.isin(fallen, folded) & (codes[:, :2] == own[0, :2]).all(axis=1)
    alike |= _replaced(table, int(members[0]), codes)
    within = np.zeros(len(table.codes), dtype=np.bool_)
    within[members] = True
    return np.asarray(alike & ~within[fallen])


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
