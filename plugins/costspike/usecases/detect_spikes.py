"""Judge a day, store the verdict, and say which messages have to be seen through."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from costspike.domain.deliveries import plan_deliveries
from costspike.domain.detection import detect
from costspike.domain.reading import restated_since
from costspike.rendering.amounts import money

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.runs import Run
    from costspike.domain.spikes import Spike
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
# What a detector looks back at: thirteen months, for what comes once a month or once a year.
_LOOK_BACK = timedelta(days=400)


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
    found: dict[str, Spike] = {}
    for day in days:
        for spike in _store(run, settings, spikes, day, _judge(rows, day, settings)):
            found[spike.spike_id] = spike
    log.info("Judged %s: %s spikes.", ", ".join(map(str, days)), len(found))
    items = _items(run, settings, spikes, found)
    return [item for item in items if item["explain"] or item["alert"]]


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


def _judge(rows: Any, day: date, settings: Settings) -> list[Spike]:
    """Return the spikes of a day in every currency, largest impact first."""
    found: list[Spike] = []
    for currency in sorted(rows["billing_currency"].unique()):
        own = rows[rows["billing_currency"] == currency]
        found += detect(own, day, settings.detection, billing_currency=currency)
    return sorted(found, key=lambda spike: (-spike.impact, spike.spike_id))


def _store(run: Run, settings: Settings, spikes: SpikeTables, day: date, found: list[Spike]) -> list[Spike]:
    for spike in found:
        log.info("Spike %s: %s on %s, %s", spike.spike_id, _label(spike), day, spike.detector)
    if not run.dry_run:
        spikes.replace_day(
            day,
            found,
            alert=policy(run, settings, day).alert,
            channel=settings.alerts.channel,
            detected_at=run.now,
            run_id=run.run_id,
        )
    return found


def _items(
    run: Run, settings: Settings, spikes: SpikeTables, found: dict[str, Spike]
) -> list[dict[str, Any]]:
    """Return the messages of the day's spikes, and those that an earlier run could not deliver."""
    since = run.cost_day if run.is_backfill else run.cost_day - _DAY * settings.alerts.redeliver_days
    oldest = min([since, *(spike.day for spike in found.values())])
    stored = [] if run.dry_run else spikes.alerts(oldest, run.cost_day)
    stored = [alert for alert in stored if alert.day >= since or alert.spike_id in found]
    wanted = [
        (alert.spike_id, alert.message_key) for alert in stored if not alert.sent or alert.day == run.cost_day
    ]
    outbox = {alert.spike_id for alert in stored}
    wanted += [(spike_id, "") for spike_id in found if spike_id not in outbox]
    items = []
    for delivery in plan_deliveries(wanted, settings.alerts.max_items):
        first = found.get(delivery.spike_ids[0]) or spikes.spike(delivery.spike_ids[0])
        alert = not outbox.isdisjoint(delivery.spike_ids)
        explain = settings.explain.enabled and (alert or (first and policy(run, settings, first.day).explain))
        items.append(
            {
                "message_key": delivery.message_key,
                "spike_ids": list(delivery.spike_ids),
                "label": f"{len(delivery.spike_ids)} more spikes" if delivery.is_digest else _label(first),
                "explain": bool(explain) and not delivery.is_digest,
                "alert": alert,
            }
        )
    return items


def _label(spike: Spike | None) -> str:
    """Return what the grid shows for a mapped task: plain, short, and only ever shown as text."""
    if spike is None:
        return "withdrawn"
    where = " ".join(name for name in (spike.scope.account_id, spike.scope.service) if name) or "all services"
    return f"{where[:80]} {money(spike.impact, spike.billing_currency, sign=True)}"
