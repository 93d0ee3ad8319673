"""Hand the alerts that Slack has to the other receivers: at least once, and never in Slack's way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from costspike.domain.errors import UpstreamError
from costspike.domain.health import first_line
from costspike.domain.receivers import OVER, Handover, ReceiverSettings
from costspike.rendering.handover import handover
from costspike.rendering.message import Message, stored_message

if TYPE_CHECKING:
    from costspike.adapters.warehouse.receiver_deliveries import ReceiverDeliveries, SentMessage, State
    from costspike.domain.runs import Run

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """A system that can be told of an alert."""

    def tell(self, given: Handover) -> None:
        """Tell it; any error means that it may not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What handing over needs. ``receiver`` makes the way to one; nothing of it is made for nothing to tell."""

    deliveries: ReceiverDeliveries
    receiver: Callable[[ReceiverSettings], Receiver]
    css: str
    clock: Callable[[], datetime]


def notify_receivers(
    run: Run, receivers: Sequence[ReceiverSettings], telling: Telling, *, redeliver_days: int
) -> dict[str, int]:
    """Return how many messages each receiver was given.

    Every receiver is given everything that waits for it, whatever becomes of the others.

    Raises:
        UpstreamError: somebody did not take something, which stays noted for the next try or run.
    """
    if run.dry_run:
        return {}
    since = telling.clock() - timedelta(days=max(1, redeliver_days))
    told: dict[str, int] = {}
    problems: list[str] = []
    for own in receivers:
        told[own.name] = 0
        for sent in telling.deliveries.waiting(own.name, claims=run.claims, since=since):
            problem = _hand_over(own, sent, telling)
            if problem:
                problems.append(f"{own.name}: {problem}")
            told[own.name] += not problem
    if problems:
        msg = (
            f"{len(problems)} message(s) were not handed over; Slack has them. " + "; ".join(problems)[:1000]
        )
        raise UpstreamError(msg, system="receivers", reason="unavailable", retryable=True)
    return told


def register_receivers(run: Run, receivers: Sequence[ReceiverSettings], telling: Telling) -> None:
    """Note which receivers there are, before the run posts anything.

    What it posts they get then, with a later run if this one dies first; what is older they do not get.
    """
    if run.dry_run:
        return
    for own in receivers:
        telling.deliveries.register(own.name, now=telling.clock())


def _whole(sent: SentMessage) -> Message:
    """Return a message with all that Slack has of it: without threads its details are a part of it."""
    message = stored_message(sent.message)
    details = stored_message(sent.details) if sent.details else message
    return replace(message, blocks=details.blocks or message.blocks)


def _hand_over(own: ReceiverSettings, sent: SentMessage, telling: Telling) -> str:
    """Give a receiver one message, if it is severe enough; return why it could not, empty if it could."""
    given = handover(
        _whole(sent),
        dedup_key=sent.incident_ids[0] if len(sent.incident_ids) == 1 else sent.message_key,
        resolved=sent.notify_reason in OVER,
        css=telling.css,
    )
    telling.deliveries.begin(own.name, sent.message_key, now=telling.clock())
    if not own.wants(given.severity):
        telling.deliveries.end(
            own.name, sent.message_key, state="not_wanted", problem="", now=telling.clock()
        )
        return ""
    problem = ""
    try:
        telling.receiver(own).tell(given)
    except Exception as error:  # noqa: BLE001 - a notifier of any provider may fail in any way
        problem = first_line(f"{type(error).__name__}: {error}")
        log.error("The receiver %s did not take %s: %s", own.name, sent.message_key, problem)  # noqa: TRY400
    state: State = "pending" if problem else "handed_over"
    telling.deliveries.end(own.name, sent.message_key, state=state, problem=problem, now=telling.clock())
    return problem
