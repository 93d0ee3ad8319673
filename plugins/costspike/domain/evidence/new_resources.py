"""What is on the spike's day for the first time: a service, an account, a region, a usage type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from costspike.domain.evidence.records import Evidence, EvidenceRow
from costspike.domain.money import cents

SOURCE = "new_resources"
TITLE = "Used for the first time on this day"
KINDS: tuple["Kind", ...] = ("account_id", "service", "region", "usage_type")
# With fewer days to compare with, almost everything would be new.
MIN_DAYS = 14
_MAX_ROWS = 8

Kind = Literal["account_id", "service", "region", "usage_type"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstUse:
    """A name with costs in the spike's scope on its day; first days are those that are landed, of usage.

    ``first_in_scope`` and ``first_anywhere`` are the first days with the name in the scope, and in the
    whole bill.
    """

    kind: Kind
    name: str
    day_cost: Decimal
    first_in_scope: date
    first_anywhere: date


def new_resources(
    uses: Sequence[FirstUse], day: date, compared_days: Mapping[Kind, int], fixed: frozenset[Kind]
) -> Evidence:
    """Return what was never seen before the day, the dearest first.

    Args:
        uses: the names of the scope on its day.
        day: the spike's day.
        compared_days: days before it on which any name of a kind is landed; a kind with few of them is not
            judged.
        fixed: the kinds that the scope itself names: they are new only where they are new to the bill.
    """
    judged = [kind for kind in KINDS if compared_days.get(kind, 0) >= MIN_DAYS]
    left_out = [kind for kind in KINDS if kind not in judged]
    note = f"not judged for lack of history: {', '.join(left_out)}" if left_out else ""
    if not judged:
        return Evidence(source=SOURCE, title=TITLE, state="unavailable", note=note)
    new = [
        use
        for use in uses
        if use.kind in judged and day == (use.first_anywhere if use.kind in fixed else use.first_in_scope)
    ]
    new.sort(key=lambda use: (-use.day_cost, use.kind, use.name))
    rows = tuple(_row(use, day, compared_days) for use in new[:_MAX_ROWS])
    if not rows:
        told = f"every {', '.join(judged)} of this part of the bill was used before"
        return Evidence(source=SOURCE, title=TITLE, state="empty", note="; ".join(filter(None, (told, note))))
    return Evidence(source=SOURCE, title=TITLE, state="found", note=note, rows=rows)


def _row(use: FirstUse, day: date, compared_days: Mapping[Kind, int]) -> EvidenceRow:
    everywhere = use.first_anywhere == day
    return EvidenceRow(
        label=TITLE,
        values={
            "kind": use.kind,
            use.kind: use.name,
            "day_cost": str(cents(use.day_cost)),
            "new_to": "the whole bill" if everywhere else "this part of the bill",
            "first_seen_elsewhere": None if everywhere else use.first_anywhere.isoformat(),
            "days_compared": str(compared_days[use.kind]),
        },
    )
