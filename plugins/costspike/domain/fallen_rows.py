"""Which scopes cost far less than they should have: the gates of a rise, mirrored."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from costspike.domain.baseline import LOOKBACK_DAYS, baseline, residuals, spread
from costspike.domain.commitments import paid_by, replaced_by
from costspike.domain.cost_table import Bools, CostTable, Floats, Ints
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.offsets import ordinary, shown
from costspike.domain.scope_rows import Level, ScopeRows, largest_part, scope_rows
from costspike.domain.spikes import Gate

_RECENT_DAYS = 60
# A cost that drifts reaches a new lowest day now and then, by a little.
_LOWEST_SHARE = 0.9
_BAND_DEVIATIONS = 5.0
# A holiday shows nine tenths of a usual day; less is told of no day, since nothing tells an outage from late data.
_LEAST_SHOWN = 0.95
_LEAST_RISE = 0.05
_RISE_DEVIATIONS = 3.0
_NAMES_ALIKE = 3
_LEAST_SPREAD_PERCENT = 40.0
# What a plan pays for costs a fifth to three quarters less with it.
_LEAST_PLAN_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FallenRow:
    """A scope that passed every gate; ``expected`` is without what rose elsewhere and what finer rows explain.

    ``falls`` are how far each of its ``series``, the table's, was below its own expectation.
    """

    row: int
    series: Ints
    actual: float
    expected: float
    band: float
    lowest: float
    falls: Floats
    gates: tuple[Gate, ...]

    @property
    def fall(self) -> float:
        """Return how much less it cost."""
        return self.expected - self.actual


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Day:
    """A table with all that its falls are judged by; ``expected`` and ``lowest`` are by row."""

    table: CostTable
    rows: ScopeRows
    expected: Floats
    lowest: Floats
    floor: float
    least_percent: float

    @property
    def today(self) -> Floats:
        return self.rows.amounts[:, -1]

    def falls(self, series: Ints) -> Floats:
        return self.expected[series] - self.today[series]  # the first rows are the table's series


def fallen_rows(table: CostTable, settings: DetectionSettings) -> tuple[ScopeRows, list[FallenRow]]:
    """Return the table's rows and those that fell on its last day: an account's service, a service, the total.

    None on a day that shows less than a usual one everywhere: data that is late looks like an outage.
    """
    rows = scope_rows(table)
    day = _day(table, rows, settings)
    if day is None:
        return rows, []
    fell = _candidates(day)
    risen = _risen(day) if fell.any() else np.zeros(0, dtype=np.int64)
    found: list[FallenRow] = []
    for level in (Level.ACCOUNT_SERVICE, Level.SERVICE, Level.TOTAL):
        candidates = np.flatnonzero(fell & (rows.level == level))
        judged = [_judged(day, row, risen, found) for row in candidates.tolist()]
        found += [one for one in judged if one]
    return rows, found


def _day(table: CostTable, rows: ScopeRows, settings: DetectionSettings) -> _Day | None:
    if table.observed[-1 - LOOKBACK_DAYS : -1].sum() < settings.min_history_days:
        return None
    base = baseline(rows.amounts)
    series = len(table.codes)
    if shown(rows.amounts[:series, -1], base.expected[:series], ordinary(table)) < _LEAST_SHOWN:
        return None
    total = int(np.flatnonzero(rows.level == Level.TOTAL)[0])
    return _Day(
        table=table,
        rows=rows,
        expected=base.expected,
        lowest=np.fmin.reduce(rows.amounts[:, -1 - _RECENT_DAYS : -1], axis=1),
        floor=settings.floor(float(base.typical[total])),
        least_percent=settings.min_impact_percent,
    )


def _candidates(day: _Day) -> Bools:
    """Tell which rows cost something on every known day of two months, and a tenth more than today at least.

    A credit is no fall: a day below zero is not judged.
    """
    fell = day.expected - day.today >= day.floor
    return (
        day.rows.judged
        & fell
        & (day.today >= 0)
        & (day.lowest > 0)
        & (day.today <= _LOWEST_SHARE * day.lowest)
    )


def _judged(day: _Day, row: int, risen: Ints, finer: list[FallenRow]) -> FallenRow | None:
    series = day.rows.of(row)
    inside = [one for one in finer if np.isin(one.series, series).any()]
    actual, whole = float(day.today[row]), float(day.expected[row])
    elsewhere = _rises_elsewhere(day, row, risen)
    expected = whole - elsewhere - sum(one.fall for one in inside)
    if _plan_rise(day, row, risen) >= _LEAST_PLAN_SHARE * (whole - actual):
        return None
    deviation = spread(residuals(day.rows.amounts[[row]]), day.expected[[row]])
    band, lowest = _BAND_DEVIATIONS * float(deviation[0]), float(day.lowest[row])
    gates = tuple(_gates(day, row, expected, band, inside))
    if any(gate.value < gate.limit for gate in gates):
        return None
    return FallenRow(
        row=row,
        series=series,
        actual=actual,
        expected=expected,
        band=band,
        lowest=lowest,
        falls=day.falls(series),
        gates=gates,
    )


def _gates(day: _Day, row: int, expected: float, band: float, inside: list[FallenRow]) -> Iterator[Gate]:
    actual = float(day.today[row])
    fall = expected - actual
    yield Gate(name="fall", value=fall, limit=day.floor)
    percent = 100 * fall / expected if expected > 0 else 0.0
    yield Gate(name="fall_percent", value=percent, limit=day.least_percent)
    yield Gate(name="band", value=fall, limit=band)
    yield Gate(name="recent_lowest", value=_LOWEST_SHARE * float(day.lowest[row]), limit=actual)
    if day.rows.level[row] != Level.ACCOUNT_SERVICE:
        value = _spread_percent(day, row, fall, inside)
        yield Gate(name="spread_percent", value=value, limit=_LEAST_SPREAD_PERCENT)


def _spread_percent(day: _Day, row: int, fall: float, inside: list[FallenRow]) -> float:
    """Return how much of a broad fall, in percent, lies outside the part that fell most: account or service."""
    series = day.rows.of(row)
    falls = day.falls(series)
    for one in inside:
        falls[np.isin(series, one.series)] = 0.0
    largest = largest_part(day.table, day.rows.level[row], series, falls)
    return 100 * (1 - largest / fall) if fall > 0 else 0.0


def _risen(day: _Day) -> Ints:
    """Return the series that rose beyond their usual swing."""
    series = np.arange(len(day.table.codes))
    rise = -day.falls(series)
    found = np.flatnonzero((rise > 0) & (rise >= _LEAST_RISE * np.abs(day.expected[series])))
    deviation = spread(residuals(day.rows.amounts[found]), np.zeros(len(found)))
    return found[rise[found] >= _RISE_DEVIATIONS * deviation]


def _rises_elsewhere(day: _Day, row: int, risen: Ints) -> float:
    """Return what rose in series outside the row that share all but one name with it: renames, moves, migrations."""
    if day.rows.level[row] == Level.TOTAL:
        return 0.0
    codes, members = day.table.codes, day.rows.of(row)
    outside = risen[~np.isin(risen, members)]
    alike = (codes[members][:, None] == codes[outside][None]).sum(axis=2) >= _NAMES_ALIKE
    return float(-day.falls(outside[alike.any(axis=0)]).sum())


def _plan_rise(day: _Day, row: int, risen: Ints) -> float:
    """Return what rose in the plans that pay for the row, or, for a plan, in what it paid for; below 0 if nothing.

    With a plan that was bought or has ended the price changed, and no cost is missing.
    """
    service = day.table.names(int(day.rows.of(row)[0])).service
    tied = paid_by(service) | replaced_by(service) if day.rows.level[row] != Level.TOTAL else frozenset()
    numbers = [code for code, name in enumerate(day.table.vocabulary[0]) if name in tied]
    rose = risen[np.isin(day.table.codes[risen, 0], numbers)]
    return float(-day.falls(rose).sum()) if len(rose) else -np.inf
