"""Savings Plans and reservations: a rise of price and not of usage is a signal of its own."""

from typing import Final

import numpy as np

from costspike.domain.commitments import paid_by, replaced_by
from costspike.domain.cost_table import Bools, Floats, Ints
from costspike.domain.judgement import Judgement
from costspike.domain.scope_rows import Level
from costspike.domain.spikes import COVERAGE_LOST, PLAN_BOUGHT, PLAN_EXPIRED, Gate

# Usage that a plan covered costs a fifth to three quarters less than on demand.
_LEAST_RISE: Final = 0.2
_LEAST_FALL_SHARE: Final = 0.2
# A plan is used up by the largest discounts first, so a few series may be spared.
_ALIKE_WITH_PLAN: Final = 0.6
_ALIKE_PERCENT: Final = 80.0
_LEAST_SERIES: Final = 4


def plan_bought(judged: Judgement, place: int) -> tuple[Gate, ...]:
    """Return the signal of a rise that is a commitment's own cost, none for ordinary services."""
    if not replaced_by(_service(judged, place)) or judged.rows.level[judged.row(place)] == Level.TOTAL:
        return ()
    return (Gate(name=PLAN_BOUGHT, value=judged.impact(place), limit=judged.least_impact),)


def coverage_lost(judged: Judgement) -> dict[int, Gate]:
    """Return the chosen rows whose services rose because a commitment ended, with the signal.

    Either the commitment's own cost fell on the day (the value is by how much) and most of the service rose,
    or nearly all of a service rose by about the same share (the value is the part of its cost that did),
    which usage does not do: several instance types in all accounts. A row holds all accounts of its service.
    """
    found = {}
    services = judged.table.codes[judged.rows.series[judged.rows.start[judged.chosen]], 0]
    covered = np.isin(services, [at for at, name in enumerate(judged.table.vocabulary[0]) if paid_by(name)])
    for place in np.flatnonzero(covered).tolist():
        if _holds_all(judged, place):
            gate = _gate(judged, place, _service(judged, place))
            found.update({place: gate} if gate else {})
    return found


def _gate(judged: Judgement, place: int, service: str) -> Gate | None:
    series = judged.rows.of(judged.row(place))
    expected, rises = _usual(judged, series)
    whole = float(rises.sum() / expected.sum()) if len(expected) else 0.0
    if whole < _LEAST_RISE:
        return None
    plans = np.flatnonzero(_of_services(judged, paid_by(service)))
    before, fallen = _usual(judged, plans)
    fall = float(-fallen.sum())
    rose = rises >= whole / 2 * expected
    if (
        fall >= max(judged.floor, _LEAST_FALL_SHARE * float(before.sum()))
        and _share(rose, expected) >= _ALIKE_WITH_PLAN
    ):
        return Gate(name=PLAN_EXPIRED, value=fall, limit=judged.floor)
    alike = 100 * _share(rose & (rises <= whole * 2 * expected), expected)
    several = len(np.unique(judged.table.codes[series, 2])) > 1 and len(expected) >= _LEAST_SERIES
    return (
        Gate(name=COVERAGE_LOST, value=alike, limit=_ALIKE_PERCENT)
        if several and alike >= _ALIKE_PERCENT
        else None
    )


def _usual(judged: Judgement, series: Ints) -> tuple[Floats, Floats]:
    """Return what the series that usually cost something were expected to cost, and their rises."""
    expected = judged.base.expected[judged.rows_of(series)]
    usual = expected > 0
    return expected[usual], judged.series_rises(series)[usual]


def _share(chosen: Bools, expected: Floats) -> float:
    return float(expected[chosen].sum() / expected.sum())


def _service(judged: Judgement, place: int) -> str:
    return judged.table.names(int(judged.rows.of(judged.row(place))[0])).service


def _of_services(judged: Judgement, services: frozenset[str]) -> Bools:
    numbers = [code for code, name in enumerate(judged.table.vocabulary[0]) if name in services]
    return np.isin(judged.table.codes[:, 0], numbers)


def _holds_all(judged: Judgement, place: int) -> bool:
    """Tell whether a row is the service itself, under the name of its account where it has only one."""
    row = judged.row(place)
    series = judged.rows.of(row)
    several = judged.table.codes[series[0], 1] != judged.table.codes[series[-1], 1]
    if judged.rows.level[row] == Level.SERVICE:
        return bool(several)
    whole = int((judged.table.codes[:, 0] == judged.table.codes[series[0], 0]).sum())
    return judged.rows.level[row] == Level.ACCOUNT_SERVICE and whole == len(series)
