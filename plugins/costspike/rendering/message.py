"""A finished Slack message, and the two things that can happen to it before it is sent."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from costspike.rendering import slack_limits
from costspike.rendering.blocks import Block, context, section
from costspike.rendering.mrkdwn import fence, mrkdwn, plain

EVENT_TYPE = "costspike_alert"

_REPEAT_TEXT = "(possible repeat)"
_REPEAT_MARK = "⚠️ *Possible repeat*: whether an earlier send of this alert arrived could not be found out."
_LONGEST_CHANNEL = 90
_NATIVE_TYPES = frozenset({"data_visualization", "table"})
_PLAIN_TABLE = slack_limits.SECTION_TEXT
_PLAIN_CELLS = (60, 40, 28, 20)
"""Characters of a cell, tried from the widest until the table fits into one section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What ``chat.postMessage`` takes: ``text`` for notifications and screen readers, ``blocks`` to see."""

    text: str
    blocks: list[Block]
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedMessage:
    """A short message and the full one, which answers it in its thread; without threads there is only the full."""

    short: Message
    full: Message


def metadata(message_key: str, severity: str) -> dict[str, Any]:
    """Return the metadata by which a sent message is found again.

    Every app of the workspace can read it: nothing but the key and the severity goes in.
    """
    return {"event_type": EVENT_TYPE, "event_payload": {"message_key": message_key, "severity": severity}}


def plain_message(message: Message) -> Message:
    """Return the message without native chart and table, for a workspace that answers ``invalid_blocks``.

    The chart goes, the table stays as lines of code.
    """
    blocks: list[Block] = []
    for block in message.blocks:
        if block["type"] == "table":
            blocks.append(section(_table_as_code(block["rows"])))
        elif block["type"] not in _NATIVE_TYPES:
            blocks.append(block)
    return replace(message, blocks=blocks)


def plainer_form(message: Message) -> Message | None:
    """Return the next plainer form of a message that Slack does not take, None if there is none.

    First without native chart and table, then the text alone, which no block can spoil.
    """
    plain_one = plain_message(message)
    if plain_one != message:
        return plain_one
    return replace(message, blocks=[]) if message.blocks else None


def misrouted(message: Message, channel: str, code: str) -> Message:
    """Return the message with a visible mark that it is not in the channel that it was meant for."""
    meant = mrkdwn(channel, _LONGEST_CHANNEL)
    mark = f"⚠️ *Meant for {meant}*, where Slack says {mrkdwn(code, _LONGEST_CHANNEL)}: correct alerts.routes."
    blocks = [*message.blocks[:1], context([mark]), *message.blocks[1:]] if message.blocks else []
    return replace(message, text=f"(meant for {meant}) {message.text}", blocks=blocks)


def possible_repeat(message: Message) -> Message:
    """Return the message with a visible mark that it may have been sent before; it is marked only once."""
    if message.text.startswith(_REPEAT_TEXT):
        return message
    return replace(
        message,
        text=f"{_REPEAT_TEXT} {message.text}",
        blocks=[*message.blocks[:1], context([_REPEAT_MARK]), *message.blocks[1:]] if message.blocks else [],
    )


def stored_text(message: Message) -> str:
    """Return a message as the outbox stores it."""
    return json.dumps(asdict(message), ensure_ascii=False)


def stored_message(text: str) -> Message:
    """Return a message as it was stored in the outbox."""
    values: Mapping[str, Any] = json.loads(text)
    return replace(Message(text="", blocks=[], metadata={}), **values)


def _table_as_code(rows: Sequence[Sequence[Block]]) -> str:
    uncut = (fence(_lines(rows, width), sys.maxsize) for width in _PLAIN_CELLS)
    fitting = (code for code in uncut if len(code) <= _PLAIN_TABLE)
    return next(fitting, None) or fence(_lines(rows, _PLAIN_CELLS[-1]), _PLAIN_TABLE)


def _lines(rows: Sequence[Sequence[Block]], width: int) -> list[str]:
    cells = [[plain(cell["text"], width) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(_padded(row, widths)).rstrip() for row in cells]


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if at == 0 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
