"""The incident that a spike belongs to, and those that its scope had before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.incidents import Incident, IncidentSettings, fold, known_days
from costspike.domain.spikes import Spike

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentHistory:
    """As of the spike's day: ``own`` is the incident that the spike began or goes on with, ``past`` are others."""

    own: Incident
    past: tuple[Incident, ...]

    @property
    def days(self) -> int:
        """Return how many days the own incident has lasted, the spike's day included."""
        return (self.own.last_day - self.own.first_day) // _DAY + 1

    @property
    def impacts(self) -> dict[date, Decimal]:
        """Return what the own incident cost above the expected, by day."""
        return {day.day: day.impact for day in self.own.days}


def incident_history(
    spike: Spike,
    earlier: Iterable[Spike],
    costs: Mapping[date, Decimal],
    landed: Iterable[date],
    settings: IncidentSettings | None = None,
) -> IncidentHistory:
    """Return the history of a spike's scope.

    Args:
        spike: the spike; nothing after its day counts.
        earlier: the spikes that the scope had before, as the newest verdicts hold them.
        costs: the scope's costs by day, from five weeks before its first spike on.
        landed: every day that is landed: without a cost there, the day was free.
        settings: when an incident is over.
    """
    daily = {(spike.billing_currency, spike.scope): known_days(costs, landed)}
    incidents = fold([*earlier, spike], daily, spike.day, settings)
    own = next(one for one in incidents if spike.spike_id in one.spike_ids)
    return IncidentHistory(own=own, past=tuple(one for one in incidents if one is not own))
