"""Everything that is known of one spike, as the explanation and the alert both need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from costspike.domain.facts import Circumstances, Fact, fact_sheet
from costspike.domain.incident_history import IncidentHistory, incident_history
from costspike.domain.severity import Signals, severity, severity_reason
from costspike.domain.spikes import Scope

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.grades import Severity
    from costspike.domain.spikes import Spike
    from costspike.settings import Settings

# How far back earlier incidents of the same scope are looked for.
PAST = timedelta(days=365)

_HISTORY = timedelta(days=36)
_TYPICAL = timedelta(days=28)
_ACCOUNTS = timedelta(days=60)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpikeCase:
    """A spike with its history, its facts and its grade; a history ends with the spike's day.

    ``long_history`` reaches five weeks further back than the first incident that is looked at.
    """

    spike: Spike
    severity: Severity
    facts: tuple[Fact, ...]
    history: tuple[tuple[date, Decimal], ...]
    long_history: tuple[tuple[date, Decimal], ...]
    incidents: IncidentHistory
    account_names: Mapping[str, str]
    estimated: bool


def load_case(spike_id: str, settings: Settings, tables: CostTables, spikes: SpikeTables) -> SpikeCase | None:
    """Return the case of a spike, None if the newest verdict of its day does not hold it any more."""
    spike = spikes.spike(spike_id)
    if spike is None:
        return None
    end = spike.day + _DAY
    long = tables.scope_days(spike.day - PAST - _HISTORY, end, spike.scope, spike.billing_currency)
    history = [(day, cost) for day, cost in long if day >= spike.day - _HISTORY]
    organisation = tables.scope_days(spike.day - _TYPICAL, spike.day, Scope(), spike.billing_currency)
    typical = median([cost for _, cost in organisation]) if organisation else Decimal(0)
    landed = tables.landed_days()
    state = landed.get(spike.day)
    estimated = state is None or state.estimated
    names = tables.account_names(spike.day - _ACCOUNTS)
    incidents = incident_history(spike, spikes.earlier(spike, spike.day - PAST), dict(long), landed)
    signals = Signals(
        environment=settings.organisation.environments.get(spike.scope.account_id, ""),
        days=incidents.days,
        new_regions=tables.new_regions(spike),
    )
    grade = severity(spike, typical, settings.severity, signals)
    around = Circumstances(
        history=history,
        account_names=names,
        organisation=settings.organisation,
        organisation_typical_cost=typical,
        provisional=estimated,
        severity=grade,
        severity_reason=severity_reason(spike, typical, settings.severity, signals),
    )
    return SpikeCase(
        spike=spike,
        severity=grade,
        facts=fact_sheet(spike, around),
        history=tuple(history),
        long_history=tuple(long),
        incidents=incidents,
        account_names=names,
        estimated=estimated,
    )
