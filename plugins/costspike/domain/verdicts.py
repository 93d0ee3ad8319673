"""Which scopes spike: the finest first, and a broader one only for what the finer ones leave unexplained."""

from dataclasses import dataclass

import numpy as np

from costspike.domain.cost_table import Ints
from costspike.domain.gates import Limits
from costspike.domain.replacement import inherited
from costspike.domain.scope_rows import LEVELS, ScopeRows
from costspike.domain.spikes import Gate

# Where one part holds most of a rise, that part is the scope, and it did not pass its own gates.
_LEAST_SPREAD_PERCENT = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A scope row that passed every gate.

    ``inherited`` is what it took over from vanished scopes; ``impact`` is its rise beyond that and beyond
    the impacts of the verdicts on its parts.
    """

    row: int
    inherited: float
    impact: float
    score: float
    gates: tuple[Gate, ...]


def verdicts(rows: ScopeRows, limits: Limits) -> list[Verdict]:
    """Return the scopes that spike, the finest first: no dollar of a rise is in two impacts."""
    rise = limits.actual - limits.expected
    candidates = np.flatnonzero((rise > 0) & (rise >= limits.required()))
    found: list[Verdict] = []
    for level in LEVELS:
        at_level = candidates[rows.level[candidates] == level].tolist()
        judged = [_judge(rows, limits, row, found) for row in at_level]
        found += [verdict for verdict in judged if verdict]
    return found


def inside(rows: ScopeRows, found: list[Verdict], row: int) -> list[Verdict]:
    """Return the verdicts on a row itself and on all that is a part of it."""
    start, stop = rows.start[row], rows.stop[row]
    return [v for v in found if start <= rows.start[v.row] and rows.stop[v.row] <= stop]


def _judge(rows: ScopeRows, limits: Limits, row: int, found: list[Verdict]) -> Verdict | None:
    took_over = inherited(rows, limits.expected, row)
    on_top = took_over + _explained(rows, found, row)
    gates = limits.gates(row, on_top)
    impact = gates[0].value
    if rows.level[row] < LEVELS[0]:
        gates += (_spread(rows, limits, rows.parts(row), impact, found),)
    score = limits.score(row, on_top)
    if impact <= 0 or score < 1 or any(gate.value < gate.limit for gate in gates):
        return None
    return Verdict(row=row, inherited=took_over, impact=impact, score=score, gates=gates)


def _explained(rows: ScopeRows, found: list[Verdict], row: int) -> float:
    return sum(verdict.impact for verdict in inside(rows, found, row))


def _spread(rows: ScopeRows, limits: Limits, parts: Ints, impact: float, found: list[Verdict]) -> Gate:
    """Return how much of a broad rise, in percent, lies outside the part that rose most."""
    rises = [
        float(limits.actual[part] - limits.expected[part]) - _explained(rows, found, part)
        for part in parts.tolist()
    ]
    largest = max(rises, default=impact)
    percent = (1 - largest / impact) * 100 if impact > 0 else 0.0
    return Gate(name="spread_percent", value=percent, limit=_LEAST_SPREAD_PERCENT)
