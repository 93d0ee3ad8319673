"""The run that decides what is told: what it may begin to tell, and of what it keeps quiet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from costspike.domain.incident_changes import NotifyReason, heirs

if TYPE_CHECKING:
    from costspike.domain.incident_book import GradedIncident, KnownSpikes
    from costspike.domain.scope_patterns import ScopePattern
    from costspike.domain.spikes import Spike
    from costspike.domain.told import Entry, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The run that decides.

    ``tellable`` are ids of spikes that may begin to be told: an incident that nobody was told of begins with
    the first of them. An incident of which all spikes are ``quiet`` is not begun with, and nothing is told of
    its growth; how it ended is still told where it was begun with before. ``outlasted`` are spikes whose
    incident goes on although they are not quiet any more: they may be told by then. ``mutes`` hold
    on the day: what lies in them all does not grow aloud, whenever its spikes were judged. Without ``notes``,
    incidents that were told are not gone on with: a silent backfill leaves that to the next scheduled run,
    for which it is still due.
    """

    day: date
    tellable: frozenset[str]
    notes: bool
    quiet: frozenset[str] = frozenset()
    outlasted: frozenset[str] = frozenset()
    mutes: tuple[ScopePattern, ...] = ()


def with_quiet(occasion: Occasion, known: KnownSpikes, incidents: Iterable[GradedIncident]) -> Occasion:
    """Return the occasion without the spikes that are quiet, with those whose incident lasts longer than that."""
    outlasted = {
        spike.spike_id
        for one in incidents
        for spike in one.incident.spikes
        if not one.incident.is_over and known.quiet.get(spike.spike_id, date.max) < one.incident.last_day
    }
    quiet = frozenset(known.quiet) - outlasted
    tellable = occasion.tellable | (outlasted if occasion.notes else frozenset())
    return replace(occasion, tellable=tellable - quiet, quiet=quiet, outlasted=frozenset(outlasted))


def silenced(incidents: Iterable[GradedIncident], quiet: Collection[str]) -> set[str]:
    """Return the spikes of incidents that have none which may be told."""
    spikes = [{spike.spike_id for spike in one.incident.spikes} for one in incidents]
    return {spike_id for ids in spikes if ids.issubset(quiet) for spike_id in ids}


def outgrown(incidents: Iterable[GradedIncident], outbox: Iterable[Entry], occasion: Occasion) -> set[str]:
    """Return the spikes that first messages wait to tell of although a worse one of their incident may be told."""
    waiting = [
        entry.notice
        for entry in outbox
        if entry.state == "pending" and entry.notice.reason is NotifyReason.FIRST_NOTIFICATION
    ]
    return {
        notice.spike_id
        for one in incidents
        if one.worst.spike_id in occasion.tellable
        for notice in waiting
        if notice.spike_id in one.incident.spike_ids and one.severity < notice.severity
    }


def hushed(told: Sequence[Told], by_id: Mapping[str, GradedIncident], occasion: Occasion) -> set[str]:
    """Return the incidents whose newest spikes are all quiet or muted by now, by the id that people know."""
    inherited = heirs(told, [one.incident for one in by_id.values()])
    found = set()
    for incident_id, known in inherited.items():
        incident = by_id[incident_id].incident
        newest = [spike for spike in incident.spikes if spike.day == incident.last_spike_day]
        if newest and all(_is_hushed(spike, occasion) for spike in newest):
            found.add(known.incident_id)
    return found


def _is_hushed(spike: Spike, occasion: Occasion) -> bool:
    return spike.spike_id in occasion.quiet or any(mute.holds(spike.scope) for mute in occasion.mutes)
