"""What a detector says about one day: spikes, with their amounts, gates and contributors.

"Spike" is the product's word for an upward cost anomaly. Names follow the Impact object of AWS Cost
Anomaly Detection: ``impact = actual - expected``.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

TOTAL = "total"
SERVICE = "service"
ACCOUNT_SERVICE = "account_service"

PLAN_EXPIRED = "plan_expired"
PLAN_BOUGHT = "plan_bought"
COVERAGE_LOST = "coverage_lost_percent"
FELL_ELSEWHERE = "fell_elsewhere"
"""Gate whose value is what related costs fell by on the day: no limit, but not part of the impact."""

SIGNALS = (PLAN_EXPIRED, PLAN_BOUGHT, COVERAGE_LOST)
"""Gates that say more than how much: the rise is one of price, by a commitment, and not one of usage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The part of the bill a verdict is about; an empty field means "all of them"."""

    account_id: str = ""
    service: str = ""
    usage_type: str = ""
    region: str = ""

    @property
    def kind(self) -> str:
        """Return ``total``, ``service`` or ``account_service``."""
        if not self.service:
            return TOTAL
        return ACCOUNT_SERVICE if self.account_id else SERVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """One part of a spike's rise, or of what fell at the same time, at the finest landed grain.

    ``before`` is what was expected (for the day-over-day rule: the day before), ``after`` the amount
    of the day, ``delta = after - before``. A contributor whose four names are all empty is the
    remainder: everything that was not listed.
    """

    account_id: str = ""
    service: str = ""
    usage_type: str = ""
    region: str = ""
    before: Decimal
    after: Decimal
    delta: Decimal

    @property
    def percent(self) -> Decimal | None:
        """Return the change in percent of ``before``, None where ``before`` is not above zero."""
        return self.delta / self.before * 100 if self.before > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition that the spike had to pass: the value that was measured, and the limit."""

    name: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """An upward cost anomaly of one scope on one day (UTC), amounts in ``billing_currency``.

    ``contributors`` are ordered by delta, largest first, the remainder last; their deltas sum exactly
    to ``impact``. ``typical_cost`` is the median day of the look-back, ``previous_cost`` the day before.
    ``score`` is how far beyond the threshold the day lies (1 is the threshold). ``fallen`` are related costs that
    fell on the same day, the largest fall first: no part of the impact, nor of the contributors. Their ``before``
    is what was expected of as much of the day as is landed.
    """

    day: date
    scope: Scope
    billing_currency: str
    detector: str
    actual_cost: Decimal
    expected_cost: Decimal
    expected_low: Decimal
    expected_high: Decimal
    previous_cost: Decimal
    typical_cost: Decimal
    score: float
    gates: tuple[Gate, ...]
    contributors: tuple[Contributor, ...]
    fallen: tuple[Contributor, ...] = ()

    @property
    def impact(self) -> Decimal:
        """Return ``actual_cost - expected_cost``."""
        return self.actual_cost - self.expected_cost

    @property
    def impact_percent(self) -> Decimal | None:
        """Return the impact in percent of the expected cost, None where nothing was expected."""
        return self.impact / self.expected_cost * 100 if self.expected_cost > 0 else None

    @property
    def compared_days(self) -> tuple[date, ...]:
        """Return the days that the expected cost comes from, as far as they have data, the latest first.

        The same weekday of five weeks, for a slow rise without the latest, or the day before for the day-over-day rule.
        """
        if self.detector != "baseline":
            return (self.day - timedelta(days=1),)
        slow = any(gate.name == "five_days" for gate in self.gates)
        return tuple(self.day - timedelta(weeks=weeks) for weeks in range(1 + slow, 6))

    @property
    def signal(self) -> Gate | None:
        """Return what points to a Savings Plan or a reservation as the cause, None where nothing does."""
        return next((gate for gate in self.gates if gate.name in SIGNALS), None)

    @property
    def spike_id(self) -> str:
        """Return the identity that every run, rerun and map index agrees on: day, currency, scope."""
        return spike_id(self.day, self.billing_currency, self.scope)


def spike_id(day: date, billing_currency: str, scope: Scope) -> str:
    """Return 16 hex digits that depend on nothing but the day, the currency and the scope."""
    # The unit separator cannot be part of an AWS name, so two different scopes never read the same.
    names = (
        day.isoformat(),
        billing_currency,
        scope.account_id,
        scope.service,
        scope.usage_type,
        scope.region,
    )
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()[:16]
