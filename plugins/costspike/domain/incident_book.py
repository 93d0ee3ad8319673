"""The incidents as the warehouse keeps them: folded from all that is known, each with its grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from costspike.domain.incidents import Incident, IncidentDay, IncidentSettings, State, fold, known_days
from costspike.domain.severity import SeveritySettings, Signals, severity
from costspike.domain.spikes import Scope, Spike

if TYPE_CHECKING:
    from costspike.domain.grades import Severity

_TYPICAL_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpikes:
    """What incidents are folded from: all spikes of [since, as_of], and what their scopes cost.

    ``daily`` holds the landed amounts by currency and scope, and those of the whole bill; ``landed`` are the
    days that have data at all. ``quiet`` are ids of spikes that nobody is
    to be told of, each with the last day for which that was said.
    """

    since: date
    as_of: date
    standing: tuple[Spike, ...] = ()
    withdrawn: tuple[Spike, ...] = ()
    daily: Mapping[tuple[str, Scope], Mapping[date, Decimal]]
    landed: frozenset[date]
    quiet: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedIncident:
    """An incident with the worst grade that one of its spikes has, and of which spike that is.

    ``costs`` is what its leading scope cost on each day, as far as it is known.
    """

    incident: Incident
    severity: Severity
    worst: Spike
    costs: Mapping[date, Decimal] = field(default_factory=dict)

    @property
    def peak(self) -> IncidentDay:
        """Return the day that cost most above what was expected, the earliest of equal ones."""
        first = self.incident.first_day
        nothing = IncidentDay(day=first, actual_cost=Decimal(0), impact=Decimal(0), has_spike=False)
        return max(self.incident.days, key=lambda day: (day.impact, -day.day.toordinal()), default=nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEnd:
    """When a stored incident began, last spiked and was over; ``closed_on`` is None where it is not."""

    first_day: date
    last_spike_day: date
    closed_on: date | None
    state: State

    def over_by(self, settings: IncidentSettings) -> date | None:
        """Return a day from which nothing can belong to the incident any more, None if there is none yet."""
        if self.state is State.CORRECTED:
            return self.last_spike_day + timedelta(days=settings.settle_days + settings.quiet_days)
        return self.closed_on


def fold_start(judged: Iterable[date], stored: Iterable[IncidentEnd], settings: IncidentSettings) -> date:
    """Return the day from which everything is folded again: what lies before it cannot have changed.

    That is the earliest day that was judged just now, and as far back as an incident reaches that was not over
    by then: none may lie across it, else it would be cut in two.
    """
    since = min(judged)
    for end in sorted(stored, key=lambda one: one.first_day, reverse=True):
        over = end.over_by(settings)
        if end.first_day < since and (over is None or over >= since):
            since = end.first_day
    return since


def fold_known(
    known: KnownSpikes,
    settings: IncidentSettings,
    grades: SeveritySettings,
    environments: Mapping[str, str] | None = None,
) -> tuple[GradedIncident, ...]:
    """Return the incidents as they stand on the last judged day, the earliest first.

    ``environments`` are what the organisation says of its accounts, by id: part of the rule that grades.
    """
    costs = {key: known_days(days, known.landed) for key, days in known.daily.items()}
    incidents = fold(known.standing, costs, known.as_of, settings, withdrawn=known.withdrawn)
    return tuple(_graded(incident, known, grades, environments or {}) for incident in incidents)


def _graded(
    incident: Incident, known: KnownSpikes, settings: SeveritySettings, environments: Mapping[str, str]
) -> GradedIncident:
    grades = [
        (
            severity(
                spike,
                _typical(spike, known),
                settings,
                Signals(environment=environments.get(spike.scope.account_id, "")),
            ),
            -spike.impact,
            spike.day,
            spike,
        )
        for spike in incident.spikes or incident.withdrawn
    ]
    grade, _, _, worst = min(grades, key=lambda one: (*one[:3], one[3].spike_id))
    costs = known.daily.get((incident.billing_currency, incident.leading_scope), {})
    return GradedIncident(incident=incident, severity=grade, worst=worst, costs=costs)


def _typical(spike: Spike, known: KnownSpikes) -> Decimal:
    """Return what the organisation spent on a typical day before a spike, as the alert measures it."""
    days = known.daily.get((spike.billing_currency, Scope()), {})
    before = (days.get(spike.day - timedelta(days=ago)) for ago in range(1, _TYPICAL_DAYS + 1))
    spent = [cost for cost in before if cost is not None]
    return median(spent) if spent else Decimal(0)
