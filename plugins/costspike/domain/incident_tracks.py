"""One incident while the days pass: which spikes it takes, what each day cost, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.incident_levels import Level, level_of
from costspike.domain.incident_records import (
    DailyCosts,
    Incident,
    IncidentDay,
    State,
    contains,
    order_of,
    overlap,
    related,
)
from costspike.domain.incident_settings import IncidentSettings
from costspike.domain.spikes import Scope, Spike

_NOTHING = Decimal(0)
_UNKNOWN: Mapping[date, Decimal] = {}


class Track:
    """An incident under way; what it becomes on a day depends on that day and those before it, never later ones."""

    def __init__(self, first: Sequence[Spike], costs: DailyCosts, settings: IncidentSettings) -> None:
        root = min(first, key=lambda spike: order_of(spike.scope))
        self.first_day = root.day
        self.is_closed = False
        self._scope = root.scope
        self._currency = root.billing_currency
        self._costs = costs
        self._settings = settings
        self._levels: dict[Scope, Level] = {}
        self._spikes: list[Spike] = []
        self._withdrawn: list[Spike] = []
        self._rises: dict[Scope, Decimal] = {}
        self._known: dict[Scope, dict[Track, Decimal]] = {}
        self._days: list[IncidentDay] = []
        self._scopes: set[Scope] = set()
        self._last_spike_day = root.day
        self._quiet = 0
        self._state = State.OPEN
        self._closed_on: date | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """Return a sorting key: the earliest incident first."""
        return self.first_day, self._currency, order_of(self._scope)

    @property
    def breadth(self) -> tuple[int, date]:
        """Return a sorting key: the finest incident first."""
        return -min(order_of(scope)[0] for scope in (self._scope, *self._scopes)), self.first_day

    def has(self, scope: Scope) -> bool:
        """Tell whether this very scope has spiked in the incident."""
        return scope in self._scopes

    def follows(self, spike: Spike) -> bool:
        """Tell whether a spike of a later day goes on with the incident.

        One of the same scope does as long as the incident is not over, and so does an account's service beside a part
        of it: which of the two speaks for the same rise is a matter of a few percent. Any other broader or finer scope
        does only soon after the last spike: a level shift in one account must not swallow what the whole bill does
        weeks later.
        """
        if any(_same_place(scope, spike.scope) for scope in self._scopes):
            return True
        soon = timedelta(days=self._settings.quiet_days)
        near = spike.day - self._last_spike_day <= soon
        return near and any(related(scope, spike.scope) for scope in self._scopes)

    def pass_day(
        self, day: date, standing: Sequence[Spike], withdrawn: Sequence[Spike], others: Sequence[Track] = ()
    ) -> None:
        """Take the spikes of a day, none on most days, and count what the day cost.

        ``others`` are the finer incidents that are under way, and have passed the day already.
        """
        self._spikes += standing
        self._withdrawn += withdrawn
        self._scopes |= {spike.scope for spike in (*standing, *withdrawn)}
        self._raise_levels(standing)
        self._raise_levels(withdrawn)
        if standing or withdrawn:
            self._last_spike_day = day
        parts = [
            self._part(day, scope, level, standing, self._elsewhere(day, scope, level, others))
            for scope, level in self._levels.items()
        ]
        self._rises = {scope: impact for scope, (_, impact) in zip(self._levels, parts, strict=True)}
        said = sum((spike.impact for spike in standing), _NOTHING)
        impact = max(said, sum((impact for _, impact in parts), _NOTHING))
        if standing or impact > 0:
            actual = sum((cost for cost, _ in parts if cost is not None), _NOTHING)
            found = IncidentDay(day=day, actual_cost=actual, impact=impact, has_spike=bool(standing))
            self._days.append(found)
            self._quiet = 0
        elif all(cost is not None for cost, _ in parts):
            self._quiet += 1
        self._close(day)

    def incident(self) -> Incident:
        """Return the incident as it stands."""
        return Incident(
            scope=self._scope,
            billing_currency=self._currency,
            first_day=self.first_day,
            state=self._state if self._spikes else State.CORRECTED,
            spikes=tuple(self._spikes),
            withdrawn=tuple(self._withdrawn),
            days=tuple(self._days),
            closed_on=self._closed_on if self._spikes else None,
        )

    def _raise_levels(self, spikes: Sequence[Spike]) -> None:
        """Begin to count a scope that no broader one counts yet, instead of its parts.

        A usage type in all accounts and an account's use of the service overlap. The detector judges the account
        first and expects in the other what it rose by; so both are counted, unless the account comes later.
        """
        for spike in sorted(spikes, key=lambda spike: (order_of(spike.scope)[0], not spike.scope.account_id)):
            if any(_counts(scope, spike.scope) for scope in self._levels):
                continue
            self._levels = {
                scope: level for scope, level in self._levels.items() if not contains(spike.scope, scope)
            }
            inner = [part for part in spikes if part is not spike and contains(spike.scope, part.scope)]
            costs = self._costs.get((self._currency, spike.scope), _UNKNOWN)
            self._levels[spike.scope] = level_of(spike, inner, costs, self._settings.quiet_percent)

    def rises_inside(self, scope: Scope) -> Decimal:
        """Return what the parts of a scope cost above the expected today."""
        rises = [rise for part, rise in self._rises.items() if part != scope and contains(scope, part)]
        return sum(rises, _NOTHING) if self._spikes else _NOTHING

    def _elsewhere(self, day: date, scope: Scope, level: Level, others: Sequence[Track]) -> Decimal:
        """Return what a scope's parts rose by in incidents of their own since the scope's first day.

        What they rose by on that day is expected of the scope.
        """
        rises = {one: one.rises_inside(scope) for one in others}
        known = self._known.setdefault(scope, rises if day == level.first_day else {})
        return sum((max(rise - known.get(one, _NOTHING), _NOTHING) for one, rise in rises.items()), _NOTHING)

    def _part(
        self, day: date, scope: Scope, level: Level, standing: Sequence[Spike], elsewhere: Decimal
    ) -> tuple[Decimal | None, Decimal]:
        """Return what a scope cost on a day, None if nobody knows, and how much of it is the incident's.

        Never less than the detector says, and on a scope's first day exactly that; a later day's spike is
        measured by what was expected before the incident, not by what is usual by now. What another incident
        counts, ``elsewhere``, is not counted again.
        """
        inside = [spike for spike in standing if contains(scope, spike.scope)]
        said = sum((spike.impact for spike in inside), _NOTHING)
        cost = self._costs.get((self._currency, scope), _UNKNOWN).get(day)
        if inside and (cost is None or inside[0].scope == scope):
            cost = inside[0].actual_cost
        if day == level.first_day and inside:
            return cost, said
        excess = level.excess(day, cost - elsewhere) if cost is not None else _NOTHING
        return cost, max(said, excess)

    def _close(self, day: date) -> None:
        is_new = not self._days or self._days[-1].day == self.first_day
        self._state = State.OPEN if is_new else State.ONGOING
        if self._quiet >= self._settings.quiet_days:
            self._end(State.RESOLVED, day)
        elif not self._quiet and (day - self._last_spike_day).days >= self._settings.settle_days:
            self._end(State.SETTLED, day)

    def _end(self, state: State, day: date) -> None:
        self._state, self._closed_on, self.is_closed = state, day, True


def _same_place(one: Scope, other: Scope) -> bool:
    """Tell whether two scopes are the same, or one is an account's use of a service and the other a part of it."""
    of_account = all((one.account_id, one.service, other.account_id, other.service))
    return one == other or (of_account and (contains(one, other) or contains(other, one)))


def _counts(level: Scope, scope: Scope) -> bool:
    """Tell whether a level holds a scope, or what many accounts did a part of what one of them did."""
    return contains(level, scope) or (
        not level.account_id and bool(scope.account_id) and overlap(level, scope)
    )
