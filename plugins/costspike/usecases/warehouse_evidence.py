"""The sources of evidence that need nothing but the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from costspike.domain.evidence import effect_split, month_projection, new_resources, past_incidents
from costspike.domain.spikes import Scope
from costspike.usecases.gather_evidence import EvidenceSource
from costspike.usecases.spike_case import PAST

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.evidence import EvidenceTables
    from costspike.domain.evidence.new_resources import Kind
    from costspike.domain.evidence.records import Evidence
    from costspike.usecases.spike_case import SpikeCase

Said: TypeAlias = "Mapping[str, Evidence]"

_DAY = timedelta(days=1)
_REFERENCE = timedelta(days=effect_split.REFERENCE_DAYS)


def warehouse_sources(costs: CostTables, tables: EvidenceTables) -> tuple[EvidenceSource, ...]:
    """Return the sources in the order in which their rows are numbered."""

    def split(case: SpikeCase, _: Said) -> Evidence:
        expected = {
            (part.account_id, part.service, part.usage_type, part.region): part.before
            for part in case.spike.contributors
            if part.usage_type
        }
        series = tables.series(case.spike, case.spike.day - _REFERENCE) if expected else []
        return effect_split.effect_split(expected, series, case.spike.impact)

    def new(case: SpikeCase, _: Said) -> Evidence:
        scope = case.spike.scope
        fixed: set[Kind] = set()
        if scope.account_id:
            fixed.add("account_id")
        if scope.service:
            fixed.add("service")
        uses, days = tables.first_uses(case.spike), tables.named_days(case.spike.day)
        return new_resources.new_resources(uses, case.spike.day, days, frozenset(fixed))

    def past(case: SpikeCase, _: Said) -> Evidence:
        since = case.spike.day - PAST
        if not case.incidents.past:
            return past_incidents.past_incidents((), {}, {}, since)
        causes, said = tables.causes(case.spike, since), tables.verdicts(case.spike, since)
        return past_incidents.past_incidents(case.incidents.past, causes, said, since)

    def month(case: SpikeCase, _: Said) -> Evidence:
        day = case.spike.day
        parts = {"this part of the bill": dict(case.long_history)}
        if case.spike.scope != Scope():
            start = day - month_projection.LOOK_BACK
            whole = costs.scope_days(start, day + _DAY, Scope(), case.spike.billing_currency)
            parts["the whole bill"] = dict(whole)
        return month_projection.month_projection(day, parts, case.incidents.impacts)

    return (
        EvidenceSource(name=effect_split.SOURCE, title=effect_split.TITLE, collect=split),
        EvidenceSource(name=new_resources.SOURCE, title=new_resources.TITLE, collect=new),
        EvidenceSource(name=past_incidents.SOURCE, title=past_incidents.TITLE, collect=past),
        EvidenceSource(name=month_projection.SOURCE, title=month_projection.TITLE, collect=month),
    )
