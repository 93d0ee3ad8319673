"""The channels of the local Slack and the messages in them."""

import copy
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MICROSECONDS = 1_000_000
SPECIAL_MENTION = re.compile(r"<(?:!(?:channel|here|everyone)|!subteam\^\w+|@[UW]\w*)(?:\|[^>]*)?>")

Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A mention that would have notified people, and the message that carried it."""

    channel: str
    ts: str
    mention: str


@dataclass(slots=True, kw_only=True)
class Channel:
    """One channel; the bot can post only where it is a member and nothing is archived."""

    id: str
    name: str
    is_member: bool = True
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)

    def find(self, ts: object) -> Message | None:
        """Return the message with this timestamp."""
        return next((message for message in self.messages if message["ts"] == ts), None)


class Store:
    """Messages by channel, in the order of their timestamps, which are unique and only grow."""

    def __init__(self, channels: Mapping[str, str]) -> None:
        """Create the channels, given as names by id."""
        self.lock = threading.RLock()
        self.channels = {key: Channel(id=key, name=name) for key, name in channels.items()}
        self.pings: list[Ping] = []
        self._last = 0

    def channel(self, key: object, *, by_name: bool) -> Channel | None:
        """Return a channel by its id, or by ``#name`` or ``name`` where Slack allows that."""
        if key in self.channels:
            return self.channels[str(key)]
        name = str(key).removeprefix("#")
        return next((c for c in self.channels.values() if by_name and c.name == name), None)

    def post(self, channel: Channel, message: Message) -> Message:
        """Add a message under a new timestamp and return a copy of it."""
        with self.lock:
            self._last = max(time.time_ns() // 1000, self._last + 1)
            seconds, rest = divmod(self._last, MICROSECONDS)
            stored = {"type": "message", **message, "ts": f"{seconds}.{rest:06d}"}
            channel.messages.append(stored)
            self._reply_to_parent(channel, stored)
            self._note_pings(channel, stored)
            return copy.deepcopy(stored)

    def change(self, channel: Channel, ts: str, changes: Mapping[str, Any]) -> Message | None:
        """Replace parts of a message and return a copy of it, None if there is no such message."""
        with self.lock:
            stored = channel.find(ts)
            if stored is None:
                return None
            stored.update(changes)
            stored["edited"] = {"user": "U0BOT", "ts": f"{time.time():.6f}"}
            self._note_pings(channel, stored)
            return copy.deepcopy(stored)

    def _reply_to_parent(self, channel: Channel, reply: Message) -> None:
        parent = channel.find(reply.get("thread_ts"))
        if parent is not None:
            parent["thread_ts"] = parent["ts"]
            parent["reply_count"] = parent.get("reply_count", 0) + 1
            parent["latest_reply"] = reply["ts"]

    def _note_pings(self, channel: Channel, message: Message) -> None:
        for text in _mrkdwn(message):
            for mention in SPECIAL_MENTION.findall(text):
                self.pings.append(Ping(channel=channel.id, ts=message["ts"], mention=mention))


def _mrkdwn(message: Message) -> Iterator[str]:
    yield message.get("text") or ""
    yield from _mrkdwn_in(message.get("blocks") or [])
    yield from _mrkdwn_in(message.get("attachments") or [])


def _mrkdwn_in(value: object) -> Iterator[str]:
    """Yield the texts that Slack parses: a plain_text or a raw_text cannot notify anybody."""
    if isinstance(value, list):
        for item in value:
            yield from _mrkdwn_in(item)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in {"mrkdwn", "markdown"}:
            yield str(value.get("text"))
        elif kind in {"user", "broadcast", "usergroup"}:
            yield f"<!{value.get('range')}>" if kind == "broadcast" else f"<@U{value.get('user_id')}>"
        for key, item in value.items():
            if key in {"text", "fallback", "pretext"} and isinstance(item, str) and kind is None:
                yield item
            yield from _mrkdwn_in(item)
