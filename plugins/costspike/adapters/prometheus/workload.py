"""Asks one workload query over the days before a spike and over its day, within bounds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from costspike.domain.evidence.workload import Answered, Labels, Move, labels_of, moves, onset
from costspike.domain.metric_revisions import day_start

if TYPE_CHECKING:
    from costspike.adapters.prometheus.client import Prometheus, Result
    from costspike.domain.evidence.workload_queries import Aggregate, WorkloadQuery

_SECONDS = 86_400
_HOUR = 3600
# Of a query's series only the largest are read, of rows only the first have their onset looked up.
_LARGEST = 200
_WITH_ONSET = 2


def ask(prometheus: Prometheus, query: WorkloadQuery, day: date, *, max_series: int) -> Answered:
    """Return what a query says of a day; it takes four or five requests.

    Raises:
        UpstreamError: Prometheus did not answer, or refused the expression.
    """
    start = day_start(day)
    # The left end of a window counts in Prometheus 2 and not in 3: a second before midnight both agree.
    last, before = start + _SECONDS - 1, start - 1
    wide = prometheus.query(f"max_over_time((count({query.expr}))[{_SECONDS}s:{_HOUR}s])", last)
    series = int(wide[0].points[0][1]) if wide else 0
    if series > max_series:
        return Answered(query=query, skipped=f"it has {series} series, more than {max_series}")
    on_day = _over(prometheus, query, query.agg, 1, last)
    found = moves(
        query,
        _over(prometheus, query, query.agg, query.baseline_days, before),
        on_day,
        on_day if query.agg == "max" else _over(prometheus, query, "max", 1, last),
    )
    if any(move.is_noticeable for move in found):
        points = prometheus.query_range(query.expr, start - _SECONDS, start + _SECONDS - 1, _HOUR)
        found = [_with_onset(query, move, points) for move in found[:_WITH_ONSET]] + found[_WITH_ONSET:]
    return Answered(query=query, moves=found)


def _over(
    prometheus: Prometheus, query: WorkloadQuery, how: Aggregate, days: int, at: int
) -> dict[Labels, float]:
    """Return each series summed up over the days that end at a moment."""
    step = int(query.step / timedelta(seconds=1))
    window = f"({query.expr})[{days * _SECONDS}s:{step}s]"
    function = {
        "mean0": f"sum_over_time({window}) / {days * _SECONDS // step}",
        "mean": f"avg_over_time({window})",
        "max": f"max_over_time({window})",
    }[how]
    found = prometheus.query(f"topk({_LARGEST}, {function})", at)
    return {labels_of(query, result.labels): result.points[0][1] for result in found}


def _with_onset(query: WorkloadQuery, move: Move, results: list[Result]) -> Move:
    own = (result.points for result in results if labels_of(query, result.labels) == move.labels)
    return move._replace(onset=onset(move, next(own, ()))) if move.is_noticeable else move
