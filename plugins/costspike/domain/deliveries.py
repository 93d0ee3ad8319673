"""Which messages a run has to see through: one a spike, the largest first, and a digest of the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from costspike.domain.notices import is_note

WAITS_FOR_DIGEST = "waits for the digest of the week"
"""The problem of an alert that is not due: it is not counted as undelivered (include/sql)."""

_DIGEST = "digest-"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One Slack message and the spikes it tells of; ``message_key`` identifies it for ever."""

    message_key: str
    spike_ids: tuple[str, ...]

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """Return the ids of its rows in the outbox: of first notifications those of the spikes."""
        return (self.message_key,) if is_note(self.message_key) else self.spike_ids

    @property
    def is_digest(self) -> bool:
        """Tell whether the message sums up spikes instead of explaining one."""
        return is_digest(self.message_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A spike to be told: under which key it was claimed before, if it was, and in which channel.

    ``is_minor`` says that it is not worth a message of its own.
    """

    spike_id: str
    message_key: str = ""
    channel: str = ""
    is_minor: bool = False


def plan_deliveries(wanted: Sequence[Wanted], max_items: int) -> list[Delivery]:
    """Return the deliveries for spikes, given the largest first.

    A spike that a message was claimed for before stays with that message: it may have arrived, and can only
    be found under its key. Of the others the first ``max_items`` have a message each unless they are minor,
    the rest one digest a channel.
    """
    claimed: dict[str, list[str]] = {}
    for one in wanted:
        if one.message_key:
            claimed.setdefault(one.message_key, []).append(one.spike_id)
    old = [Delivery(message_key=key, spike_ids=tuple(ids)) for key, ids in claimed.items()]
    fresh = [one for one in wanted if not one.message_key]
    alone = [one for one in fresh if not one.is_minor][: max(0, max_items - len(old))]
    own = [Delivery(message_key=one.spike_id, spike_ids=(one.spike_id,)) for one in alone]
    rest: dict[str, list[str]] = {}
    for one in fresh:
        if one not in alone:
            rest.setdefault(one.channel, []).append(one.spike_id)
    return [*old, *own, *map(digest, rest.values())]


def digest_day(created: date, weekday: str) -> date:
    """Return the day on which a digest of the week tells what was found on a day: that one, or the next such."""
    ahead = (_WEEKDAYS.index(weekday) - created.weekday()) % len(_WEEKDAYS)
    return created + timedelta(days=ahead)


def is_digest(message_key: str) -> bool:
    """Tell whether a message sums up many spikes."""
    return message_key.startswith(_DIGEST)


def digest(spike_ids: Iterable[str]) -> Delivery:
    """Return the delivery that sums up spikes; its key depends on which ones, not on their order."""
    ids = tuple(spike_ids)
    key = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]
    return Delivery(message_key=f"{_DIGEST}{key}", spike_ids=ids)
