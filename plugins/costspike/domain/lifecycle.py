"""Which messages the incidents call for, given what the outbox holds.

::

    (nothing) ── first_notification ──► told ── grew, severity_rose, corrected ──► told
                                          ▲ └── resolved, settled, corrected ────► over
                                          └──────────────── reopened ───────────────┘

Whatever was told is what a sent message said, so the same news is never due twice. What still waits in the
outbox is decided again with every verdict: nobody gets yesterday's news after today's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.domain.incident_book import GradedIncident, KnownSpikes, fold_known
from costspike.domain.incident_changes import IncidentChange, NotifyReason, changes, heirs
from costspike.domain.incident_records import State
from costspike.domain.notices import Notice
from costspike.domain.occasions import Occasion, hushed, outgrown, silenced, with_quiet
from costspike.domain.told import Entry, Told, told_of

if TYPE_CHECKING:
    from costspike.domain.incident_settings import IncidentSettings
    from costspike.domain.severity import SeveritySettings
    from costspike.domain.spikes import Spike

_FIRST = NotifyReason.FIRST_NOTIFICATION
# Of a level that stays up, the days of a month are enough to say what was restated.
_DAYS = 31
_GROWTH = frozenset({NotifyReason.GREW, NotifyReason.SEVERITY_ROSE, NotifyReason.REOPENED})
# Without a thread every note is a message of its own: only what takes back or ends an alert, or says that this
# was wrong, is worth one.
_WITHOUT_THREAD = frozenset(
    {NotifyReason.CORRECTED, NotifyReason.REOPENED, NotifyReason.RESOLVED, NotifyReason.SETTLED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What becomes of the outbox: new messages, waiting ones with newer news, and ids of those that go."""

    new: tuple[Notice, ...] = ()
    renewed: tuple[Notice, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The incidents, what becomes of the outbox, and those incidents that nobody is or will be told of.

    An incident that is quiet is not among the last: a person has explained it.
    """

    incidents: tuple[GradedIncident, ...]
    news: News
    silent: tuple[GradedIncident, ...]


def decide(
    known: KnownSpikes,
    outbox: Sequence[Entry],
    occasion: Occasion,
    settings: IncidentSettings,
    grades: SeveritySettings,
    *,
    environments: Mapping[str, str] | None = None,
) -> Decision:
    """Return the incidents as they stand and what there is to tell of them; ``outbox`` is the oldest first."""
    incidents = fold_known(known, settings, grades, environments)
    occasion = with_quiet(occasion, known, incidents)
    news = decide_news(incidents, outbox, occasion, settings)
    gone = set(news.dropped)
    kept = [entry.notice for entry in outbox if entry.notice.alert_id not in gone]
    told = {spike_id for notice in (*kept, *news.new) for spike_id in notice.spike_ids}
    hidden = silenced(incidents, occasion.quiet)
    silent = tuple(
        one
        for one in incidents
        if told.isdisjoint(one.incident.spike_ids) and hidden.isdisjoint(one.incident.spike_ids)
    )
    return Decision(incidents=incidents, news=news, silent=silent)


def decide_news(
    incidents: Sequence[GradedIncident],
    outbox: Sequence[Entry],
    occasion: Occasion,
    settings: IncidentSettings,
) -> News:
    """Return what becomes of the outbox."""
    standing = {spike.spike_id for one in incidents for spike in one.incident.spikes}
    standing -= silenced(incidents, occasion.quiet) | outgrown(incidents, outbox, occasion)
    dropped = {
        entry.notice.alert_id for entry in outbox if _is_dropped(entry, standing, notes=occasion.notes)
    }
    told = told_of([entry for entry in outbox if entry.notice.alert_id not in dropped])
    by_id = {one.incident.incident_id: one for one in incidents}
    found = changes(told, [one.incident for one in incidents], settings)
    firsts = [
        notice
        for change in found
        if change.reason is _FIRST and change.incident
        for notice in _first(by_id[change.incident.incident_id], occasion)
    ]
    open_to_notes = [one for one in told if occasion.notes and one.first.state == "sent"]
    due = {change.incident_id: change for change in found if change.reason is not _FIRST}
    rising = _severer(told, by_id)
    kept_back = hushed(told, by_id, occasion)
    notes = [
        _note(one, due.get(one.incident_id), rising.get(one.incident_id), by_id, occasion.day)
        for one in open_to_notes
    ]
    news = [note for note in notes if note and not (note.incident_id in kept_back and note.reason in _GROWTH)]
    return News(
        new=(*firsts, *news),
        renewed=tuple(_renewed(told, incidents)),
        dropped=tuple(sorted(dropped)),
    )


def _is_dropped(entry: Entry, standing: Collection[str], *, notes: bool) -> bool:
    """Tell whether a message that surely did not go out is not to go out any more, or is decided again."""
    if entry.state != "pending":
        return False
    return entry.notice.spike_id not in standing if entry.notice.reason is _FIRST else notes


def _first(one: GradedIncident, occasion: Occasion) -> list[Notice]:
    """Return the first notification of an incident, about its largest spike of the first day that may be told."""
    may = [spike for spike in one.incident.spikes if spike.spike_id in occasion.tellable]
    if not may:
        return []
    lead = min(may, key=lambda spike: (spike.day, -spike.impact, spike.spike_id))
    day = occasion.day if lead.spike_id in occasion.outlasted else lead.day
    return [_notice(one, _FIRST, lead, day, known_as=one.incident.incident_id)]


def _renewed(told: Sequence[Told], incidents: Sequence[GradedIncident]) -> Iterable[Notice]:
    """Yield first notifications that have not gone out yet, with what they tell by now."""
    inherited = heirs(told, [one.incident for one in incidents])
    for one in incidents:
        known = inherited.get(one.incident.incident_id)
        if known is None or known.first.state != "pending":
            continue
        first = known.first.notice
        lead = next((spike for spike in one.incident.spikes if spike.spike_id == first.spike_id), one.worst)
        now = _notice(one, _FIRST, lead, first.day, known_as=first.incident_id)
        if now != first and now.alert_id == first.alert_id:
            yield now


def _severer(told: Sequence[Told], by_id: dict[str, GradedIncident]) -> dict[str, GradedIncident]:
    """Return the incidents whose grade is worse than what was told, by the id that people know."""
    inherited = heirs(told, [one.incident for one in by_id.values()])
    pairs = ((by_id[incident_id], known) for incident_id, known in inherited.items())
    return {
        known.incident_id: one
        for one, known in pairs
        if one.incident.spikes and one.severity < known.last.severity
    }


def _note(
    known: Told,
    change: IncidentChange | None,
    severer: GradedIncident | None,
    by_id: dict[str, GradedIncident],
    day: date,
) -> Notice | None:
    """Return what there is to tell of an incident that was told before; a worse grade beats mere growth."""
    if severer and (change is None or change.reason is NotifyReason.GREW):
        reason, one = NotifyReason.SEVERITY_ROSE, severer
    elif change is None:
        return None
    elif change.incident is None:
        return replace(
            known.last,
            reason=change.reason,
            day=day,
            state=State.CORRECTED,
            impact=Decimal(0),
            old_impact=known.impact,
            old_severity=known.last.severity,
            day_costs=(),
            restated=(),
        )
    else:
        reason, one = change.reason, by_id[change.incident.incident_id]
    if not known.first.has_thread and reason not in _WITHOUT_THREAD:
        return None
    return _notice(one, reason, one.worst, day, known_as=known.incident_id, before=known.last)


def _notice(
    one: GradedIncident,
    reason: NotifyReason,
    spike: Spike,
    day: date,
    *,
    known_as: str,
    before: Notice | None = None,
) -> Notice:
    incident = one.incident
    return Notice(
        incident_id=known_as,
        reason=reason,
        day=day,
        spike_id=spike.spike_id,
        scope=incident.leading_scope,
        billing_currency=incident.billing_currency,
        state=incident.state,
        severity=one.severity,
        old_severity=before.severity if before else one.severity,
        impact=incident.impact,
        old_impact=before.impact if before else Decimal(0),
        first_day=incident.first_day,
        last_day=incident.last_day,
        raised_days=len(incident.days),
        spike_ids=tuple(sorted(incident.spike_ids)),
        day_costs=tuple(
            (day.day, one.costs[day.day]) for day in incident.days[-_DAYS:] if day.day in one.costs
        ),
        restated=_restated(one, before) if before and reason is NotifyReason.CORRECTED else (),
    )


def _restated(one: GradedIncident, before: Notice) -> tuple[tuple[date, Decimal, Decimal], ...]:
    """Return the days whose costs are not what was told; none where other series were meant."""
    if before.scope != one.incident.leading_scope:
        return ()
    return tuple(
        (day, told, one.costs[day])
        for day, told in before.day_costs
        if day in one.costs and one.costs[day] != told
    )
