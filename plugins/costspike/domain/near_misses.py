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
    "recent_largest": (1.0, "days of the last two months were about as high"),
    "monthly": (0.5, "the amount came at this time of earlier months, too"),
    "offset": (0.0, "related costs fell on the same day"),
    "largest_run": (1.5, "earlier runs were about as large"),
}
_FLAGGED = "flagged"
_ASKED: Final = (Level.SERIES, Level.ACCOUNT_SERVICE, Level.TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """One scope on one day, amounts in the billing currency.

    ``missed`` names what kept it from being a spike: a gate, or ``data``, ``history``, ``fine_scope`` (another
    scope speaks for it) or ``repeat``; it is ``flagged`` for a spike. ``gates`` are in the order in
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
    costs: pd.DataFrame, day: date, settings: DetectionSettings | None = None, *, most: int = 10
) -> list[NearMiss]:
    """Return why the series, accounts' services and total that rose most on ``day`` were flagged or not.

    The largest rise is first. A day without rows, or with too little history, is one answer about the total.
    """
    settings = settings or DetectionSettings()
    table = cost_table(folded(costs, day, settings), day)
    if table is None:
        return [explain_why_not(costs, day, Scope(), settings)]
    (days,) = judged_days(table, [settings])
    rows = scope_rows(days.table)
    rise = rows.amounts[:, -1] - baseline(rows.amounts).expected
    asked = np.flatnonzero(np.isin(rows.level, _ASKED) & rows.judged & (rise > 0))
    largest = asked[np.argsort(-rise[asked], kind="stable")][:most]
    judged = [judgement(days.table, days.settings, np.array([row])) for row in largest.tolist()]
    found = [_explained(days, one, scope_of(days.table, rows, one.row(0))) for one in judged if one]
    return found or [explain_why_not(costs, day, Scope(), settings)]


def _row(table: CostTable, scope: Scope) -> int | None:
    """Return the scope row of a scope, the coarsest of equal ones."""
    rows = scope_rows(table)
    found = [row for row in range(len(rows.level)) if scope_of(table, rows, row) == scope]
    return max(found, key=lambda row: (rows.level[row] != Level.ARRIVALS, rows.level[row]), default=None)


def _explained(days: JudgedDays, judged: Judgement, scope: Scope) -> NearMiss:
    table, whole = days.table, days.ago(0)
    found = verdicts(whole) if whole else []
    parts = inside(judged, found, 0)
    own = [verdict for verdict in parts if whole and scope_of(table, whole.rows, verdict.row) == scope]
    broad = judged.rows.level[judged.row(0)] in BROAD
    explained = sum(part.impact for part in parts if part not in own) if broad else 0.0
    odds = judged.log_odds(0, explained)
    gates = judged.gates(0, odds, explained)
    if broad:
        gates = (*gates, spread_gate(judged, 0, [part for part in parts if part not in own]))
    missed, sentence = _verdict(days, judged, gates, own, parts, explained=explained)
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


def _verdict(
    days: JudgedDays,
    judged: Judgement,
    gates: tuple[Gate, ...],
    own: list[Verdict],
    parts: list[Verdict],
    *,
    explained: float,
) -> tuple[str, str]:
    """Return what was missed first, and a sentence."""
    if own:
        if not news(days, own[:1]):
            return "repeat", "An earlier day already told of this rise, and it has not grown by half since."
        return _FLAGGED, "The scope is flagged on this day."
    for gate in gates:
        if gate.value < gate.limit:
            return gate.name, _sentence(judged, gate, explained)
    if parts:
        return "fine_scope", "Another scope that holds the same rise is flagged instead."
    return "impact", "The day's cost is not above what was expected."


def _sentence(judged: Judgement, gate: Gate, explained: float) -> str:
    match gate.name:
        case "impact":
            return f"It rose by {gate.value:,.2f}, and a rise matters from {gate.limit:,.2f} a day."
        case "impact_percent":
            return f"It rose by {gate.value:.1f} % of what was expected; {gate.limit:g} % are asked for."
        case "five_days":
            return f"The mean of five days rose by {gate.value:,.2f}; {gate.limit:,.2f} are asked for."
        case "spread_percent":
            return f"Only {gate.value:.0f} % of the rise lie outside its largest part, which is judged by itself."
        case _:
            doubt = _strongest_doubt(judged, explained)
            return f"An incident is {gate.value:.0f} % likely, and {gate.limit:.0f} % are asked for: {doubt}."


def _strongest_doubt(judged: Judgement, explained: float) -> str:
    found = judged.evidence(0, explained)
    applies = {"recent_largest": "regular", "band": "regular", "largest_run": "sporadic"}
    sporadic, young = bool(judged.past.sporadic[0]), bool(judged.past.young[0])
    kind = "sporadic" if sporadic else "young" if young else "regular"
    lost = {
        name: WEIGHTS[name] * (best - float(found[name][0]))
        for name, (best, _) in _DOUBTS.items()
        if applies.get(name, kind) == kind
    }
    return _DOUBTS[max(lost, key=lambda name: lost[name])][1]
