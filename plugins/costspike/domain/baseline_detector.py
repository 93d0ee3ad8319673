"""The baseline detector: from a cost table to spikes."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from costspike.domain.attribution import contributors, fallen, shared
from costspike.domain.baseline import LOOKBACK_DAYS
from costspike.domain.cost_table import micro
from costspike.domain.judged_days import JudgedDays
from costspike.domain.judgement import Judgement
from costspike.domain.offsets import fallen_series
from costspike.domain.repeats import news
from costspike.domain.scope_rows import Level, scope_of
from costspike.domain.spikes import Contributor, Spike
from costspike.domain.verdicts import Verdict, inside, verdicts


def detect_baseline(days: JudgedDays, billing_currency: str) -> list[Spike]:
    """Return the spikes of the table's day, the finest scopes first; none with too little history."""
    judged = days.ago(0)
    found = verdicts(judged) if judged else []
    new = news(days, found)
    if judged is None or not new:
        return []
    today, yesterday = days.table.exact(0), days.table.exact(1)
    rises: list[Decimal] = [Decimal(0)] * len(today)
    spikes = []
    for verdict in found:
        before = _before(judged, verdict, inside(judged, found, verdict.place), rises, today)
        for series, was in before.items():
            rises[series] += today[series] - was
        if verdict in new:
            spikes.append(_spike(judged, verdict, before, (today, yesterday), billing_currency))
    return spikes


def _before(
    judged: Judgement,
    verdict: Verdict,
    parts: Sequence[Verdict],
    rises: Sequence[Decimal],
    today: Sequence[Decimal],
) -> dict[int, Decimal]:
    """Return what each series of a scope was expected to cost; together exactly the scope's expected cost.

    The scope's own expectation is not the sum of its series' ones; the difference is shared by their recent
    size, and what fell elsewhere by today's. What a finer spike already explains of a series is expected here.
    """
    series = verdict.series.tolist()
    own = judged.base.expected[judged.rows_of(verdict.series)]
    before = [micro(expected) for expected in own.tolist()]
    recent = np.abs(judged.table.amounts[verdict.series, -1 - LOOKBACK_DAYS : -1]).sum(axis=1)
    apart = micro(judged.expected[verdict.place]) - sum(before, Decimal(0))
    above_zero = [float(max(today[at], Decimal(0))) for at in series]
    fell = micro(judged.offset[verdict.place])
    additions = [shared(apart, recent.tolist()), shared(fell, above_zero)]
    if any(part is not verdict for part in parts):
        additions.append([micro(rises[at]) for at in series])
    return {at: sum(amounts, was) for at, was, *amounts in zip(series, before, *additions, strict=True)}


def _spike(
    judged: Judgement,
    verdict: Verdict,
    before: dict[int, Decimal],
    days: tuple[Sequence[Decimal], Sequence[Decimal]],
    billing_currency: str,
) -> Spike:
    """Return the spike of a verdict; ``days`` are today's and yesterday's amounts by series.

    Series of the scope that the verdict is not about are expected to cost what they cost.
    """
    today, yesterday = days
    scope = _scope_series(judged, verdict)
    expected = {at: before.get(at, today[at]) for at in scope}
    whole, band = sum(expected.values(), Decimal(0)), micro(judged.band(verdict.place))
    return Spike(
        day=judged.table.day,
        scope=scope_of(judged.table, judged.rows, verdict.row),
        billing_currency=billing_currency,
        detector="baseline",
        actual_cost=sum((today[at] for at in scope), Decimal(0)),
        expected_cost=whole,
        # A band below zero would read as money back.
        expected_low=max(whole - band, min(whole, Decimal(0))),
        expected_high=whole + band,
        previous_cost=sum((yesterday[at] for at in scope), Decimal(0)),
        typical_cost=micro(_typical(judged, scope)),
        score=judged.score(verdict.log_odds),
        gates=verdict.gates,
        contributors=contributors(
            [judged.table.names(at) for at in scope], list(expected.values()), [today[at] for at in scope]
        ),
        fallen=_fallen(judged, verdict, today),
    )


def _fallen(judged: Judgement, verdict: Verdict, today: Sequence[Decimal]) -> tuple[Contributor, ...]:
    """Return the largest of what fell elsewhere, nothing where nothing was set off."""
    if judged.offset[verdict.place] <= 0:
        return ()
    series, usual = fallen_series(judged.table, judged.rows, judged.base.expected, verdict.row)
    names = [judged.table.names(at) for at in series]
    return fallen(names, [micro(amount) for amount in usual], [today[at] for at in series])


def _scope_series(judged: Judgement, verdict: Verdict) -> list[int]:
    if judged.rows.level[verdict.row] != Level.ARRIVALS:
        return [int(at) for at in verdict.series]
    codes = judged.table.codes[:, :2]
    return [int(at) for at in np.flatnonzero((codes == codes[verdict.series[0]]).all(axis=1))]


def _typical(judged: Judgement, scope: Sequence[int]) -> float:
    days = np.flatnonzero(judged.table.observed[-1 - LOOKBACK_DAYS : -1]) - 1 - LOOKBACK_DAYS
    return float(np.median(judged.table.amounts[list(scope)][:, days].sum(axis=0)))
