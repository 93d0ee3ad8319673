"""Incidents with their grades, folded from spikes and daily costs that are written as amounts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from costspike.domain.incident_book import GradedIncident, KnownSpikes, fold_known
from costspike.domain.incidents import IncidentSettings
from costspike.domain.severity import SeveritySettings
from costspike.domain.spikes import Spike
from tests.incident_days import EC2, MONDAY, TOTAL, costs, on

SETTINGS, GRADES = IncidentSettings(), SeveritySettings()


def known(
    *standing: Spike, withdrawn: Sequence[Spike] = (), days: Sequence[float] = (), as_of: int = 0
) -> KnownSpikes:
    """Return spikes of a scope that cost so much from Monday on, in an organisation of a hundred times that."""
    daily = costs(days)
    whole = {day: cost * 100 for day, cost in daily.items()}
    return KnownSpikes(
        since=MONDAY - timedelta(days=56),
        as_of=on(as_of),
        standing=standing,
        withdrawn=tuple(withdrawn),
        daily={("USD", EC2): daily, ("USD", TOTAL): whole},
        landed=frozenset(daily),
    )


def incidents(*standing: Spike, **about: Any) -> tuple[GradedIncident, ...]:
    """Return the incidents of spikes."""
    return fold_known(known(*standing, **about), SETTINGS, GRADES)
