"""Make the message of one or more spikes from what the warehouse knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from costspike.domain.dashboard import dashboard_url
from costspike.domain.explanation import Explained
from costspike.domain.facts import facts_hash
from costspike.domain.incident_changes import NotifyReason
from costspike.domain.notices import is_note
from costspike.domain.spikes import Scope
from costspike.rendering.alert import Alert
from costspike.rendering.alert_message import alert_message, details_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.links import Link, airflow_links, cost_explorer_url
from costspike.rendering.note_message import note_message
from costspike.rendering.short_message import folded_message
from costspike.rendering.status import with_status
from costspike.usecases.destinations import destination_of
from costspike.usecases.spike_case import SpikeCase, load_case

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.deliveries import Delivery
    from costspike.domain.notices import Notice
    from costspike.domain.spikes import Spike
    from costspike.rendering.message import FoldedMessage, Message
    from costspike.settings import Settings

_SHOWN_DAYS = 20
_LINKED = timedelta(days=14)
_NAMED = timedelta(days=60)
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
) -> Message | FoldedMessage | None:
    """Return the message of a delivery, None if the newest verdict holds none of its spikes.

    A first notification of an incident that is older than its spike says how the incident stands.
    """
    if is_note(delivery.message_key):
        return _note(delivery, settings, sources)
    cases = [load_case(spike_id, settings, sources.tables, sources.spikes) for spike_id in spike_ids]
    alerts = [_alert(case, settings, sources, alone=not delivery.is_digest) for case in cases if case]
    if not alerts:
        return None
    if delivery.is_digest:
        links = (*_dashboard(Scope(), settings), *airflow_links(sources.run_url))
        return digest_message(alerts, day=day, message_key=delivery.message_key, links=links)
    notice = sources.spikes.notice(delivery.message_key)
    if alerts[0].explained.severity <= settings.alerts.least_full_severity:
        return _with_status(alert_message(alerts[0], message_key=delivery.message_key), notice)
    folded = folded_message(alerts[0], message_key=delivery.message_key)
    return replace(folded, short=_with_status(folded.short, notice), full=_with_status(folded.full, notice))


def _with_status(message: Message, notice: Notice | None) -> Message:
    """Return a first message that says how its incident stands, where that is not over the day."""
    first = replace(notice, reason=NotifyReason.FIRST_NOTIFICATION) if notice else None
    return with_status(message, first) if first and first.raised_days > 1 else message


def _note(delivery: Delivery, settings: Settings, sources: Sources) -> Message | None:
    """Return what goes on with an incident; its numbers are those of the notice, as it was decided."""
    notice = sources.spikes.notice(delivery.message_key)
    if notice is None:
        return None
    if notice.reason is NotifyReason.DETAILS:
        return _details(notice, settings, sources)
    names = sources.tables.account_names(notice.last_day - _NAMED)
    start, end = notice.first_day - _LINKED, notice.last_day + _DAY
    explained, worst, mentions = None, None, tuple[str, ...]()
    if notice.reason is NotifyReason.SEVERITY_ROSE:
        mentions = destination_of(notice.scope, notice.severity, settings).mentions
        case = load_case(notice.spike_id, settings, sources.tables, sources.spikes)
        if case:
            worst = case.spike
            explained = sources.explanations.explained(notice.spike_id, facts_hash(case.facts), case.severity)
    return note_message(
        notice,
        account_name=_name(names, notice.scope.account_id),
        explained=explained,
        worst=worst,
        links=_links(notice.scope, start, end, settings, sources),
        mentions=mentions,
    )


def _details(notice: Notice, settings: Settings, sources: Sources) -> Message | None:
    """Return what a first message left for its thread."""
    case = load_case(notice.spike_id, settings, sources.tables, sources.spikes)
    if case is None:
        return None
    alert = _alert(case, settings, sources, alone=True)
    return _with_status(details_message(alert, message_key=notice.alert_id), notice)


def _alert(case: SpikeCase, settings: Settings, sources: Sources, *, alone: bool) -> Alert:
    spike = case.spike
    explained = sources.explanations.explained(spike.spike_id, facts_hash(case.facts), case.severity)
    if explained is not None:  # what the case itself holds is shown in parts of its own
        explained = replace(explained, evidence=explained.evidence[len(case.facts) :])
    notice = sources.spikes.notice(spike.spike_id)
    start, end = spike.day - _LINKED, spike.day + _DAY
    return Alert(
        spike=spike,
        explained=explained or _unexplained(case, settings, alone=alone),
        account_name=_name(case.account_names, spike.scope.account_id),
        history=case.history[-_SHOWN_DAYS:],
        links=_links(spike.scope, start, end, settings, sources),
        estimated=case.estimated,
        related=_related(spike, notice, sources),
        mentions=destination_of(
            notice.scope if notice else spike.scope, notice.severity if notice else case.severity, settings
        ).mentions,
        first_day=notice.first_day if notice else None,
        raised_days=notice.raised_days if notice else 1,
    )


def _links(scope: Scope, start: date, end: date, settings: Settings, sources: Sources) -> tuple[Link, ...]:
    """Return where to look further: the bill of [start, end), the reader's own dashboard, the run."""
    bill = Link(label="Cost Explorer", url=cost_explorer_url(scope, start, end, amortized=True))
    return (bill, *_dashboard(scope, settings), *airflow_links(sources.run_url))


def _dashboard(scope: Scope, settings: Settings) -> tuple[Link, ...]:
    url = dashboard_url(settings.alerts.dashboard_url, scope)
    return (Link(label="Dashboard", url=url),) if url else ()


def _related(spike: Spike, notice: Notice | None, sources: Sources) -> tuple[Spike, ...]:
    """Return the other spikes of the same incident and day, which have no message of their own."""
    same_day = sources.spikes.spikes_of(spike.day) if notice else []
    mine = set(notice.spike_ids if notice else ()) - {spike.spike_id}
    return tuple(one for one in same_day if one.spike_id in mine)


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
