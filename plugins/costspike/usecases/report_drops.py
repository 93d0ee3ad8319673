"""Tell of costs that fell, once a day of theirs, when the day is complete."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from costspike.domain.deliveries import Delivery
from costspike.domain.drops import HISTORY_DAYS, SETTLED_DAYS, Drop, detect_drops, settled_day
from costspike.domain.quiet import heard_drops
from costspike.rendering.drops_message import drops_message
from costspike.usecases.send_alert import send_alert

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.drop_tables import DropTables
    from costspike.domain.runs import Run
    from costspike.settings import Settings
    from costspike.usecases.sender import Sending

log = logging.getLogger(__name__)

COSTS_FELL: Final = "costs_fell"
"""In the outbox the reason of these messages, which belong to no incident."""

_DAY = timedelta(days=1)
_NAMES_DAYS = timedelta(days=35)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropping:
    """What telling of drops needs."""

    tables: CostTables
    drops: DropTables
    sending: Sending


def report_drops(run: Run, settings: Settings, dropping: Dropping) -> dict[str, int]:
    """Judge the newest complete day and those of the week before; return how many fell, and how many messages went out.

    Earlier days are judged again: a run may have been missing, and what was restated away is no drop any more.

    Raises:
        UpstreamError: Slack did not take a message, which stays in the outbox for the next try or run.
    """
    if run.dry_run or not settings.detection.drops:
        return {"drops": 0, "messages": 0}
    newest = settled_day(run.cost_day, run.now.date())
    days = [newest] if run.is_backfill else [newest - _DAY * ago for ago in range(_week(settings), -1, -1)]
    rows = dropping.tables.replayed_usage(days[0], newest, [settings.detection], look_back=HISTORY_DAYS)
    found = {day: list(_fallen(rows, day, settings)) for day in days}
    heard = {day: heard_drops(drops, settings.calendar) for day, drops in found.items()}
    for day, drops in found.items():
        _store(run, settings, day, drops, dropping, tell=bool(heard[day]))
    told = [_told(run, settings, day, drops, dropping) for day, drops in heard.items() if drops]
    return {"drops": sum(map(len, found.values())), "messages": told.count("sent")}


def _week(settings: Settings) -> int:
    return max(settings.alerts.redeliver_days, settings.alerts.max_age_days)


def _fallen(rows: Mapping[str, Any], day: date, settings: Settings) -> Iterator[Drop]:
    for currency, own in sorted(rows.items()):
        yield from detect_drops(own, day, settings.detection, billing_currency=currency)


def _store(
    run: Run, settings: Settings, day: date, drops: list[Drop], dropping: Dropping, *, tell: bool
) -> None:
    if not (tell and _may_tell(run, settings, day)):
        dropping.drops.store(day, drops, detected_at=run.now, run_id=run.run_id)
        return
    dropping.drops.store_and_announce(
        day,
        drops,
        message_key=_key(day),
        reason=COSTS_FELL,
        channel=settings.alerts.channel,
        detected_at=run.now,
        run_id=run.run_id,
    )


def _may_tell(run: Run, settings: Settings, day: date) -> bool:
    """Tell whether a day's drops are new enough to be told: as old as a spike may be, from when it is complete."""
    young = run.age_of(day) <= timedelta(days=settings.alerts.max_age_days + SETTLED_DAYS)
    return (young and not run.is_backfill) or settings.alerts.in_backfill


def _told(run: Run, settings: Settings, day: date, drops: list[Drop], dropping: Dropping) -> str:
    """Send the message of a day, if the outbox holds one; return what became of it."""
    for drop in drops:
        log.info("Drop %s: %s on %s fell by %s.", drop.drop_id, drop.scope, day, drop.fall)
    names = dropping.tables.account_names(day - _NAMES_DAYS)
    message = drops_message(drops, day=day, account_names=names, message_key=_key(day))
    delivery = Delivery(message_key=_key(day), spike_ids=(_key(day),))
    return str(send_alert(run, settings, delivery, lambda _, __: message, dropping.sending)["state"])


def _key(day: date) -> str:
    return f"{COSTS_FELL}-{day}"
