"""The few Block Kit blocks that costspike uses, each within Slack's limits.

Texts given to ``section``, ``fields`` and ``context`` are mrkdwn: whatever is not ours in them went
through ``mrkdwn()`` before. ``verbatim`` tells Slack to link no URL, channel or name by itself.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from costspike.rendering import slack_limits
from costspike.rendering.mrkdwn import plain

# Block Kit is JSON whose shape Slack owns; a type of ours would only repeat its documentation.
Block: TypeAlias = dict[str, Any]

_CELL = 120


def header(text: str) -> Block:
    """Return the title of a message; ``text`` is plain."""
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": plain(text, slack_limits.HEADER_TEXT), "emoji": True},
    }


def section(text: str) -> Block:
    """Return a paragraph."""
    return {"type": "section", "text": _mrkdwn(text)}


def fields(texts: Sequence[str]) -> Block:
    """Return short texts in two columns."""
    return {"type": "section", "fields": [_mrkdwn(text) for text in texts[: slack_limits.SECTION_FIELDS]]}


def context(texts: Sequence[str]) -> Block:
    """Return small print."""
    return {"type": "context", "elements": [_mrkdwn(text) for text in texts[: slack_limits.CONTEXT_ELEMENTS]]}


def table(rows: Sequence[Sequence[str]], *, right_aligned: Sequence[bool]) -> Block:
    """Return a table whose first row is the heading; cells are plain. Slack takes one table a message."""
    return {
        "type": "table",
        "column_settings": [{"align": "right"} if right else {"is_wrapped": True} for right in right_aligned],
        "rows": [[{"type": "raw_text", "text": plain(cell, _CELL)} for cell in row] for row in rows],
    }


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
