"""How an incident stands, shown in its first message: made from the message as it was sent, however often."""

from __future__ import annotations

from dataclasses import replace

from costspike.domain.incident_changes import NotifyReason
from costspike.domain.notices import Notice
from costspike.rendering.blocks import Block, header, section
from costspike.rendering.incident_words import STATE_MARKS, state_words, status_line
from costspike.rendering.message import Message
from costspike.rendering.mrkdwn import mrkdwn
from costspike.rendering.names import MARKS

_STATUS = "costspike-status"
_SEPARATOR = " · "
_LINE = 200


def with_status(message: Message, notice: Notice) -> Message:
    """Return an alert whose title, first line and spoken text say how its incident stands.

    What an earlier call put there is replaced. Of an incident whose first notification is still the newest
    there is only the line, since the title says it all.
    """
    mark, word = state_words(notice)
    line: Block = {
        **section(f"*{word}*: {mrkdwn(status_line(notice), _LINE)}"),
        "block_id": _status_id(notice),
    }
    if not message.blocks:  # Slack took the text alone
        return replace(message, text=_said(message, notice, word))
    blocks = [block for block in message.blocks if not str(block.get("block_id", "")).startswith(_STATUS)]
    is_first = notice.reason is NotifyReason.FIRST_NOTIFICATION
    if blocks[0]["type"] == "header" and not is_first:
        blocks[0] = header(f"{mark} {word}{_SEPARATOR}{_title(blocks[0]['text']['text'], notice)}")
    spoken = message.text if is_first else _said(message, notice, word)
    return replace(
        message,
        text=spoken,
        blocks=[*blocks[:1], line, *blocks[1:]],
    )


def _said(message: Message, notice: Notice, word: str) -> str:
    return f"{word}: {mrkdwn(status_line(notice), _LINE)}. {message.text}"


def _title(text: str, notice: Notice) -> str:
    """Return the title without the state that was put before it, with the grade that holds now."""
    parts = text.split(_SEPARATOR)
    known = {f"{mark} {word}" for mark, word in [*STATE_MARKS.values(), ("✏️", "Corrected")]}
    if parts[0] in known:
        parts = parts[1:]
    if parts and parts[0] in {f"{mark} {grade}" for grade, mark in MARKS.items()}:
        parts[0] = f"{MARKS[notice.severity]} {notice.severity}"
    return _SEPARATOR.join(parts)


def _status_id(notice: Notice) -> str:
    """Return a name that differs with every iteration, as Slack wants it of a block that is changed."""
    return f"{_STATUS}-{notice.alert_id}"
