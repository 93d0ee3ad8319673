"""What one message tells of an incident, as it is kept in the outbox: fixed when it is decided, not when it is sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costspike.domain.incident_changes import NotifyReason
from costspike.domain.incident_records import State
from costspike.domain.spikes import Scope

if TYPE_CHECKING:
    from costspike.domain.grades import Severity

_NOTE = "note-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """News of one incident.

    ``incident_id`` is the one that people know, hence of the thread; ``day`` is the cost day of the run that
    decided (for a first notification: of its spike, unless that was quiet until now). ``spike_id`` is the
    spike that the first message is about, and else the incident's worst one. ``old_impact`` and
    ``old_severity`` are what was told last, ``spike_ids`` all spikes of the incident, standing or withdrawn.
    ``day_costs`` are what ``scope`` cost on the incident's newest days, as far as it was known then;
    ``restated`` are those of a correction that cost something else now: day, what was told, what holds.
    """

    incident_id: str
    reason: NotifyReason
    day: date
    spike_id: str
    scope: Scope
    billing_currency: str
    state: State
    severity: Severity
    old_severity: Severity
    impact: Decimal
    old_impact: Decimal
    first_day: date
    last_day: date
    raised_days: int
    spike_ids: tuple[str, ...]
    day_costs: tuple[tuple[date, Decimal], ...] = ()
    restated: tuple[tuple[date, Decimal, Decimal], ...] = ()

    @property
    def alert_id(self) -> str:
        """Return the identity of the message; of a first notification it is the spike's own."""
        if self.reason is NotifyReason.FIRST_NOTIFICATION:
            return self.spike_id
        names = f"{self.incident_id}\x1f{self.reason.value}\x1f{self.day.isoformat()}"
        return f"{_NOTE}{hashlib.sha256(names.encode()).hexdigest()[:16]}"

    def as_text(self) -> str:
        """Return JSON."""
        return json.dumps(asdict(self), default=str)


def is_note(message_key: str) -> bool:
    """Tell whether a message goes on with an incident that was told before."""
    return message_key.startswith(_NOTE)


def notice_of(text: str) -> Notice:
    """Return a notice from its JSON."""
    values: dict[str, Any] = json.loads(text)
    days = {name: date.fromisoformat(values[name]) for name in ("day", "first_day", "last_day")}
    amounts = {name: Decimal(values[name]) for name in ("impact", "old_impact")}
    read = {
        "reason": NotifyReason(values["reason"]),
        "state": State(values["state"]),
        "scope": Scope(**values["scope"]),
        "spike_ids": tuple(values["spike_ids"]),
        "day_costs": tuple((date.fromisoformat(day), Decimal(cost)) for day, cost in values["day_costs"]),
        "restated": tuple(
            (date.fromisoformat(day), Decimal(old), Decimal(new)) for day, old, new in values["restated"]
        ),
    }
    return Notice(**(values | days | amounts | read))
