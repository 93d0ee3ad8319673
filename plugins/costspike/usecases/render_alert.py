"""Make the message of one or more spikes from what the warehouse knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from costspike.domain.explanation import Explained
from costspike.domain.facts import facts_hash
from costspike.rendering.alert import Alert
from costspike.rendering.alert_message import alert_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.links import Link, cost_explorer_url
from costspike.usecases.spike_case import SpikeCase, load_case

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.deliveries import Delivery
    from costspike.rendering.message import Message
    from costspike.settings import Settings

_SHOWN_DAYS = 20
_LINKED = timedelta(days=14)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where an alert's parts come from; ``run_url`` is the page of the Airflow task, empty if unknown."""

    tables: CostTables
    spikes: SpikeTables
    explanations: Explanations
    run_url: str = ""


def render_alert(
    delivery: Delivery, spike_ids: Sequence[str], settings: Settings, sources: Sources, day: date
) -> Message | None:
    """Return the message for spikes, None if the newest verdict holds none of them."""
    cases = [load_case(spike_id, settings, sources.tables, sources.spikes) for spike_id in spike_ids]
    alerts = [_alert(case, settings, sources, alone=not delivery.is_digest) for case in cases if case]
    if not alerts:
        return None
    if delivery.is_digest:
        links = [Link(label="Airflow run", url=sources.run_url)] if sources.run_url else []
        return digest_message(alerts, day=day, message_key=delivery.message_key, links=links)
    return alert_message(alerts[0], message_key=delivery.message_key)


def _alert(case: SpikeCase, settings: Settings, sources: Sources, *, alone: bool) -> Alert:
    spike = case.spike
    explained = sources.explanations.explained(spike.spike_id, facts_hash(case.facts), case.severity)
    start, end = spike.day - _LINKED, spike.day + _DAY
    links = [Link(label="Cost Explorer", url=cost_explorer_url(spike.scope, start, end, amortized=True))]
    if sources.run_url:
        links.append(Link(label="Airflow run", url=sources.run_url))
    return Alert(
        spike=spike,
        explained=explained or _unexplained(case, settings, alone=alone),
        account_name=_name(case.account_names, spike.scope.account_id),
        history=case.history[-_SHOWN_DAYS:],
        links=tuple(links),
        estimated=case.estimated,
    )


def _unexplained(case: SpikeCase, settings: Settings, *, alone: bool) -> Explained:
    if not settings.explain.enabled:
        reason = "explanations are switched off (explain.enabled)"
    elif alone:
        reason = "the explanation was not asked for, or its task died"
    else:
        reason = "spikes of a digest are not explained"
    return Explained(severity=case.severity, explanation=None, reason=reason)


def _name(names: Mapping[str, str], account_id: str) -> str:
    return names.get(account_id, "") or account_id
