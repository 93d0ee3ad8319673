"""Judge a day, store the verdict, and say which messages have to be seen through."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.spike_tables import Verdict
from costspike.domain.deliveries import Delivery, plan_deliveries
from costspike.domain.detection import detect
from costspike.domain.incidents import NotifyReason
from costspike.domain.lifecycle import Decision, decide
from costspike.domain.occasions import Occasion
from costspike.domain.quiet import expired_mutes, quiet_spikes
from costspike.domain.reading import restated_since
from costspike.rendering.amounts import money

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.notices import Notice
    from costspike.domain.runs import Run
    from costspike.domain.spikes import Scope, Spike
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
# What a detector looks back at: thirteen months, for what comes once a month or once a year.
_LOOK_BACK = timedelta(days=400)
# Airflow maps at most 1,024 instances of a task; what is beyond is still in the outbox for the next run.
_MOST_NOTES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is to happen with the spikes of one day."""

    explain: bool
    alert: bool


def detect_spikes(
    run: Run, settings: Settings, tables: CostTables, spikes: SpikeTables, restated_days: Iterable[date] = ()
) -> list[dict[str, Any]]:
    """Judge the cost day, the days that were restated and those that had no run; return the mapped items.

    Days are judged oldest first; items come with the largest impact first.

    An item is small plain data: ``message_key``, ``spike_ids``, ``label``, ``explain`` and ``alert``. At most
    ``alerts.max_items`` spikes have an item each, the rest share a digest. Items depend on the warehouse only,
    so that a rerun gives the same ones in the same order.
    """
    missed = _missed_days(run, settings, spikes)
    days = sorted({run.cost_day, *missed, *(day for day in restated_days if day < run.cost_day)})
    rows = tables.usage(days[0] - _LOOK_BACK, days[-1] + _DAY)
    verdicts = [_verdict(rows, day, settings) for day in days]
    _say_expired(run, settings)
    for spike in (spike for verdict in verdicts for spike in verdict.spikes):
        log.info("Spike %s: %s on %s, %s", spike.spike_id, _label(spike), spike.day, spike.detector)
    log.info("Judged %s: %s spikes.", ", ".join(map(str, days)), sum(len(one.spikes) for one in verdicts))
    if run.dry_run:
        return []
    decision = _store(run, settings, spikes, verdicts)
    found = {spike.spike_id: spike for verdict in verdicts for spike in verdict.spikes}
    return [*_first_items(run, settings, spikes, found, decision), *_note_items(run, settings, spikes)]


def _missed_days(run: Run, settings: Settings, spikes: SpikeTables) -> list[date]:
    """Return the days before the cost day that were landed and never judged: the scheduler was down.

    As far back as amounts can still change; the days of a backfill are those that were asked for.
    """
    if run.is_backfill or run.dry_run:
        return []
    since = restated_since(run.cost_day + _DAY, settings.reading)
    missed = spikes.unjudged_days(since, run.cost_day)
    if missed:
        log.info("Days that had no run of their own are judged too: %s.", ", ".join(map(str, missed)))
    return missed


def policy(run: Run, settings: Settings, day: date) -> Policy:
    """Return what happens with the spikes of a day: old ones are only stored, unless they were asked for."""
    if run.dry_run:
        return Policy(explain=False, alert=False)
    asked = day == run.cost_day and not run.is_backfill
    young = run.age_of(day) <= timedelta(days=settings.alerts.max_age_days)
    return Policy(
        explain=settings.explain.enabled and (asked or young or settings.explain.in_backfill),
        alert=asked or young or settings.alerts.in_backfill,
    )


def _verdict(rows: Any, day: date, settings: Settings) -> Verdict:
    """Return the spikes of a day, and those of them that nobody is to be told of."""
    found = _judge(rows, day, settings)
    quiet = quiet_spikes(found, settings.calendar, settings.alerts.plan_margin_percent)
    for one in quiet:
        log.info(
            "Spike %s is %s until %s (%s: %s; %s) and not told.",
            one.spike_id,
            one.kind,
            one.until,
            one.owner,
            one.reason,
            one.scope,
        )
    return Verdict(day=day, spikes=found, quiet=quiet)


def _say_expired(run: Run, settings: Settings) -> None:
    ended = [f"{mute.scope.text} ({mute.until})" for mute in expired_mutes(settings.calendar, run.cost_day)]
    if ended:
        log.warning("Mutes that have ended, and can be removed from the file: %s.", "; ".join(ended))


def _judge(rows: Any, day: date, settings: Settings) -> list[Spike]:
    """Return the spikes of a day in every currency, largest impact first."""
    found: list[Spike] = []
    for currency in sorted(rows["billing_currency"].unique()):
        own = rows[rows["billing_currency"] == currency]
        found += detect(own, day, settings.detection, billing_currency=currency)
    return sorted(found, key=lambda spike: (-spike.impact, spike.spike_id))


def _store(run: Run, settings: Settings, spikes: SpikeTables, verdicts: Sequence[Verdict]) -> Decision:
    """Store the verdicts, and with them the incidents and the messages that they call for."""
    told = [verdict for verdict in verdicts if policy(run, settings, verdict.day).alert]
    occasion = Occasion(
        day=run.cost_day,
        tellable=frozenset(spike.spike_id for verdict in told for spike in verdict.spikes),
        notes=policy(run, settings, run.cost_day).alert,
    )
    return spikes.store(
        verdicts,
        lambda known, outbox: decide(
            known,
            outbox,
            occasion,
            settings.incidents,
            settings.severity,
            environments=settings.organisation.environments,
        ),
        settings=settings.incidents,
        channel=settings.alerts.channel,
        detected_at=run.now,
        run_id=run.run_id,
    )


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
    wanted = [
        (alert.spike_id, alert.message_key) for alert in stored if not alert.sent or alert.day == run.cost_day
    ]
    wanted += [
        (spike.spike_id, "")
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
                label=many if delivery.is_digest else _label(first),
                explain=settings.explain.enabled and not delivery.is_digest,
                alert=not outbox.isdisjoint(delivery.spike_ids),
            )
        )
    return items


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
        if not alert.sent or alert.day == run.cost_day
    ][:_MOST_NOTES]


def _redelivered_since(run: Run, settings: Settings) -> date:
    """Return the first day whose undelivered messages this run sees through; a backfill only does its own."""
    return run.cost_day if run.is_backfill else run.cost_day - _DAY * settings.alerts.redeliver_days


def _item(delivery: Delivery, *, label: str, explain: bool, alert: bool) -> dict[str, Any]:
    return {
        "message_key": delivery.message_key,
        "spike_ids": list(delivery.spike_ids),
        "label": label,
        "explain": explain,
        "alert": alert,
    }


def _label(spike: Spike | None) -> str:
    """Return what the grid shows for a mapped task: plain, short, and only ever shown as text."""
    if spike is None:
        return "withdrawn"
    return f"{_where(spike.scope)} {money(spike.impact, spike.billing_currency, sign=True)}"


def _note_label(notice: Notice) -> str:
    impact = money(notice.impact, notice.billing_currency, sign=True)
    return f"{notice.reason.value}: {_where(notice.scope)} {impact}"


def _where(scope: Scope) -> str:
    return (" ".join(name for name in (scope.account_id, scope.service) if name) or "all services")[:80]
