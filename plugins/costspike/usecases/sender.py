"""What a use case expects of a way to Slack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from costspike.adapters.warehouse.outbox import Outbox
    from costspike.rendering.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Where a message is; ``ts`` is empty for a webhook, which does not tell."""

    channel: str
    ts: str


class Sender(Protocol):
    """A way to Slack. A webhook cannot look for messages, nor answer or change them (``can_find``)."""

    can_find: bool

    def post(self, channel: str, message: Message) -> Posted:
        """Post a message, or raise UpstreamError; reason ``unknown_outcome`` means that it may be there."""

    def find(self, channel: str, message_key: str, since: datetime) -> Posted | None:
        """Return where a message is that was posted since a moment, None if it is not there."""

    def reply(self, thread: Posted, message: Message) -> Posted:
        """Post an answer to a message; it fails as ``post`` does."""

    def find_reply(self, thread: Posted, message_key: str, since: datetime) -> Posted | None:
        """Return where an answer is that was posted since a moment, None if it is not there."""

    def update(self, posted: Posted, message: Message) -> None:
        """Replace what a message says; the same again changes nothing, so it can be repeated at will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What sending needs. ``sender`` is None without a Slack connection; then a preview is written."""

    outbox: Outbox
    sender: Sender | None
    preview: Callable[[str, Message], str]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
