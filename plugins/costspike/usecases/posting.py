"""Post one message that is held: in the form that Slack takes, and in a channel that takes it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costspike.domain.errors import UpstreamError
from costspike.rendering.message import misrouted, plainer_form, stored_text
from costspike.usecases.incident_thread import is_gone, thread_of

if TYPE_CHECKING:
    from costspike.adapters.warehouse.outbox import Claim
    from costspike.rendering.message import Message
    from costspike.usecases.sender import Posted, Sender, Sending

log = logging.getLogger(__name__)

# Slack's words for blocks that it does not take, in this workspace or at all.
_UNFIT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
# Its words for a channel in which this app cannot post: https://docs.slack.dev/reference/methods/chat.postMessage
_NO_WAY = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "missing_scope",
        "no_permission",
        "restricted_action",
        "restricted_action_read_only_channel",
        "team_access_not_granted",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Where a message is, in which form; ``misrouted`` is what to say of the channel that did not take it."""

    posted: Posted
    form: Message
    misrouted: UpstreamError | None = None


def post(
    claim: Claim, message: Message, sender: Sender, sending: Sending, *, default_channel: str
) -> Delivered:
    """Post a message, in a plainer form or in the default channel where Slack takes it no other way.

    The outbox knows of another channel before anything is posted there: an answer that is lost is looked for
    where it was sent to.

    Raises:
        UpstreamError: Slack did not take it, or another run holds it; the alert stays in the outbox.
    """
    held = hold(claim, sending)
    thread = thread_of(held, sender)
    try:
        posted = sender.reply(thread, message) if thread else sender.post(held.channel, message)
    except UpstreamError as error:
        plainer = plainer_form(message) if error.code in _UNFIT else None
        if plainer:
            log.warning("Slack does not take the blocks (%s); sending a plainer form.", error.code)
            return post(held, plainer, sender, sending, default_channel=default_channel)
        if thread and is_gone(error):
            log.warning("The incident's first message is gone; its news is a message of its own: %s", error)
            alone = replace(held, thread=None)
            return post(alone, message, sender, sending, default_channel=default_channel)
        if error.code in _NO_WAY and sender.can_find and held.channel != default_channel:
            return _elsewhere(held, message, sender, sending, default_channel=default_channel, error=error)
        known = error.reason != "unknown_outcome"
        keep(held, sending, problem=str(error), message=stored_text(message), outcome_known=known)
        raise
    return Delivered(posted=posted, form=message)


def _elsewhere(
    held: Claim,
    message: Message,
    sender: Sender,
    sending: Sending,
    *,
    default_channel: str,
    error: UpstreamError,
) -> Delivered:
    """Post to the default channel what its own channel does not take, visibly."""
    log.error("The alert goes to %s instead of %s: %s", default_channel, held.channel, error)
    sending.outbox.redirect(held, channel=default_channel)
    moved = replace(held, channel=default_channel, thread=None)
    form = misrouted(message, held.channel, error.code)
    done = post(moved, form, sender, sending, default_channel=default_channel)
    msg = (
        f"the alert is in {default_channel}, since its channel {held.channel} of alerts.routes does not take it: "
        f"Slack says {error.code}. Correct the route, invite the app to the channel, or give it the scope"
    )
    found = UpstreamError(msg, system="Slack", reason=error.reason, retryable=False, code=error.code)
    return replace(done, misrouted=found)


def hold(claim: Claim, sending: Sending) -> Claim:
    """Return the claim as of now.

    Raises:
        UpstreamError: somebody took it over.
    """
    held = sending.outbox.renew(claim, now=sending.clock())
    if held is None:
        msg = "another run has taken the message over; the task looks again later"
        raise UpstreamError(msg, system="Slack", reason="unavailable", retryable=True)
    return held


def keep(
    claim: Claim, sending: Sending, *, problem: str, message: str = "", outcome_known: bool = True
) -> None:
    """Keep why a message did not go out; an earlier attempt that nobody could look for stays unknown."""
    known = outcome_known and claim.attempted_since is None
    sending.outbox.not_sent(claim, problem=problem, message=message, outcome_known=known)
