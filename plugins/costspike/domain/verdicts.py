"""Which scopes spike: the finest first, and a broader one only for what the finer ones leave unexplained."""

from dataclasses import dataclass

import numpy as np

from costspike.domain.cost_table import Ints
from costspike.domain.coverage import coverage_lost, plan_bought
from costspike.domain.judgement import Judgement
from costspike.domain.scope_rows import BROAD, largest_part
from costspike.domain.spikes import Gate

# Where one part holds most of a rise, that part is the scope, and it did not pass its own gates.
_LEAST_SPREAD_PERCENT = 40.0
_LEAST_HELD = 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """A row that passed every gate.

    ``place`` is its place among the judgement's chosen rows, ``row`` its scope row, ``impact`` its rise beyond
    what fell elsewhere and beyond the impacts of the verdicts on its parts, ``series`` the table's series
    in it.
    """

    place: int
    row: int
    series: Ints
    explained: float
    impact: float
    log_odds: float
    gates: tuple[Gate, ...]


def verdicts(judged: Judgement) -> list[Verdict]:
    """Return the scopes that spike, the finest first: no dollar of a rise is in two impacts.

    An account x service speaks at most once. What a commitment's end lifted is one verdict on its service.
    """
    odds = judged.all_log_odds()
    levels = judged.rows.level[judged.chosen]
    promising = np.flatnonzero(odds >= judged.least_log_odds)
    lost = _lost(judged, promising)
    found: list[Verdict] = []
    by_account: dict[tuple[int, ...], list[Verdict]] = {}
    for place in [place for place in promising.tolist() if levels[place] not in BROAD]:
        if _lifted(judged, place, lost):
            continue
        name = tuple(judged.table.codes[judged.rows.of(judged.row(place))[0], :2].tolist())
        verdict = _judge(judged, place, float(odds[place]))
        by_account.setdefault(name, []).extend([verdict] if verdict else [])
    found += [_finest(judged, passed) for passed in by_account.values() if passed]
    for place, gate in lost.items():
        verdict = _judge_lost(judged, place, gate, inside(judged, found, place))
        found += [verdict] if verdict else []
    for level in BROAD:
        for place in promising[levels[promising] == level].tolist():
            verdict = _judge_broad(judged, place, found)
            found += [verdict] if verdict else []
    return found


def _lost(judged: Judgement, promising: Ints) -> dict[int, Gate]:
    """Return the services that lost a commitment, as long as they would be verdicts."""
    found = {place: gate for place, gate in coverage_lost(judged).items() if place in promising}
    return {place: gate for place, gate in found.items() if _judge_lost(judged, place, gate, [])}


def _lifted(judged: Judgement, place: int, lost: dict[int, Gate]) -> bool:
    """Tell whether a row is part of a service that lost a commitment; what is new has another cause."""
    series = judged.rows.of(judged.row(place))
    within = any(np.isin(series, judged.rows.of(judged.row(other))).any() for other in lost)
    return within and not judged.past.young[place]


def _judge_lost(judged: Judgement, place: int, gate: Gate, parts: list[Verdict]) -> Verdict | None:
    explained = sum(verdict.impact for verdict in parts)
    odds = judged.log_odds(place, explained)
    return _verdict(judged, place, odds, explained, (*judged.gates(place, odds, explained), gate))


def _finest(judged: Judgement, passed: list[Verdict]) -> Verdict:
    """Return the finest of one account x service's verdicts that holds four fifths of the largest impact."""
    most = max(verdict.impact for verdict in passed)
    holding = [verdict for verdict in passed if verdict.impact >= _LEAST_HELD * most]
    return min(holding, key=lambda verdict: (judged.rows.level[verdict.row], -verdict.impact, verdict.row))


def inside(judged: Judgement, found: list[Verdict], place: int) -> list[Verdict]:
    """Return the verdicts on a chosen row's parts."""
    series = judged.rows.of(judged.row(place))
    return [verdict for verdict in found if np.isin(verdict.series, series).any()]


def spread_gate(judged: Judgement, place: int, explained_by: list[Verdict]) -> Gate:
    """Return how much of a broad rise, in percent, lies outside the part that rose most.

    Parts are accounts, and the services of the total.
    """
    explained = sum(verdict.impact for verdict in explained_by)
    impact = judged.impact(place, explained)
    series = judged.rows.of(judged.row(place))
    rises = judged.series_rises(series)
    for verdict in explained_by:
        within = np.isin(series, verdict.series)
        rises[within] -= verdict.impact / max(int(within.sum()), 1)
    largest = largest_part(judged.table, judged.rows.level[judged.row(place)], series, rises)
    percent = (1 - largest / impact) * 100 if impact > 0 else 0.0
    return Gate(name="spread_percent", value=percent, limit=_LEAST_SPREAD_PERCENT)


def _judge(judged: Judgement, place: int, odds: float) -> Verdict | None:
    return _verdict(judged, place, odds, 0.0, (*judged.gates(place, odds), *plan_bought(judged, place)))


def _judge_broad(judged: Judgement, place: int, found: list[Verdict]) -> Verdict | None:
    parts = inside(judged, found, place)
    explained = sum(verdict.impact for verdict in parts)
    if judged.impact(place, explained) < judged.least_impact:
        return None
    odds = judged.log_odds(place, explained) if parts else judged.log_odds(place)
    gates = (*judged.gates(place, odds, explained), spread_gate(judged, place, parts))
    return _verdict(judged, place, odds, explained, gates)


def _verdict(
    judged: Judgement, place: int, odds: float, explained: float, gates: tuple[Gate, ...]
) -> Verdict | None:
    impact = judged.impact(place, explained)
    if impact <= 0 or odds < judged.least_log_odds or any(gate.value < gate.limit for gate in gates):
        return None
    row = judged.row(place)
    return Verdict(
        place=place,
        row=row,
        series=judged.rows.of(row),
        explained=explained,
        impact=impact,
        log_odds=odds,
        gates=gates,
    )
