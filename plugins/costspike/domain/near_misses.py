"""Why a scope was not flagged: the same figures as a spike's, and the first gate that it did not pass."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd

from costspike.domain.baseline import baseline
from costspike.domain.cost_rows import cost_table
from costspike.domain.cost_table import CostTable, micro
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.fold import folded
from costspike.domain.incident_records import contains
from costspike.domain.judged_days import JudgedDays, judged_days
from costspike.domain.judgement import Judgement, judgement
from costspike.domain.likelihoods import WEIGHTS
from costspike.domain.repeats import news
from costspike.domain.scope_rows import BROAD, Level, scope_of, scope_rows
from costspike.domain.spikes import Gate, Scope
from costspike.domain.verdicts import Verdict, inside, spread_gate, verdicts

# What each piece of evidence says at its strongest for an incident, and in words where it is not.
_DOUBTS: Final = {
    "size": (3.0, "the rise is small against the bill"),
    "band": (3.5, "it is within what the scope usually swings"),
    "swing": (2.5, "several days of the last two months were about as far off"),
    "offset": (0.0, "related costs fell on the same day"),
    "largest_run": (1.5, "earlier runs were about as large"),
}
_MONTHLY: Final = "the amount came at this time of earlier months, too"
_FLAGGED_TOLD = "flagged", "The scope is flagged on this day."
_REPEAT_TOLD = "repeat", "An earlier day already told of this rise, and it has not grown by half since."
_NO_RISE = "The day's cost is not above what was expected."
_ALL: Final = Scope()
_ASKED: Final = (Level.SERIES, Level.ACCOUNT_SERVICE, Level.TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """One scope on one day, amounts in the billing currency.

    ``missed`` names what kept it from being a spike: a gate, or ``data``, ``history``, ``credit``, ``fine_scope``
    (another scope speaks for it) or ``repeat``; it is ``flagged`` for a spike. ``gates`` are in the order in
    which they are asked. Amounts are None where there is nothing to judge.
    """

    day: date
    scope: Scope
    missed: str
    sentence: str
    actual_cost: Decimal | None = None
    expected_cost: Decimal | None = None
    expected_low: Decimal | None = None
    expected_high: Decimal | None = None
    score: float | None = None
    gates: tuple[Gate, ...] = ()


def explain_why_not(
    costs: pd.DataFrame, day: date, scope: Scope, settings: DetectionSettings | None = None
) -> NearMiss:
    """Return why ``scope`` was not flagged on ``day`` by the baseline detector; see ``detect``.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    settings = settings or DetectionSettings()
    table = cost_table(folded(costs, day, settings), day)
    if table is None:
        return NearMiss(day=day, scope=scope, missed="data", sentence="The day has no cost rows.")
    (days,) = judged_days(table, [settings])
    table = days.table
    row = _row(table, scope)
    if row is None:
        return NearMiss(day=day, scope=scope, missed="data", sentence="Nothing was ever spent in this scope.")
    judged = judgement(table, settings, np.array([row]))
    if judged is None:
        text = f"The five weeks before hold less than {settings.min_history_days} days with data."
        return NearMiss(day=day, scope=scope, missed="history", sentence=text)
    return _explained(days, judged, scope)


def explain_largest_rises(
    costs: pd.DataFrame,
    day: date,
    settings: DetectionSettings | None = None,
    *,
    within: Scope = _ALL,
    most: int = 10,
) -> list[NearMiss]:
    """Return why the series, accounts' services and total that rose most on ``day`` were flagged or not.

    The largest rise is first, only those ``within`` a scope count, and that scope itself is told in any case. A day
    without rows, or with too little history, is one answer.
    """
    settings = settings or DetectionSettings()
    table = cost_table(folded(costs, day, settings), day)
    if table is None:
        return [explain_why_not(costs, day, within, settings)]
    (days,) = judged_days(table, [settings])
    rows = scope_rows(days.table)
    rise = rows.amounts[:, -1] - baseline(rows.amounts).expected
    asked = np.flatnonzero(np.isin(rows.level, _ASKED) & rows.judged & (rise > 0))
    if within != _ALL:
        asked = np.array(
            [row for row in asked.tolist() if contains(within, scope_of(days.table, rows, row))],
            dtype=np.int64,
        )
    largest = asked[np.argsort(-rise[asked], kind="stable")][:most]
    judged = [judgement(days.table, days.settings, np.array([row])) for row in largest.tolist()]
    found = [_explained(days, one, scope_of(days.table, rows, one.row(0))) for one in judged if one]
    if not found or (within != _ALL and within not in {one.scope for one in found}):
        found.append(explain_why_not(costs, day, within, settings))
    return found


