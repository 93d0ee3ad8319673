"""The messages that a run has to see through, as the plain data that mapped tasks are given."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from costspike.domain.deliveries import WAITS_FOR_DIGEST, Delivery, Wanted, digest_day, plan_deliveries
from costspike.domain.incidents import NotifyReason
from costspike.rendering.amounts import money
from costspike.usecases.day_policy import policy

if TYPE_CHECKING:
    from costspike.adapters.warehouse.spike_tables import SpikeTables, StoredAlert
    from costspike.domain.lifecycle import Decision
    from costspike.domain.notices import Notice
    from costspike.domain.runs import Run
    from costspike.domain.spikes import Scope, Spike
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
# What waits for the digest of the week is found again even where a whole week had no run.
_DIGEST_DAYS = 21
# Airflow maps at most 1,024 instances of a task; what is beyond is still in the outbox for the next run.
_MOST_NOTES = 500


def message_items(
    run: Run, settings: Settings, spikes: SpikeTables, found: Mapping[str, Spike], decision: Decision
) -> list[dict[str, Any]]:
    """Return first notifications, the largest first, and then what goes on with incidents.

    ``found`` are the spikes that were judged just now, by id.
    """
    return [*_first_items(run, settings, spikes, found, decision), *_note_items(run, settings, spikes)]


def _first_items(
    run: Run, settings: Settings, spikes: SpikeTables, found: Mapping[str, Spike], decision: Decision
) -> list[dict[str, Any]]:
    """Return the first notifications of the day, and those that an earlier run could not deliver.

    Beside them, where old spikes of a backfill are to be explained, one spike of each incident that nobody
    is told of: the largest of its first day.
    """
    since = _redelivered_since(run, settings)
    oldest = min([since, *(spike.day for spike in found.values())])
    stored = [alert for alert in spikes.alerts(oldest, run.cost_day) if alert.is_first]
    stored = [alert for alert in stored if alert.day >= since or alert.spike_id in found]
    outbox = {alert.spike_id for alert in stored}
    _note_waiting(stored, run, settings, spikes)
    wanted = [
        Wanted(
            spike_id=alert.spike_id,
            message_key=alert.message_key,
            channel=alert.channel,
            is_minor=_is_minor(alert, settings),
        )
        for alert in stored
        if (not alert.sent or alert.day == run.cost_day) and _is_due(alert, run, settings)
    ]
    wanted += [
        Wanted(spike_id=spike.spike_id)
        for spike in _leads(decision)
        if spike.spike_id in found and policy(run, settings, spike.day).explain
    ]
    items = []
    for delivery in plan_deliveries(wanted, settings.alerts.max_items):
        first = found.get(delivery.spike_ids[0]) or spikes.spike(delivery.spike_ids[0])
        many = f"{len(delivery.spike_ids)} more spikes"
        items.append(
            _item(
                delivery,
                label=many if delivery.is_digest else spike_label(first),
                explain=settings.explain.enabled and not delivery.is_digest,
                alert=not outbox.isdisjoint(delivery.spike_ids),
            )
        )
    return items


def _is_minor(alert: StoredAlert, settings: Settings) -> bool:
    """Tell whether an alert is not severe enough for a message of its own."""
    return alert.notice.severity > settings.alerts.least_own_severity


def _is_due(alert: StoredAlert, run: Run, settings: Settings) -> bool:
    """Tell whether an alert is to go out by now: what is minor may wait for the digest of the week.

    What was claimed may have arrived, and is seen through; a backfill that is to alert does so at once.
    """
    weekday = settings.alerts.weekly_digest
    if not weekday or alert.message_key or run.is_backfill or not _is_minor(alert, settings):
        return True
    return run.now.date() >= digest_day(alert.created_at.date(), weekday)


def _note_waiting(stored: Iterable[StoredAlert], run: Run, settings: Settings, spikes: SpikeTables) -> None:
    """Keep of what is not due that it waits: else it would count as undelivered, as what is due does."""
    unsent = [alert for alert in stored if not alert.sent]
    due = [alert.alert_id for alert in unsent if _is_due(alert, run, settings)]
    waiting = [alert.alert_id for alert in unsent if alert.alert_id not in due]
    if waiting:
        log.info("%s alerts wait for the digest of %s.", len(waiting), settings.alerts.weekly_digest)
    if unsent:
        spikes.keep_waiting(waiting, due, problem=WAITS_FOR_DIGEST)


def _leads(decision: Decision) -> list[Spike]:
    """Return of each incident that nobody is told of the largest spike of its first day, the largest first."""
    leads = []
    for one in decision.silent:
        began = [spike for spike in one.incident.spikes if spike.day == one.incident.first_day]
        leads += sorted(began, key=lambda spike: (-spike.impact, spike.spike_id))[:1]
    return sorted(leads, key=lambda spike: (-spike.impact, spike.spike_id))


def _note_items(run: Run, settings: Settings, spikes: SpikeTables) -> list[dict[str, Any]]:
    """Return what goes on with incidents that were told before; Claude is asked again only of a worse grade."""
    stored = spikes.alerts(_redelivered_since(run, settings), run.cost_day)
    notes = [alert for alert in stored if not alert.is_first]
    return [
        _item(
            Delivery(message_key=alert.alert_id, spike_ids=(alert.spike_id,)),
            label=_note_label(alert.notice),
            explain=settings.explain.enabled and alert.notice.reason is NotifyReason.SEVERITY_ROSE,
            alert=True,
        )
        for alert in notes
        if not alert.sent or (alert.day == run.cost_day and alert.notice.reason is not NotifyReason.DETAILS)
    ][:_MOST_NOTES]


def _redelivered_since(run: Run, settings: Settings) -> date:
    """Return the first day whose undelivered messages this run sees through; a backfill only does its own."""
    if run.is_backfill:
        return run.cost_day
    own = settings.alerts
    waits = _DIGEST_DAYS if own.weekly_digest else 0
    return run.cost_day - _DAY * max(own.redeliver_days, waits)


def _item(delivery: Delivery, *, label: str, explain: bool, alert: bool) -> dict[str, Any]:
    return {
        "message_key": delivery.message_key,
        "spike_ids": list(delivery.spike_ids),
        "label": label,
        "explain": explain,
        "alert": alert,
    }


def spike_label(spike: Spike | None) -> str:
    """Return what the grid shows for a mapped task: plain, short, and only ever shown as text."""
    if spike is None:
        return "withdrawn"
    return f"{_where(spike.scope)} {money(spike.impact, spike.billing_currency, sign=True)}"


def _note_label(notice: Notice) -> str:
    impact = money(notice.impact, notice.billing_currency, sign=True)
    return f"{notice.reason.value}: {_where(notice.scope)} {impact}"


def _where(scope: Scope) -> str:
    return (" ".join(name for name in (scope.account_id, scope.service) if name) or "all services")[:80]
