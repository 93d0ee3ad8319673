"""See one message through: claim it, find out whether it arrived before, post it, keep what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.outbox import Claim
from costspike.domain.errors import UpstreamError
from costspike.rendering.message import FoldedMessage, Message, possible_repeat, stored_text
from costspike.usecases.incident_thread import find_reply, marked_forms, thread_of
from costspike.usecases.posting import hold, keep, post
from costspike.usecases.sender import Posted, Sender, Sending

if TYPE_CHECKING:
    from costspike.domain.deliveries import Delivery
    from costspike.domain.runs import Run
    from costspike.settings import Settings

log = logging.getLogger(__name__)

Render = Callable[["Delivery", Sequence[str]], Message | FoldedMessage | None]

_POLL_SECONDS = 1.0
# Slack takes one message a second and channel: https://docs.slack.dev/apis/web-api/rate-limits
_BETWEEN_SECONDS = 1.0
# Another's claim is left behind after this many times the time that Slack may take: one post is two answers
# and a wait between them, each no longer than that.
_STALE_FACTOR = 3
# An earlier attempt is looked for from a day before it: clocks differ, and a message that is missed is doubled.
_SLACK_OF_CLOCKS = timedelta(days=1)


def send_alert(
    run: Run,
    settings: Settings,
    delivery: Delivery,
    render: Render,
    sending: Sending,
) -> dict[str, Any]:
    """Return ``state`` (sent, already_sent, previewed, withdrawn) and where the message is.

    What the message leaves for its thread is seen through with it, one answer a spike.

    Args:
        run: the run that sends.
        settings: the settings.
        delivery: the message and its spikes.
        render: makes the message of some rows of the outbox, None if there is nothing to tell any more.
        sending: the outside world.

    Raises:
        UpstreamError: Slack did not take it, or another run holds it, and the alert stays in the outbox; or it
            went to the default channel, since its own one does not take it.
    """
    result, misrouted = _see_through(run, settings, delivery, render, sending)
    if sending.sender is not None and sending.sender.can_find:
        for answer in sending.outbox.details(delivery):
            sending.sleep(_BETWEEN_SECONDS)
            _, elsewhere = _see_through(run, settings, answer, render, sending)
            misrouted = misrouted or elsewhere
    if misrouted:
        raise misrouted
    return result


def _see_through(
    run: Run, settings: Settings, delivery: Delivery, render: Render, sending: Sending
) -> tuple[dict[str, Any], UpstreamError | None]:
    """Return what became of one message, and what to say where its channel did not take it."""
    claim = _claim(run, settings, delivery, sending)
    if claim.state == "sent":
        log.info("The message %s was sent before.", delivery.message_key)
        return {"state": "already_sent", "message_key": delivery.message_key}, None
    rendered = render(delivery, claim.alert_ids) if claim.state == "mine" else None
    if rendered is None:
        keep(claim, sending, problem="the newest verdict does not hold the spike any more")
        return {"state": "withdrawn", "message_key": delivery.message_key}, None
    if sending.sender is None:
        return _preview(delivery, claim, _full(rendered), sending), None
    message, owes = _form(rendered, sending.sender), isinstance(rendered, FoldedMessage) or delivery.is_digest
    if claim.attempted_since is not None:
        found, looked = _look(delivery, claim, claim.attempted_since, sending.sender, sending)
        if found:
            return _sent(delivery, claim, message, found, sending, state="already_sent", owes=owes), None
        claim = replace(claim, attempted_since=None) if looked else claim
        message = message if looked else possible_repeat(message)
    claim = _mark_first(claim, sending.sender, sending)
    done = post(claim, message, sending.sender, sending, default_channel=settings.alerts.channel)
    result = _sent(delivery, claim, done.form, done.posted, sending, state="sent", owes=owes)
    return result, done.misrouted


def _form(rendered: Message | FoldedMessage, sender: Sender) -> Message:
    """Return what is posted: without threads there is no other place for what a short message leaves out."""
    return rendered.short if isinstance(rendered, FoldedMessage) and sender.can_find else _full(rendered)


def _full(rendered: Message | FoldedMessage) -> Message:
    return rendered.full if isinstance(rendered, FoldedMessage) else rendered


def _claim(run: Run, settings: Settings, delivery: Delivery, sending: Sending) -> Claim:
    """Claim the message; wait a while for another run that is sending it."""
    give_up = sending.clock() + timedelta(seconds=settings.alerts.max_wait_seconds)
    while True:
        now = sending.clock()
        stale = now - timedelta(seconds=settings.alerts.timeout_seconds * _STALE_FACTOR)
        claim = sending.outbox.claim(delivery, claimant=run.claimant, now=now, stale_before=stale)
        if claim.state != "busy":
            return claim
        if now > give_up:
            msg = (
                f"another run is still sending the message {delivery.message_key}; the task looks again later"
            )
            raise UpstreamError(msg, system="Slack", reason="unavailable", retryable=True)
        sending.sleep(_POLL_SECONDS)


def _look(
    delivery: Delivery, claim: Claim, since: datetime, sender: Sender, sending: Sending
) -> tuple[Posted | None, bool]:
    """Return where the message of an attempt with unknown outcome is, and whether that could be found out."""
    if not sender.can_find:
        return None, False
    channel = sending.outbox.channel_id(claim.channel) or claim.channel
    since, thread = since - _SLACK_OF_CLOCKS, thread_of(claim, sender)
    try:
        found = find_reply(thread, delivery.message_key, since, sender) if thread else None
        return found or sender.find(channel, delivery.message_key, since), True
    except UpstreamError as error:
        if error.retryable:
            raise
        log.warning("Whether the message %s arrived cannot be found out: %s", delivery.message_key, error)
        return None, False


def _mark_first(claim: Claim, sender: Sender, sending: Sending) -> Claim:
    """Show in the incident's first message how it stands, before the thread says so; return the claim as of now.

    Doing it again changes nothing, so it needs no record; what cannot be changed any more does not stop the news.
    """
    thread = thread_of(claim, sender)
    if thread is None:
        return claim
    for form in marked_forms(claim):
        claim = hold(claim, sending)
        try:
            sender.update(thread, form)
        except UpstreamError as error:
            if error.retryable:
                keep(claim, sending, problem=str(error))
                raise
            log.warning("The first message of the incident cannot be changed: %s", error)
            if "invalid_blocks" in str(error):
                continue
        break
    return claim


def _sent(
    delivery: Delivery,
    claim: Claim,
    message: Message,
    posted: Posted,
    sending: Sending,
    *,
    state: str,
    owes: bool,
) -> dict[str, Any]:
    sending.outbox.sent(
        delivery,
        claim.alert_ids,
        channel=posted.channel,
        ts=posted.ts,
        message=stored_text(message),
        now=sending.clock(),
        has_details=owes,
    )
    log.info(
        "Message %s is in %s at %s.", delivery.message_key, posted.channel or claim.channel, posted.ts or "?"
    )
    return {"state": state, "message_key": delivery.message_key, "channel": posted.channel, "ts": posted.ts}


def _preview(delivery: Delivery, claim: Claim, message: Message, sending: Sending) -> dict[str, Any]:
    path = sending.preview(delivery.message_key, message)
    problem = "there is no Slack connection"
    keep(claim, sending, problem=problem, message=stored_text(message))
    log.warning("Nothing was sent: %s. The alert is kept and can be seen in %s.", problem, path)
    return {"state": "previewed", "message_key": delivery.message_key, "preview": path}
