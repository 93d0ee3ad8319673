"""What people were told of an incident: the outbox as the lifecycle reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from costspike.domain.incident_changes import NotifyReason
from costspike.domain.incident_records import State
from costspike.domain.notices import Notice

_FIRST = NotifyReason.FIRST_NOTIFICATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message in the outbox: ``claimed`` may have arrived, ``pending`` has surely not.

    ``has_thread`` tells whether the message can be answered; a webhook's cannot.
    """

    notice: Notice
    state: Literal["pending", "claimed", "sent"]
    has_thread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An incident as its last message told it, or will when it goes out."""

    first: Entry
    last: Notice

    @property
    def incident_id(self) -> str:
        """Return the identity under which people know it."""
        return self.first.notice.incident_id

    @property
    def state(self) -> State:
        """Return how it stood."""
        return self.last.state

    @property
    def impact(self) -> Decimal:
        """Return the total that was told."""
        return self.last.impact

    @property
    def spike_ids(self) -> frozenset[str]:
        """Return the ids of all spikes that it had in any message."""
        return frozenset(self.last.spike_ids) | frozenset(self.first.notice.spike_ids)


def told_of(outbox: Iterable[Entry]) -> list[Told]:
    """Return the incidents that have a first message; ``outbox`` is the oldest first."""
    told: dict[str, Told] = {}
    for entry in sorted(outbox, key=lambda one: one.notice.reason is not _FIRST):
        known = told.get(entry.notice.incident_id)
        if entry.notice.reason is _FIRST:
            told.setdefault(entry.notice.incident_id, Told(first=entry, last=entry.notice))
        elif known:
            told[known.incident_id] = Told(first=known.first, last=entry.notice)
    return list(told.values())
