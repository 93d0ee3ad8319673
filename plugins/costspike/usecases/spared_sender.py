"""The bot token's way to Slack, which is not tried where the token was just refused to a sibling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costspike.domain.errors import UpstreamError
    from costspike.rendering.message import Message
    from costspike.usecases.sender import Posted, Sender
    from costspike.usecases.shared_refusals import SharedRefusals


def spared(sender: Sender | None, refusals: SharedRefusals, credential: str) -> Sender | None:
    """Return a sender that heeds what its siblings were told; a webhook as it is: it has no token."""
    return SparedSender(sender, refusals, credential) if sender and sender.can_find else sender


class SparedSender:
    """A sender whose every method fails as the sibling's did.

    Whether it is spared is found out once: a message that could not be looked for must not be posted a moment
    later, when the note has just grown too old.
    """

    can_find = True

    def __init__(self, inner: Sender, refusals: SharedRefusals, credential: str) -> None:
        self._inner = inner
        self._refusals = refusals
        self._credential = credential

    def post(self, channel: str, message: Message) -> Posted:
        """Post a message."""
        with self._asking():
            return self._inner.post(channel, message)

    def find(self, channel: str, message_key: str, since: datetime) -> Posted | None:
        """Return where a message is, None if it is not there."""
        with self._asking():
            return self._inner.find(channel, message_key, since)

    def reply(self, thread: Posted, message: Message) -> Posted:
        """Post an answer to a message."""
        with self._asking():
            return self._inner.reply(thread, message)

    def find_reply(self, thread: Posted, message_key: str, since: datetime) -> Posted | None:
        """Return where an answer is, None if it is not there."""
        with self._asking():
            return self._inner.find_reply(thread, message_key, since)

    def update(self, posted: Posted, message: Message) -> None:
        """Replace what a message says."""
        with self._asking():
            self._inner.update(posted, message)

    @cached_property
    def _refused(self) -> UpstreamError | None:
        return self._refusals.refused("Slack", self._credential)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if self._refused:
            raise self._refused
        with self._refusals.noting("Slack", self._credential):
            yield
