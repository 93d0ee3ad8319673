"""What an incident is: spike days of one cause, with what they cost together.

::

    open ──► ongoing ──► resolved   quiet for some days
      │         ├──────► settled    the new level is the normal one
      └─────────┴──────► corrected  AWS restated every spike away
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from costspike.domain.spikes import Scope, Spike, spike_id

DailyCosts = Mapping[tuple[str, Scope], Mapping[date, Decimal]]
"""By billing currency and scope: what each day cost. A day that is missing is unknown, not free."""


class State(StrEnum):
    """How an incident stands; the last three are final unless AWS restates a day."""

    OPEN = "open"
    ONGOING = "ongoing"
    RESOLVED = "resolved"
    SETTLED = "settled"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDay:
    """A day on which an incident cost money, with a spike of its own or only still raised."""

    day: date
    actual_cost: Decimal
    impact: Decimal
    has_spike: bool

    @property
    def expected_cost(self) -> Decimal:
        """Return what the day would have cost without the incident."""
        return self.actual_cost - self.impact


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Spike days of one cause.

    ``scope`` is the broadest one of the first day, and part of the identity. ``spikes`` stand, by day;
    ``withdrawn`` are those that an earlier verdict held and the newest one does not, with the amounts they
    had then. ``days`` are all that cost more than expected, in order. ``closed_on`` is the day on which the
    incident was resolved or settled.
    """

    scope: Scope
    billing_currency: str
    first_day: date
    state: State
    spikes: tuple[Spike, ...]
    withdrawn: tuple[Spike, ...]
    days: tuple[IncidentDay, ...]
    closed_on: date | None

    @property
    def incident_id(self) -> str:
        """Return the identity: the spike_id of the first day's broadest spike, which no later day changes."""
        return spike_id(self.first_day, self.billing_currency, self.scope)

    @property
    def impact(self) -> Decimal:
        """Return what all days so far cost more than expected."""
        return sum((day.impact for day in self.days), Decimal(0))

    @property
    def withdrawn_impact(self) -> Decimal:
        """Return what the withdrawn spikes were said to have cost."""
        return sum((spike.impact for spike in self.withdrawn), Decimal(0))

    @property
    def last_day(self) -> date:
        """Return the last day that cost more than expected."""
        return self.days[-1].day if self.days else self.first_day

    @property
    def last_spike_day(self) -> date:
        """Return the last day of which a detector said, or had said, that it is a spike."""
        return max(spike.day for spike in self.spikes or self.withdrawn)

    @property
    def spike_ids(self) -> frozenset[str]:
        """Return the ids of all its spikes, standing or withdrawn."""
        return frozenset(spike.spike_id for spike in (*self.spikes, *self.withdrawn))

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more is expected to come."""
        return self.state not in {State.OPEN, State.ONGOING}

    @property
    def leading_scope(self) -> Scope:
        """Return the scope whose spikes cost most: what to call the incident."""
        impacts: dict[Scope, Decimal] = {}
        for spike in self.spikes or self.withdrawn:
            impacts[spike.scope] = impacts.get(spike.scope, Decimal(0)) + spike.impact
        return min(impacts, key=lambda scope: (-impacts[scope], order_of(scope)))

    def impact_by(self, day: date) -> Decimal:
        """Return what the days up to and including ``day`` cost more than expected."""
        return sum((one.impact for one in self.days if one.day <= day), Decimal(0))


def contains(outer: Scope, inner: Scope) -> bool:
    """Tell whether every series of ``inner`` is one of ``outer``; a scope contains itself."""
    pairs = zip(_names(outer), _names(inner), strict=True)
    return all(not own or own == other for own, other in pairs)


def overlap(one: Scope, other: Scope) -> bool:
    """Tell whether two scopes can share series: no name of one contradicts the other's."""
    pairs = zip(_names(one), _names(other), strict=True)
    return all(not own or not others or own == others for own, others in pairs)


def related(one: Scope, other: Scope) -> bool:
    """Tell whether two scopes can share series, or both are parts of one account's use of a service."""
    place = one.account_id, one.service
    same_place = all(place) and place == (other.account_id, other.service)
    return same_place or overlap(one, other)


def order_of(scope: Scope) -> tuple[int, tuple[str, ...]]:
    """Return a sorting key: the broadest scope first, then by name."""
    names = _names(scope)
    return sum(map(bool, names)), names


def _names(scope: Scope) -> tuple[str, ...]:
    return scope.account_id, scope.service, scope.usage_type, scope.region
