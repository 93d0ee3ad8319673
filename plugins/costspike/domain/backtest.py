"""What would have been alerted, had costspike run with these settings: history replayed day by day.

A detector sees the rows up to the day that it judges and nothing later; what it says is folded into
incidents as it is in the daily run. Only the amounts are today's: what AWS restated since is not undone.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from costspike.domain.cost_history import CostHistory
from costspike.domain.detection import DetectionSettings, detect_in
from costspike.domain.fold import folded_for
from costspike.domain.incidents import Incident, IncidentSettings, fold, scopes_of
from costspike.domain.spikes import Scope, Spike

DAYS_A_MONTH = Decimal("30.4375")

WARM_UP_DAYS = 14
"""Days of history without which nothing can be said; they are not judged, and count in no month."""

Progress = Callable[[int, int], None]
"""Called after each judged day with how many were judged and how many there are in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one choice of settings would have found on the judged days."""

    detection: DetectionSettings
    judged_days: int
    spikes: tuple[Spike, ...]
    incidents: tuple[Incident, ...]

    @property
    def alerts_a_month(self) -> Decimal:
        """Return how many alerts would have been sent a month: one an incident, when it begins.

        Updates of an incident answer in its thread and are not counted.
        """
        if not self.judged_days:
            return Decimal(0)
        return len(self.incidents) * DAYS_A_MONTH / self.judged_days

    @property
    def most_alerts_in_a_month(self) -> int:
        """Return the alerts of the calendar month that had most."""
        months = Counter((one.first_day.year, one.first_day.month) for one in self.incidents)
        return max(months.values(), default=0)

    @property
    def impact(self) -> Decimal:
        """Return what all incidents cost more than expected."""
        return sum((one.impact for one in self.incidents), Decimal(0))

    def impact_by(self, days_later: int) -> Decimal:
        """Return what the incidents had cost when they were so many days old; 0 is the day of the alert."""
        age = timedelta(days=days_later)
        return sum((one.impact_by(one.first_day + age) for one in self.incidents), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """The replay of a range of days, both ends inclusive, with one outcome for each choice of settings.

    ``daily`` is the whole usage cost of each day that has rows, oldest first, judged or not.
    """

    billing_currency: str
    first_day: date
    last_day: date
    daily: tuple[tuple[date, Decimal], ...]
    outcomes: tuple[Outcome, ...]


def back_test(
    costs: pd.DataFrame,
    first_day: date,
    last_day: date,
    choices: Sequence[DetectionSettings],
    incidents: IncidentSettings | None = None,
    *,
    billing_currency: str = "USD",
    progress: Progress | None = None,
) -> BackTest:
    """Return what each choice of settings would have found from ``first_day`` to ``last_day``, inclusive.

    ``costs`` are usage rows of one currency with the columns of ``detect``; those before the first day are
    the history that the first verdicts need. The first two weeks of all rows are history only.

    Raises:
        DataContractError: a column is missing or cannot be read.
    """
    history = CostHistory(folded_for(costs, first_day, last_day, choices))
    days = [day for day in history.days[WARM_UP_DAYS:] if first_day <= day <= last_day]
    found: list[list[Spike]] = [[] for _ in choices]
    for number, day in enumerate(days, 1):
        known = history.table(day)
        told = detect_in(known, choices, billing_currency) if known else [[] for _ in choices]
        for own, spikes in zip(found, told, strict=True):
            own.extend(spikes)
        if progress:
            progress(number, len(days))
    daily = history.daily(Scope())
    return BackTest(
        billing_currency=billing_currency,
        first_day=first_day,
        last_day=last_day,
        daily=tuple((day, cost) for day, cost in daily.items() if first_day <= day <= last_day),
        outcomes=tuple(
            Outcome(
                detection=detection,
                judged_days=len(days),
                spikes=tuple(spikes),
                incidents=_incidents(history, spikes, last_day, incidents),
            )
            for detection, spikes in zip(choices, found, strict=True)
        ),
    )


def _incidents(
    history: CostHistory, spikes: Sequence[Spike], as_of: date, settings: IncidentSettings | None
) -> tuple[Incident, ...]:
    costs = {(currency, scope): history.daily(scope) for currency, scope in scopes_of(spikes)}
    return fold(spikes, costs, as_of, settings)