def _row(table: CostTable, scope: Scope) -> int | None:
    """Return the scope row of a scope, the coarsest of equal ones."""
    rows = scope_rows(table)
    found = [row for row in range(len(rows.level)) if scope_of(table, rows, row) == scope]
    return max(found, key=lambda row: (rows.level[row] != Level.ARRIVALS, rows.level[row]), default=None)


def _explained(days: JudgedDays, judged: Judgement, scope: Scope) -> NearMiss:
    table, whole = days.table, days.ago(0)
    found = verdicts(whole) if whole else []
    touching = inside(judged, found, 0)
    own = next((one for one in touching if whole and scope_of(table, whole.rows, one.row) == scope), None)
    level = judged.rows.level[judged.row(0)]
    finer = [one for one in touching if one is not own and _is_finer(whole, one, level)]
    explained = own.explained if own else sum(one.impact for one in finer) if level in BROAD else 0.0
    odds = own.log_odds if own else judged.log_odds(0, explained)
    gates = own.gates if own else judged.gates(0, odds, explained)
    if level in BROAD and not own:
        gates = (*gates, spread_gate(judged, 0, finer))
    if own:
        missed, sentence = _FLAGGED_TOLD if own in news(days, found) else _REPEAT_TOLD
    else:
        missed, sentence = _verdict(judged, gates, explained=explained, told_elsewhere=bool(touching))
    expected, band = micro(judged.actual(0) - judged.impact(0, explained)), micro(judged.band(0))
    return NearMiss(
        day=table.day,
        scope=scope,
        missed=missed,
        sentence=sentence,
        actual_cost=micro(judged.actual(0)),
        expected_cost=expected,
        expected_low=max(expected - band, min(expected, Decimal(0))),
        expected_high=expected + band,
        score=judged.score(odds),
        gates=gates,
    )


def _is_finer(whole: Judgement | None, verdict: Verdict, level: int) -> bool:
    return whole is not None and int(whole.rows.level[verdict.row]) < level


def _verdict(
    judged: Judgement, gates: tuple[Gate, ...], *, explained: float, told_elsewhere: bool
) -> tuple[str, str]:
    """Return what was missed first, and a sentence."""
    if judged.actual(0) <= 0:
        return "credit", "The day's cost is not above zero, and a credit that gets smaller is no cost."
    for gate in gates:
        if gate.value < gate.limit:
            return gate.name, _sentence(judged, gate, explained)
    if told_elsewhere:
        return "fine_scope", "Another scope that holds the same rise is flagged instead."
    return "impact", _NO_RISE


def _sentence(judged: Judgement, gate: Gate, explained: float) -> str:
    beyond = f"Beyond the {explained:,.2f} of its flagged parts it" if explained else "It"
    match gate.name:
        case "impact" if gate.value <= 0 and not explained:
            return _NO_RISE
        case "impact":
            return f"{beyond} rose by {gate.value:,.2f}, and a rise matters from {gate.limit:,.2f} a day."
        case "impact_percent":
            return (
                f"{beyond} rose by {gate.value:.1f} % of what was expected; {gate.limit:g} % are asked for."
            )
        case "five_days":
            return f"The mean of five days rose by {gate.value:,.2f}; {gate.limit:,.2f} are asked for."
        case "spread_percent":
            return f"Only {gate.value:.0f} % of the rise lie outside its largest part, which is judged by itself."
        case _:
            doubt = _strongest_doubt(judged, explained)
            return f"An incident is {gate.value:.0f} % likely, and {gate.limit:.0f} % are asked for: {doubt}."


def _strongest_doubt(judged: Judgement, explained: float) -> str:
    past = judged.past
    if past.monthly[0] > past.expected[0] + judged.impact(0, explained) / 2:
        return _MONTHLY
    found = judged.evidence(0, explained)
    applies = {"swing": "regular", "band": "regular", "largest_run": "sporadic"}
    sporadic, young = bool(past.sporadic[0]), bool(past.young[0])
    kind = "sporadic" if sporadic else "young" if young else "regular"
    lost = {
        name: WEIGHTS[name] * (best - float(found[name][0]))
        for name, (best, _) in _DOUBTS.items()
        if applies.get(name, kind) == kind
    }
    return _DOUBTS[max(lost, key=lambda name: lost[name])][1]
