"""Say once a day that the pipeline is well, or that it is not: silence must never read as "all is well"."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from costspike.domain.deliveries import Delivery
from costspike.domain.errors import CostspikeError, UpstreamError
from costspike.domain.health import (
    HEARTBEAT,
    PIPELINE_FAILED,
    Failure,
    Freshness,
    Health,
    Reason,
    first_line,
    freshness,
    is_due,
    is_said_in_alerts,
    message_key,
    must_be_fresh,
)
from costspike.rendering.health_message import failure_message, heartbeat_message
from costspike.usecases.send_alert import send_alert

if TYPE_CHECKING:
    from costspike.adapters.warehouse.health import HealthTables
    from costspike.domain.runs import Run
    from costspike.rendering.message import Message
    from costspike.settings import Settings
    from costspike.usecases.sender import Sender, Sending

log = logging.getLogger(__name__)

_WINDOW = timedelta(days=35)
_SPENT = timedelta(hours=24)
_LOOK_BACK = timedelta(days=5)
_THIS_TASK = "report_health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What reporting needs. Tables and outbox are asked for late: the warehouse may be what is broken.

    ``failures`` are the run's failed tasks in the order of the DAG, ``reconciled`` whether its check held.
    """

    tables: Callable[[], HealthTables]
    sending: Callable[[], Sending]
    sender: Sender | None
    failures: Sequence[Failure]
    reconciled: bool
    last_try: bool
    run_url: str = ""


def report_health(run: Run, settings: Settings, reporting: Reporting) -> dict[str, Any]:
    """Return ``state``: ``not_asked``, or what became of the one message about the cost day.

    ``said_in_alerts``: only explanations are missing, and each alert without one says why.

    Raises:
        UpstreamError: Slack did not take it; the next try goes on where this one ended.
    """
    failure_due = settings.alerts.failure_notice and _is_due(PIPELINE_FAILED, run, settings)
    heartbeat_due = settings.alerts.heartbeat and _is_due(HEARTBEAT, run, settings)
    if run.dry_run or not (failure_due or heartbeat_due):
        return {"state": "not_asked"}
    try:
        tables = reporting.tables()
        fresh = freshness(tables.read_days(run.now.date() - _WINDOW), run.now)
    except Exception as error:
        if not (failure_due and (reporting.failures or reporting.last_try)):
            raise
        log.warning("The warehouse cannot be asked: %s", type(error).__name__)
        told = _without_warehouse(run, settings, reporting, error)
        if reporting.failures:
            return told
        raise
    stale = fresh.is_stale(timedelta(hours=settings.alerts.max_data_age_hours))
    expected = must_be_fresh(age=run.age_of(run.cost_day), is_scheduled=run.run_type == "scheduled")
    if is_said_in_alerts(reporting.failures) and not (stale and expected):
        return {"state": "said_in_alerts"}
    if failure_due and (reporting.failures or (stale and expected)):
        return _failure(run, settings, reporting, fresh)
    if reporting.failures or stale or not heartbeat_due:
        return {"state": "not_asked"}
    key = message_key(HEARTBEAT, run.cost_day)
    health = _health(run, settings, reporting, tables, fresh)
    return _send(run, settings, reporting, HEARTBEAT, heartbeat_message(health, message_key=key))


def _is_due(reason: Reason, run: Run, settings: Settings) -> bool:
    return is_due(
        reason,
        age=run.age_of(run.cost_day),
        is_backfill=run.is_backfill,
        max_age_days=settings.alerts.max_age_days,
    )


def _health(
    run: Run, settings: Settings, reporting: Reporting, tables: HealthTables, fresh: Freshness
) -> Health:
    figures = tables.figures(
        alerts_since=run.cost_day - timedelta(days=settings.alerts.redeliver_days),
        spent_since=run.now - _SPENT,
    )
    return Health(freshness=fresh, reconciled=reporting.reconciled, **asdict(figures))


def _failure(run: Run, settings: Settings, reporting: Reporting, fresh: Freshness) -> dict[str, Any]:
    """Send the notice, unless it went out before without the outbox, when the warehouse could not be asked."""
    message = _notice(run, reporting, reporting.failures, fresh)
    if found := _is_there(run, settings, reporting):
        return found
    return _send(run, settings, reporting, PIPELINE_FAILED, message)


def _send(
    run: Run, settings: Settings, reporting: Reporting, reason: Reason, message: Message
) -> dict[str, Any]:
    key = message_key(reason, run.cost_day)
    reporting.tables().announce(key, reason, day=run.cost_day, channel=_channel(settings), now=run.now)
    delivery = Delivery(message_key=key, spike_ids=(key,))
    told = send_alert(run, settings, delivery, lambda _, __: message, reporting.sending())
    if told["state"] == "withdrawn":
        # Somebody has cleaned the outbox by hand: what is not there was not sent.
        msg = f"the message {key} is not in the outbox any more; the next try puts it there again"
        raise UpstreamError(msg, system="the warehouse", reason="unavailable", retryable=True)
    return told


def _without_warehouse(
    run: Run, settings: Settings, reporting: Reporting, error: Exception
) -> dict[str, Any]:
    """Send the notice without the outbox; the channel's history is what tells whether it went out before."""
    told = str(error) if isinstance(error, CostspikeError) else f"{type(error).__name__}: {error}"
    failures = reporting.failures or [Failure(task=_THIS_TASK, error=first_line(told))]
    if reporting.sender is None:
        log.error("Nobody can be told: there is neither a warehouse nor a Slack connection.")
        return {"state": "not_sent"}
    if found := _is_there(run, settings, reporting):
        return found
    posted = reporting.sender.post(_channel(settings), _notice(run, reporting, failures, None))
    return {"state": "sent", "channel": posted.channel, "ts": posted.ts}


def _is_there(run: Run, settings: Settings, reporting: Reporting) -> dict[str, Any] | None:
    """Return where the day's notice is, None if it is not in the channel or that cannot be found out."""
    sender, key = reporting.sender, message_key(PIPELINE_FAILED, run.cost_day)
    if sender is None or not sender.can_find:
        return None
    try:
        found = sender.find(_channel(settings), key, run.now - _LOOK_BACK)
    except UpstreamError as error:
        if error.retryable and not reporting.last_try:
            raise
        log.warning("Whether the notice is there already cannot be found out: %s", error)
        return None
    return {"state": "already_sent", "channel": found.channel, "ts": found.ts} if found else None


def _notice(run: Run, reporting: Reporting, failures: Sequence[Failure], fresh: Freshness | None) -> Message:
    key = message_key(PIPELINE_FAILED, run.cost_day)
    return failure_message(failures, fresh, day=run.cost_day, message_key=key, run_url=reporting.run_url)


def _channel(settings: Settings) -> str:
    return settings.alerts.heartbeat_channel or settings.alerts.channel
