"""The baseline detector: from a cost table to spikes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from costspike.domain.attribution import contributors, shared
from costspike.domain.baseline import LOOKBACK_DAYS, Baseline, baseline
from costspike.domain.cost_table import CostTable, micro
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.gates import Limits, limits
from costspike.domain.scope_rows import ScopeRows, scope_of, scope_rows
from costspike.domain.spikes import Spike
from costspike.domain.verdicts import Verdict, inside, verdicts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Evidence:
    """All that a verdict on the table's day rests on."""

    table: CostTable
    rows: ScopeRows
    base: Baseline
    limits: Limits
    today: list[Decimal]
    yesterday: list[Decimal]


def detect_baseline(table: CostTable, settings: DetectionSettings, billing_currency: str) -> list[Spike]:
    """Return the spikes of the table's day, the finest scopes first; none with too little history."""
    if table.observed[-1 - LOOKBACK_DAYS : -1].sum() < settings.min_history_days:
        return []
    rows = scope_rows(table)
    base = baseline(rows.amounts)
    least = limits(rows, base, table.day, settings)
    found = verdicts(rows, least)
    if not found:
        return []
    evidence = _Evidence(
        table=table, rows=rows, base=base, limits=least, today=table.exact(0), yesterday=table.exact(1)
    )
    rises: dict[int, list[Decimal]] = {}
    spikes = []
    for verdict in found:
        finer = {v.row: rises[v.row] for v in inside(rows, found, verdict.row) if v.row in rises}
        before = _before(evidence, verdict, finer)
        after = evidence.today[rows.span(verdict.row)]
        rises[verdict.row] = [now - was for now, was in zip(after, before, strict=True)]
        spikes.append(_spike(evidence, verdict, before, billing_currency))
    return spikes


def _before(evidence: _Evidence, verdict: Verdict, finer: Mapping[int, Sequence[Decimal]]) -> list[Decimal]:
    """Return what each series of a scope was expected to cost; together exactly the scope's expected cost.

    The scope's own expectation is not the sum of its series' ones; the difference is shared by their recent
    size, and what was taken over from vanished scopes by today's. What a finer spike already explains of a
    series is expected here.
    """
    rows, table = evidence.rows, evidence.table
    part = rows.span(verdict.row)
    amounts = np.where(table.observed, table.amounts[part], np.nan)
    after = evidence.today[part]
    before = [micro(expected) for expected in baseline(amounts).expected.tolist()]
    recent = np.nansum(np.abs(amounts[:, -1 - LOOKBACK_DAYS : -1]), axis=1)
    apart = micro(evidence.base.expected[verdict.row]) - sum(before, Decimal(0))
    above_zero = [float(max(amount, Decimal(0))) for amount in after]
    additions = [shared(apart, recent.tolist()), shared(micro(verdict.inherited), above_zero)]
    for row, rises in finer.items():
        offset = int(rows.start[row]) - part.start
        padded = [Decimal(0)] * len(after)
        padded[offset : offset + len(rises)] = map(micro, rises)
        additions.append(padded)
    return [sum(amounts, was) for was, *amounts in zip(before, *additions, strict=True)]


def _spike(evidence: _Evidence, verdict: Verdict, before: Sequence[Decimal], billing_currency: str) -> Spike:
    table, rows, row = evidence.table, evidence.rows, verdict.row
    part = rows.span(row)
    today, yesterday = evidence.today[part], evidence.yesterday[part]
    expected, band = sum(before, Decimal(0)), micro(evidence.limits.band[row])
    names = [table.names(series) for series in range(part.start, part.stop)]
    return Spike(
        day=table.day,
        scope=scope_of(table, rows, row),
        billing_currency=billing_currency,
        detector="baseline",
        actual_cost=sum(today, Decimal(0)),
        expected_cost=expected,
        # A band below zero would read as money back.
        expected_low=max(expected - band, min(expected, Decimal(0))),
        expected_high=expected + band,
        previous_cost=sum(yesterday, Decimal(0)),
        typical_cost=micro(evidence.base.typical[row]),
        score=verdict.score,
        gates=verdict.gates,
        contributors=contributors(names, before, today),
    )
