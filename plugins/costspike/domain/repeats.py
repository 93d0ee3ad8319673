"""One incident speaks once: what an earlier day already said is not said again unless it grew by half."""

import numpy as np

from costspike.domain.judged_days import JudgedDays
from costspike.domain.judgement import Judgement
from costspike.domain.spikes import SIGNALS
from costspike.domain.verdicts import Verdict, verdicts

REPEAT_DAYS = 6
_GROWN = 1.5
# A series with less than this share of the largest rise of its scope is not what the spike was about.
_MAIN_SHARE = 0.3
_MOST_MAIN = 3
_MOST_SHARE = 0.5


def news(days: JudgedDays, found: list[Verdict]) -> list[Verdict]:
    """Return the verdicts that no day of the six before has told already.

    Each of those days is judged as if it were the last, with its rows as they are known today: no state is
    kept, and a rerun says the same. A verdict is told when one of those days had one about its main series,
    or about its scope where no series has most of the rise, and it has not grown by half since. A rise that
    stands for weeks stays silent because each of its days follows one that would have spoken.
    """
    left, judged = found, days.ago(0)
    for ago in range(1, REPEAT_DAYS + 1):
        if judged is None or not left:
            break
        told = _told(days.ago(ago))
        left = [v for v in left if v.impact >= _GROWN * _told_of(judged, v, found, told)]
    return left


def _told_of(
    judged: Judgement, verdict: Verdict, found: list[Verdict], told: dict[int | bytes, float]
) -> float:
    """Return the largest impact that was told of what a verdict is about."""
    main = main_series(judged, verdict, found)[0]
    own = told.get(main, 0.0)
    # Of many that rise alike, chance says which is first.
    alike = judged.series_rises(np.array([main]))[0] < _MOST_SHARE * verdict.impact
    return max(own, told.get(verdict.series.tobytes(), 0.0)) if alike else own


def _told(before: Judgement | None) -> dict[int | bytes, float]:
    """Return, by series and by all series of a scope, the largest impact of an earlier day's verdicts about it."""
    told: dict[int | bytes, float] = {}
    if before is None:
        return told
    found = verdicts(before)
    for verdict in found:
        told[verdict.series.tobytes()] = verdict.impact
        for series, impact in _subjects(before, verdict, found).items():
            told[series] = max(told.get(series, 0.0), impact)
    return told


def _subjects(judged: Judgement, verdict: Verdict, found: list[Verdict]) -> dict[int, float]:
    """Return the series that a verdict speaks for, with the rise that it told of."""
    told = dict.fromkeys(main_series(judged, verdict, found), verdict.impact)
    if not any(gate.name in SIGNALS for gate in verdict.gates):
        return told
    # A lost commitment is about all that rose, in each account by as much as that account did.
    rises = np.maximum(judged.series_rises(verdict.series), 0.0)
    _, account = np.unique(judged.table.codes[verdict.series, 1], return_inverse=True)
    of_account = np.bincount(account.ravel(), weights=rises)[account.ravel()]
    rose = rises > 0
    others = zip(verdict.series[rose].tolist(), of_account[rose].tolist(), strict=True)
    return {**dict(others), **told}


def main_series(judged: Judgement, verdict: Verdict, found: list[Verdict]) -> list[int]:
    """Return the series that a verdict is about, the largest rise first; not those of finer verdicts found."""
    whole = judged.series_rises(verdict.series)
    rises = whole
    for finer in found:
        if len(finer.series) < len(verdict.series):
            rises = np.where(np.isin(verdict.series, finer.series), np.minimum(rises, 0.0), rises)
    # Where finer verdicts hold every series, their own rises say which comes first, and not the names.
    order = sorted(range(len(rises)), key=lambda at: (-rises[at], -whole[at], at))[:_MOST_MAIN]
    # In a slow leak no series may be above its own baseline, which follows it.
    largest = max(float(rises[order[0]]), 0.0)
    main = [at for at in order if rises[at] >= _MAIN_SHARE * largest] or order[:1]
    return [int(verdict.series[at]) for at in main]
