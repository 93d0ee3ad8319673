"""Evidence: rows from one source, or the plain statement of why there are none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from costspike.domain.facts import Fact, Values

State = Literal["found", "empty", "unavailable", "denied", "skipped"]

MEANINGS: dict[State, str] = {
    "found": "rows follow",
    "empty": "looked, and nothing was found",
    "unavailable": "not looked, or no answer: this says nothing about the cause",
    "denied": "the permission is missing: this says nothing about the cause",
    "skipped": "not asked for: this says nothing about the cause",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One row without its number; keys of values carry their unit as those of ``Fact`` do."""

    label: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one source said. ``note`` is our own short text on why there are no rows, or what bounds them.

    ``requests`` counts the paid requests that it took.
    """

    source: str
    title: str
    state: State
    note: str = ""
    rows: tuple[EvidenceRow, ...] = ()
    requests: int = 0


def found(
    source: str, title: str, rows: Iterable[EvidenceRow], *, note: str = "", requests: int = 0
) -> Evidence:
    """Return evidence with these rows, which is ``empty`` where there are none."""
    kept = tuple(rows)
    return Evidence(
        source=source,
        title=title,
        state="found" if kept else "empty",
        note=note,
        rows=kept,
        requests=requests,
    )


def with_evidence(core: Sequence[Fact], evidence: Iterable[Evidence]) -> tuple[Fact, ...]:
    """Return the fact sheet with the evidence behind its own rows, numbered on.

    Every source has at least one row: silence is no evidence, so a source that found nothing, or was not
    asked, says so.
    """
    rows = [row for one in evidence for row in _rows_of(one)]
    return (
        *core,
        *(
            Fact(id=f"E{number}", label=row.label, values=row.values)
            for number, row in enumerate(rows, len(core) + 1)
        ),
    )


def _rows_of(one: Evidence) -> tuple[EvidenceRow, ...]:
    if not one.rows:
        return (_silence(one),)
    if not one.note:
        return one.rows
    first, *rest = one.rows
    return EvidenceRow(label=first.label, values={**first.values, "note": one.note}), *rest


def _silence(one: Evidence) -> EvidenceRow:
    values: dict[str, str | bool | None] = {"state": one.state, "meaning": MEANINGS[one.state]}
    if one.note:
        values["note"] = one.note
    return EvidenceRow(label=one.title, values=values)
