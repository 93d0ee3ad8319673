"""One incident speaks once: what an earlier day already said is not said again unless it grew by half."""

from costspike.domain.cost_table import CostTable
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.judgement import Judgement, judgement
from costspike.domain.verdicts import Verdict, verdicts

REPEAT_DAYS = 6
_GROWN = 1.5
# A series with less than this share of the largest rise of its scope is not what the spike was about.
_MAIN_SHARE = 0.3
_MOST_MAIN = 3

Told = dict[int, float]
"""By series: the largest impact of the spikes of the days before that were about it."""


def told_before(table: CostTable, settings: DetectionSettings) -> Told:
    """Return what the six days before would have said, as their rows are known today.

    Each day is judged as if it were the last: no state is kept, and a rerun says the same. A rise that stands
    for weeks stays silent because each of its days follows one that would have spoken.
    """
    told: Told = {}
    for ago in range(1, REPEAT_DAYS + 1):
        earlier = table.earlier(ago)
        judged = judgement(earlier, settings) if earlier else None
        if judged is None:
            continue
        for verdict in verdicts(judged):
            for series in main_series(judged, verdict):
                told[series] = max(told.get(series, 0.0), verdict.impact)
    return told


def repeats(judged: Judgement, verdict: Verdict, told: Told) -> bool:
    """Tell whether a verdict is about a series that was told of before and has not grown by half since."""
    series = main_series(judged, verdict)[0]
    return verdict.impact < _GROWN * told.get(series, 0.0)


def main_series(judged: Judgement, verdict: Verdict) -> list[int]:
    """Return the series that a verdict is about, the largest rise first."""
    rises = judged.series_rises(verdict.series)
    order = sorted(range(len(rises)), key=lambda at: (-rises[at], at))[:_MOST_MAIN]
    largest = float(rises[order[0]])
    return [int(verdict.series[at]) for at in order if rises[at] >= _MAIN_SHARE * largest]
