"""What a workload did before and on a spike's day, as rows: means over time, change and onset hour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from costspike.domain.evidence.records import Evidence, EvidenceRow, found
from costspike.domain.evidence.workload_queries import WorkloadQuery
from costspike.domain.facts import Value
from costspike.domain.texts import plain, shortened

SOURCE = "workload"
TITLE = "What the workloads did, measured by Prometheus"
# Rows of all queries together: what is sent to the model stays a few kB.
MOST_ROWS = 15
_LONGEST_LABEL = 120
# A change of less says that a workload is not the cause, which takes one row and not five.
_NOTICEABLE = 0.1
_DIGITS = 4

Labels = tuple[tuple[str, str], ...]


class Move(NamedTuple):
    """One series: its mean before and on the day, its maximum on the day, and the hour in which it turned."""

    labels: Labels
    before: float
    day: float
    day_max: float | None = None
    onset: datetime | None = None

    @property
    def change(self) -> float:
        """Return the day's mean less that before."""
        return self.day - self.before

    @property
    def is_noticeable(self) -> bool:
        """Tell whether it moved by more than a tenth."""
        return abs(self.change) > _NOTICEABLE * abs(self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one query: its moves, largest first, or the reason why it was not asked or answered."""

    query: WorkloadQuery
    moves: Sequence[Move] = ()
    skipped: str = ""


def labels_of(query: WorkloadQuery, labels: Mapping[str, str]) -> Labels:
    """Return the listed labels of a series: on one line, nothing invisible, not endless."""
    return tuple((name, shortened(plain(labels.get(name, "")), _LONGEST_LABEL)) for name in query.labels)


def moves(
    query: WorkloadQuery,
    before: Mapping[Labels, float],
    day: Mapping[Labels, float],
    day_max: Mapping[Labels, float],
) -> list[Move]:
    """Return the largest moves of a query, those that are noticeable; if there is none, the largest alone."""
    every = [
        Move(labels, before.get(labels, 0.0), day.get(labels, 0.0), day_max.get(labels))
        for labels in before.keys() | day.keys()
    ]
    every = [move for move in every if math.isfinite(move.change)]
    every.sort(key=lambda move: (-abs(move.change), move.labels))
    noticeable = [move for move in every if move.is_noticeable]
    return (noticeable or every[:1])[: query.max_rows]


def onset(move: Move, points: Iterable[tuple[float, float]]) -> datetime | None:
    """Return the first hour (UTC) on the far side of the middle between before and the day's extreme."""
    rising = move.change > 0
    extreme = move.day_max if rising and move.day_max is not None else move.day
    middle = (move.before + extreme) / 2
    beyond = (at for at, value in points if (value > middle if rising else value < middle))
    first = next(beyond, None)
    return datetime.fromtimestamp(first, UTC).replace(minute=0, second=0, microsecond=0) if first else None


def workload_rows(answers: Sequence[Answered]) -> Evidence:
    """Return the rows of all queries, in their order; what brought none is named in the note."""
    rows = [_row(answer.query, move) for answer in answers for move in answer.moves]
    kept = rows[:MOST_ROWS]
    empty = [answer.query.id for answer in answers if not answer.moves and not answer.skipped]
    notes = [
        f"no data for {', '.join(empty)}" if empty else "",
        *(f"{answer.query.id} was not asked: {answer.skipped}" for answer in answers if answer.skipped),
        f"{len(rows) - len(kept)} smaller rows left out" if len(rows) > len(kept) else "",
    ]
    return found(SOURCE, TITLE, kept, note="; ".join(note for note in notes if note))


def _row(query: WorkloadQuery, move: Move) -> EvidenceRow:
    maximum = query.agg == "max"
    percent = None if move.before <= 0 else f"{Decimal(move.change / move.before * 100):.1f}"
    values: dict[str, Value] = {name: value for name, value in move.labels if value}
    values |= {
        "before_max" if maximum else "before_mean": _number(move.before),
        "day_max" if maximum else "day_mean": _number(move.day),
        "change": _number(move.change),
        "change_percent": percent,
        "unit": query.unit,
    }
    if not maximum and move.day_max is not None:
        values["day_max"] = _number(move.day_max)
    if move.onset is not None:
        values["onset_utc"] = f"{move.onset:%Y-%m-%d %H:%M}"
    values |= {"query_id": query.id, "query": query.expr}
    return EvidenceRow(label=f"{query.title} (Prometheus)", values=values)


def _number(value: float) -> str:
    """Return a number with four digits, written out."""
    return f"{Decimal(f'{value:.{_DIGITS}g}'):f}"
