"""Spike days become incidents: the public fold.

One cause is one incident, however long it lasts: a level shift of thirty days is one, not thirty, although a
detector speaks of it on the first day only. Nothing is remembered between two folds, so the order in which
days were run, backfilled or judged again cannot matter; and since a day is only ever placed by what came
before it, a later day changes neither an identity nor what belonged to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.incident_changes import IncidentChange, NotifyReason, Told, changes
from costspike.domain.incident_records import (
    DailyCosts,
    Incident,
    IncidentDay,
    State,
    order_of,
    related,
)
from costspike.domain.incident_settings import IncidentSettings
from costspike.domain.incident_tracks import Track
from costspike.domain.spikes import Scope, Spike

__all__ = [
    "DailyCosts",
    "Incident",
    "IncidentChange",
    "IncidentDay",
    "IncidentSettings",
    "NotifyReason",
    "State",
    "Told",
    "changes",
    "fold",
    "known_days",
    "scopes_of",
]

_DAY = timedelta(days=1)


def fold(
    spike_days: Iterable[Spike],
    daily_costs: DailyCosts,
    as_of: date,
    settings: IncidentSettings | None = None,
    *,
    withdrawn: Iterable[Spike] = (),
) -> tuple[Incident, ...]:
    """Return the incidents as they stand on ``as_of``, the earliest first.

    Args:
        spike_days: the spikes of the newest verdict of every day, in any order.
        daily_costs: for ``scopes_of`` the spikes, each day that is landed (``known_days``), from five weeks
            before the scope's first spike on: the weeks before say what a weekday usually costs.
        as_of: the last day that counts (UTC, inclusive); spikes and costs after it are not looked at.
        settings: when an incident is over.
        withdrawn: spikes that an earlier verdict held and the newest one does not. They keep an incident's
            identity, and one that has no others left is ``corrected``.
    """
    settings = settings or IncidentSettings()
    standing = _distinct(spike_days, as_of)
    gone = {key: spike for key, spike in _distinct(withdrawn, as_of).items() if key not in standing}
    found: list[Incident] = []
    for currency in sorted({spike.billing_currency for spike in (*standing.values(), *gone.values())}):
        by_day = _by_day(
            spike for spike in (*standing.values(), *gone.values()) if spike.billing_currency == currency
        )
        found += _walk(by_day, frozenset(gone), daily_costs, as_of, settings)
    return tuple(sorted(found, key=lambda one: (one.first_day, one.billing_currency, order_of(one.scope))))


def scopes_of(spikes: Iterable[Spike]) -> dict[tuple[str, Scope], date]:
    """Return the scopes whose daily costs a fold wants, each with the day of its first spike."""
    first: dict[tuple[str, Scope], date] = {}
    for spike in spikes:
        key = spike.billing_currency, spike.scope
        first[key] = min(spike.day, first.get(key, spike.day))
    return first


def known_days(costs: Mapping[date, Decimal], landed: Iterable[date]) -> dict[date, Decimal]:
    """Return a scope's cost on every landed day: one without a row of the scope cost nothing."""
    return {day: costs.get(day, Decimal(0)) for day in landed}


def _distinct(spikes: Iterable[Spike], as_of: date) -> dict[str, Spike]:
    """Return the spikes up to a day by id; of two versions of one, the larger."""
    ordered = sorted(spikes, key=lambda spike: (spike.impact, spike.actual_cost, spike.score))
    return {spike.spike_id: spike for spike in ordered if spike.day <= as_of}


def _by_day(spikes: Iterable[Spike]) -> dict[date, list[Spike]]:
    days: dict[date, list[Spike]] = {}
    for spike in sorted(spikes, key=lambda spike: (spike.day, order_of(spike.scope))):
        days.setdefault(spike.day, []).append(spike)
    return days


def _walk(
    by_day: Mapping[date, Sequence[Spike]],
    gone: frozenset[str],
    costs: DailyCosts,
    as_of: date,
    settings: IncidentSettings,
) -> list[Incident]:
    """Return the incidents of one currency, placed day by day."""
    tracks: list[Track] = []
    active: list[Track] = []
    ahead = sorted(by_day, reverse=True)
    day = ahead[-1]
    while day <= as_of and (active or ahead):
        if not active:
            day = ahead[-1]
        spikes = by_day.get(day, ())
        if spikes:
            ahead.pop()
        placed = _placed(spikes, active, costs, settings)
        new = sorted((track for track in placed if track not in active), key=lambda track: track.order)
        tracks += new
        passed: list[Track] = []
        for track in sorted((*active, *new), key=lambda track: track.breadth):
            own = sorted(placed.get(track, ()), key=lambda spike: order_of(spike.scope))
            track.pass_day(
                day,
                [spike for spike in own if spike.spike_id not in gone],
                [spike for spike in own if spike.spike_id in gone],
                passed,
            )
            passed.append(track)
        active = [track for track in (*active, *new) if not track.is_closed]
        day += _DAY
    return [track.incident() for track in tracks]


def _placed(
    spikes: Sequence[Spike], active: Sequence[Track], costs: DailyCosts, settings: IncidentSettings
) -> dict[Track, list[Spike]]:
    """Return the spikes of one day by incident.

    Those of the day that share their series belong together, and with what they go on with; a spike that
    goes on with an incident itself stays with that one.
    """
    placed: dict[Track, list[Spike]] = {}
    for group in _groups(spikes):
        followed = {spike.spike_id: _followed(spike, active) for spike in group}
        known = sorted((track for track in followed.values() if track), key=lambda track: track.order)
        home = known[0] if known else Track(group, costs, settings)
        for spike in group:
            placed.setdefault(followed[spike.spike_id] or home, []).append(spike)
    return placed


def _followed(spike: Spike, active: Sequence[Track]) -> Track | None:
    """Return the incident that a spike goes on with: of its own scope if there is one, else the earliest."""
    candidates = [track for track in active if track.follows(spike)]
    return min(candidates, key=lambda track: (not track.has(spike.scope), track.order), default=None)


def _groups(spikes: Sequence[Spike]) -> list[list[Spike]]:
    """Return the spikes in groups that share series, directly or by way of others, the broadest first."""
    groups: list[list[Spike]] = []
    for spike in spikes:
        touching = [group for group in groups if any(related(spike.scope, one.scope) for one in group)]
        joined = [one for group in touching for one in group]
        groups = [group for group in groups if group not in touching]
        groups.append([*joined, spike])
    return groups
