"""An incident's first message, which its later ones answer and which shows how the incident stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from costspike.domain.deliveries import is_digest
from costspike.domain.errors import UpstreamError
from costspike.rendering.message import Message, plain_message, stored_message
from costspike.rendering.status import with_status
from costspike.usecases.sender import Posted, Sender

if TYPE_CHECKING:
    from costspike.adapters.warehouse.outbox import Claim

# Slack's words for a thread that nobody can answer: its first message was deleted, or is no longer reachable.
_GONE = ("thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts")


def thread_of(claim: Claim, sender: Sender) -> Posted | None:
    """Return the message that this one answers, None where it is one of its own."""
    if claim.thread is None or not claim.thread.ts or not sender.can_find:
        return None
    return Posted(channel=claim.thread.channel, ts=claim.thread.ts)


def is_gone(error: UpstreamError) -> bool:
    """Tell whether there is no thread to answer in any more."""
    return any(code in str(error) for code in _GONE)


def find_reply(thread: Posted, message_key: str, since: datetime, sender: Sender) -> Posted | None:
    """Return where an answer is, None if it is not in the thread, or the thread is gone."""
    try:
        return sender.find_reply(thread, message_key, since)
    except UpstreamError as error:
        if is_gone(error):
            return None
        raise


def marked_forms(claim: Claim) -> tuple[Message, ...]:
    """Return the first message with how its incident stands, and the same in its plainer form.

    None where there is none to mark: a digest tells of many incidents.
    """
    if claim.thread is None or claim.latest is None or is_digest(claim.thread.message_key):
        return ()
    marked = with_status(stored_message(claim.thread.message), claim.latest)
    return marked, plain_message(marked)
