"""What there is to tell of an incident, against what people were told last.

The reasons are Alertmanager's idea: a notification says why it is sent, and the same news is not sent twice.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from costspike.domain.incident_records import Incident, State
from costspike.domain.incident_settings import IncidentSettings


class NotifyReason(StrEnum):
    """Why there is something to tell."""

    FIRST_NOTIFICATION = "first_notification"
    GREW = "grew"
    SEVERITY_ROSE = "severity_rose"
    CORRECTED = "corrected"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    SETTLED = "settled"
    DETAILS = "details"
    """No news: what a first message left for its thread."""


_ENDS = frozenset({State.CORRECTED, State.RESOLVED, State.SETTLED})


class Known(Protocol):
    """What has to be remembered of an incident; an ``Incident`` itself will do."""

    @property
    def incident_id(self) -> str:
        """Return the identity under which people know it."""

    @property
    def state(self) -> State:
        """Return how it stood when it was told."""

    @property
    def impact(self) -> Decimal:
        """Return the total that was told."""

    @property
    def spike_ids(self) -> Collection[str]:
        """Return the ids of the spikes that it had."""


KnownT = TypeVar("KnownT", bound=Known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An incident as people were last told of it: what the outbox keeps."""

    incident_id: str
    state: State
    impact: Decimal
    spike_ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChange:
    """News of an incident.

    ``incident_id`` is the one that people know, hence of the thread to answer in; it differs from the
    incident's own where a backfill found an earlier first day. ``incident`` is None where the fold knows
    nothing of it any more. ``old_impact`` is what was told last, 0 for a first notification.
    """

    incident_id: str
    reason: NotifyReason
    incident: Incident | None
    old_impact: Decimal
    new_impact: Decimal


def changes(
    before: Iterable[Known], after: Iterable[Incident], settings: IncidentSettings | None = None
) -> tuple[IncidentChange, ...]:
    """Return what there is to tell, at most one thing of an incident, in the order of ``after``.

    ``before`` are the incidents as people were last told of them, not as they stood yesterday: many small
    growths would else never add up to news.
    """
    settings = settings or IncidentSettings()
    told = sorted(before, key=lambda known: known.incident_id)
    now = tuple(after)
    inherited_by = heirs(told, now)
    seen = {spike_id for known in told for spike_id in known.spike_ids}
    found: list[IncidentChange] = []
    for incident in now:
        mine = inherited_by.get(incident.incident_id)
        if mine is not None:
            found += _news(mine, incident, settings)
        elif incident.state is not State.CORRECTED and seen.isdisjoint(incident.spike_ids):
            found.append(_change(incident.incident_id, NotifyReason.FIRST_NOTIFICATION, incident, Decimal(0)))
    going_on = {known.incident_id for known in inherited_by.values()}
    for known in told:
        if known.incident_id in going_on:
            continue
        merged = next((one for one in now if not one.spike_ids.isdisjoint(known.spike_ids)), None)
        if merged is None and known.state is not State.CORRECTED:
            found.append(_change(known.incident_id, NotifyReason.CORRECTED, None, known.impact))
        elif merged and merged.state in _ENDS and known.state not in _ENDS:
            # Its own first message would else say for ever that it is open.
            found.append(_change(known.incident_id, NotifyReason(merged.state.value), merged, known.impact))
    return tuple(found)


def heirs(before: Iterable[KnownT], after: Iterable[Incident]) -> dict[str, KnownT]:
    """Return by incident which of the told ones it is: by id, else the first that shares a spike."""
    told, now = sorted(before, key=lambda known: known.incident_id), tuple(after)
    by_id = {known.incident_id: known for known in told}
    found = {one.incident_id: by_id[one.incident_id] for one in now if one.incident_id in by_id}
    free = [known for known in told if known.incident_id not in found]
    for incident in now:
        if incident.incident_id in found:
            continue
        shared = [known for known in free if not incident.spike_ids.isdisjoint(known.spike_ids)]
        if shared:
            found[incident.incident_id] = shared[0]
            free.remove(shared[0])
    return found


def _news(known: Known, incident: Incident, settings: IncidentSettings) -> list[IncidentChange]:
    reason = _reason(known, incident, Decimal(str(settings.update_factor)))
    return [_change(known.incident_id, reason, incident, known.impact)] if reason else []


def _reason(known: Known, incident: Incident, factor: Decimal) -> NotifyReason | None:
    if incident.state is State.CORRECTED:
        return None if known.state is State.CORRECTED else NotifyReason.CORRECTED
    if known.state in _ENDS and incident.state not in _ENDS:
        return NotifyReason.REOPENED
    if incident.impact * factor <= known.impact > incident.impact:
        return NotifyReason.CORRECTED
    if incident.state is not known.state and incident.state is State.RESOLVED:
        return NotifyReason.RESOLVED
    if incident.state is not known.state and incident.state is State.SETTLED:
        return NotifyReason.SETTLED
    return NotifyReason.GREW if incident.impact >= known.impact * factor and incident.impact > 0 else None


def _change(
    incident_id: str, reason: NotifyReason, incident: Incident | None, old_impact: Decimal
) -> IncidentChange:
    return IncidentChange(
        incident_id=incident_id,
        reason=reason,
        incident=incident,
        old_impact=old_impact,
        new_impact=incident.impact if incident else Decimal(0),
    )
