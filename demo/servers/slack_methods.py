"""The methods of Slack's Web API that a bot needs, as functions of the stored messages."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from demo.servers.slack_blocks import block_problems
from demo.servers.slack_store import Channel, Message, Store

MAX_TEXT = 40_000
MAX_BLOCKS_JSON = 13_000
MAX_PAGE = 999
DEFAULT_PAGE = 100
CONTENT = ("text", "blocks", "attachments", "metadata")
SENT_ALONG = (
    "thread_ts",
    "reply_broadcast",
    "username",
    "icon_url",
    "icon_emoji",
    "unfurl_links",
    "unfurl_media",
)

Arguments = Mapping[str, Any]
Payload = dict[str, Any]


class SlackError(Exception):
    """A refusal under the name that Slack gives it."""

    def __init__(self, *, name: str, status: int = 400, **details: object) -> None:
        """Remember the name and what the answer says besides; the status is for webhooks only."""
        super().__init__(name)
        self.name = name
        self.status = status
        self.details = details


def post_message(store: Store, arguments: Arguments) -> Payload:
    """Post a message or, with ``thread_ts``, a reply."""
    channel = _channel(store, arguments, by_name=True)
    if channel.is_archived:
        raise SlackError(name="is_archived")
    if not channel.is_member:
        raise SlackError(name="not_in_channel")
    thread = arguments.get("thread_ts")
    if thread is not None and channel.find(thread) is None:
        raise SlackError(name="thread_not_found")
    content = _content(arguments)
    if not (content.get("text") or content.get("blocks") or content.get("attachments")):
        raise SlackError(name="no_text")
    extra = {name: arguments[name] for name in SENT_ALONG if arguments.get(name) is not None}
    message = store.post(channel, {"bot_id": "B0BOT", "user": "U0BOT", "team": "T0", **extra, **content})
    return {"channel": channel.id, "ts": message["ts"], "message": _without_metadata(message)}


def update_message(store: Store, arguments: Arguments) -> Payload:
    """Change a message; what is not given stays."""
    channel = _channel(store, arguments, by_name=False)
    content = _content(arguments)
    if not {"text", "blocks", "attachments"} & content.keys():
        raise SlackError(name="no_text")
    message = store.change(channel, str(arguments.get("ts")), content)
    if message is None:
        raise SlackError(name="message_not_found")
    return {
        "channel": channel.id,
        "ts": message["ts"],
        "text": message.get("text", ""),
        "message": _without_metadata(message),
    }


def history(store: Store, arguments: Arguments) -> Payload:
    """Return the messages of a channel, newest first; replies in threads are not among them."""
    channel = _readable(store, arguments)
    found = [
        m
        for m in reversed(channel.messages)
        if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("reply_broadcast")
    ]
    return _page([m for m in found if _in_period(m, arguments)], arguments, "messages")


def replies(store: Store, arguments: Arguments) -> Payload:
    """Return a thread, its parent first."""
    channel = _readable(store, arguments)
    ts = arguments.get("ts")
    if channel.find(ts) is None:
        raise SlackError(name="thread_not_found")
    found = [m for m in channel.messages if ts in {m["ts"], m.get("thread_ts")}]
    return _page([m for m in found if m["ts"] == ts or _in_period(m, arguments)], arguments, "messages")


def list_channels(store: Store, arguments: Arguments) -> Payload:
    """Return the public channels, in pages."""
    hide = _flag(arguments, "exclude_archived")
    found = [
        {
            "id": c.id,
            "name": c.name,
            "is_channel": True,
            "is_archived": c.is_archived,
            "is_member": c.is_member,
        }
        for c in store.channels.values()
        if not (hide and c.is_archived)
    ]
    return _page(found, arguments, "channels")


def auth_test(_store: Store, _arguments: Arguments) -> Payload:
    """Return who the token belongs to."""
    names = {"url": "https://costspike-demo.slack.com/", "team": "costspike demo", "user": "costspike"}
    return {**names, "team_id": "T0", "user_id": "U0BOT", "bot_id": "B0BOT", "is_enterprise_install": False}


def permalink(store: Store, arguments: Arguments) -> Payload:
    """Return the address of a message."""
    channel = _channel(store, arguments, by_name=False)
    ts = str(arguments.get("message_ts"))
    if channel.find(ts) is None:
        raise SlackError(name="message_not_found")
    link = f"https://costspike-demo.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


METHODS: Mapping[str, tuple[str, Callable[[Store, Arguments], Payload]]] = {
    "chat.postMessage": ("chat:write", post_message),
    "chat.update": ("chat:write", update_message),
    "chat.getPermalink": ("", permalink),
    "conversations.history": ("channels:history", history),
    "conversations.replies": ("channels:history", replies),
    "conversations.list": ("channels:read", list_channels),
    "auth.test": ("", auth_test),
}


def _channel(store: Store, arguments: Arguments, *, by_name: bool) -> Channel:
    channel = store.channel(arguments.get("channel"), by_name=by_name)
    if channel is None:
        raise SlackError(name="channel_not_found")
    return channel


def _readable(store: Store, arguments: Arguments) -> Channel:
    channel = _channel(store, arguments, by_name=False)
    if not channel.is_member:
        raise SlackError(name="not_in_channel")
    return channel


def _content(arguments: Arguments) -> Message:
    """Return the parts of a message that Slack accepts or refuses by what is in them."""
    given = {name: arguments[name] for name in CONTENT if arguments.get(name) is not None}
    content = copy.deepcopy(given)
    if "text" in content:
        content["text"] = str(content["text"])[:MAX_TEXT]
    if "blocks" in content:
        _check_blocks(content["blocks"])
    if "metadata" in content:
        _check_metadata(content["metadata"])
    return content


def _check_blocks(blocks: Any) -> None:
    problems = block_problems(blocks)
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise SlackError(name="invalid_blocks", errors=problems, response_metadata={"messages": messages})
    if sum(block["type"] == "table" for block in blocks) > 1:
        raise SlackError(name="invalid_attachments", errors=["only_one_table_allowed"])
    if len(json.dumps(blocks, ensure_ascii=False)) > MAX_BLOCKS_JSON:
        raise SlackError(name="msg_blocks_too_long")


def _check_metadata(metadata: object) -> None:
    named = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not (named and isinstance(metadata.get("event_payload"), dict)):  # type: ignore[attr-defined]
        raise SlackError(name="invalid_metadata_format")


def _in_period(message: Message, arguments: Arguments) -> bool:
    oldest, latest = str(arguments.get("oldest") or "0"), str(arguments.get("latest") or "")
    ts = _micros(message["ts"])
    low, high = _micros(oldest), _micros(latest) if latest else ts + 1
    if _flag(arguments, "inclusive"):
        return low <= ts <= high
    return low < ts < high


def _micros(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    try:
        return int(seconds) * 1_000_000 + int(rest.ljust(6, "0")[:6])
    except ValueError as error:
        raise SlackError(name="invalid_ts_oldest") from error


def _page(found: list[Message], arguments: Arguments, name: str) -> Payload:
    cursor = str(arguments.get("cursor") or "")
    start = 0
    if cursor:
        if not cursor.removeprefix("after:").isdigit():
            raise SlackError(name="invalid_cursor")
        start = int(cursor.removeprefix("after:"))
    limit = int(arguments.get("limit") or DEFAULT_PAGE)
    if not 1 <= limit <= MAX_PAGE:
        raise SlackError(name="invalid_limit")
    part = copy.deepcopy(found[start : start + limit])
    if name == "messages" and not _flag(arguments, "include_all_metadata"):
        part = [_without_metadata(message) for message in part]
    more = start + limit < len(found)
    following = f"after:{start + limit}" if more else ""
    return {name: part, "has_more": more, "response_metadata": {"next_cursor": following}}


def _without_metadata(message: Message) -> Message:
    return {name: value for name, value in message.items() if name != "metadata"}


def _flag(arguments: Arguments, name: str) -> bool:
    return str(arguments.get(name, "")).lower() in {"1", "true"}
