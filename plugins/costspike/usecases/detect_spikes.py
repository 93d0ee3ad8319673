"""Judge a day, store the verdict, and say which messages have to be seen through."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.spike_tables import Verdict
from costspike.domain.baseline import LOOKBACK_DAYS
from costspike.domain.cost_table import HISTORY_DAYS
from costspike.domain.detection import detect
from costspike.domain.lifecycle import Decision, decide
from costspike.domain.occasions import Occasion
from costspike.domain.quiet import expired_mutes, quiet_spikes
from costspike.domain.reading import restated_since
from costspike.usecases.day_policy import policy
from costspike.usecases.destinations import destination_of
from costspike.usecases.message_items import message_items, spike_label

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.runs import Run
    from costspike.domain.spikes import Spike
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)


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
    verdicts = [_verdict(rows, day, settings) for day, rows in tables.judged_usage(days, settings.detection)]
    _say_expired(run, settings)
    for spike in (spike for verdict in verdicts for spike in verdict.spikes):
        log.info("Spike %s: %s on %s, %s", spike.spike_id, spike_label(spike), spike.day, spike.detector)
    _say_too_early(days, settings, tables)
    log.info("Judged %s: %s spikes.", ", ".join(map(str, days)), sum(len(one.spikes) for one in verdicts))
    if run.dry_run:
        return []
    decision = _store(run, settings, spikes, verdicts)
    found = {spike.spike_id: spike for verdict in verdicts for spike in verdict.spikes}
    return message_items(run, settings, spikes, found, decision)


def _missed_days(run: Run, settings: Settings, spikes: SpikeTables) -> list[date]:
    """Return the days before the cost day that were landed and never judged: the scheduler was down.

    As far back as amounts can still change; the days of a backfill are those that were asked for. With them
    come days that were restated since they were judged: the run that read that failed, or was killed.
    """
    if run.is_backfill or run.dry_run:
        return []
    since = restated_since(run.cost_day + _DAY, settings.reading)
    missed = spikes.unjudged_days(since, run.cost_day, restated_start=run.cost_day - HISTORY_DAYS * _DAY)
    if missed:
        log.info(
            "Days without a verdict of their newest costs are judged too: %s.", ", ".join(map(str, missed))
        )
    return missed


def _verdict(rows: Mapping[str, Any], day: date, settings: Settings) -> Verdict:
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


def _judge(rows: Mapping[str, Any], day: date, settings: Settings) -> list[Spike]:
    """Return the spikes of a day in every currency, largest impact first."""
    found: list[Spike] = []
    for currency, own in rows.items():
        found += detect(own, day, settings.detection, billing_currency=currency)
    return sorted(found, key=lambda spike: (-spike.impact, spike.spike_id))


def _store(run: Run, settings: Settings, spikes: SpikeTables, verdicts: Sequence[Verdict]) -> Decision:
    """Store the verdicts, and with them the incidents and the messages that they call for."""
    told = [verdict for verdict in verdicts if policy(run, settings, verdict.day).alert]
    occasion = Occasion(
        day=run.cost_day,
        tellable=frozenset(spike.spike_id for verdict in told for spike in verdict.spikes),
        notes=policy(run, settings, run.cost_day).alert,
        mutes=tuple(mute.scope for mute in settings.calendar.mutes if mute.until >= run.cost_day),
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
        route=lambda notice: destination_of(notice.scope, notice.severity, settings).channel,
        detected_at=run.now,
        run_id=run.run_id,
    )


def _say_too_early(days: Iterable[date], settings: Settings, tables: CostTables) -> None:
    """Say which days have too little history for a verdict: no spike must not read as nothing unusual."""
    landed = [day for day, what in tables.landed_days().items() if what.groups]
    least = settings.detection.min_history_days
    for day in days:
        known = sum(day - LOOKBACK_DAYS * _DAY <= one < day for one in landed)
        if settings.detection.detector == "baseline" and known < least:
            log.warning(
                "%s cannot be judged yet: %s of the %s days before have costs, %s are needed.",
                day,
                known,
                LOOKBACK_DAYS,
                least,
            )
