"""Turn text from AWS or from a model into text that Slack shows and does not obey.

Slack's mrkdwn knows three control characters, ``& < >``; with them escaped, ``<!channel>``, ``<@U1>``
and ``<url|text>`` are plain text: https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

import re
from collections.abc import Iterable

from costspike.domain.texts import plain as without_invisible

ELLIPSIS = "…"
_FENCE = "```"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Characters that draw nothing although Unicode calls them letters, marks or symbols.
_BLANKS = dict.fromkeys(map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"))
# A message can pass through Airflow's templating (`expand_kwargs` renders XCom data, apache/airflow#38745):
# a broken opening keeps `{{ conn.x.password }}` a text even there.
_JINJA_OPENING = re.compile(r"\{(?=[{%#])")


def visible(text: str) -> str:
    """Return the text as one line of characters that can be seen, without a Jinja opening."""
    return _JINJA_OPENING.sub("{ ", without_invisible(text.translate(_BLANKS)))


def plain(text: str, limit: int) -> str:
    """Return text for a header, a table cell or a chart, where Slack parses nothing; never empty."""
    line = visible(text) or "-"
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def mrkdwn(text: str, limit: int) -> str:
    """Return the text escaped; with its entities it is at most ``limit`` characters long.

    A cut is visible and never within an entity. The text cannot open code, its backticks become
    apostrophes, and Slack does not make links of its addresses, which are broken after the scheme.
    """
    return _escaped(visible(text).replace("`", "'").replace("://", ": //"), limit)


def fence(lines: Iterable[str], limit: int) -> str:
    """Return the lines as one block of code, at most ``limit`` characters with fences; spaces are kept."""
    code = "\n".join(" ".join(map(visible, line.split(" "))) for line in lines).replace("`", "'")
    return f"{_FENCE}{_escaped(code, limit - 2 * len(_FENCE))}{_FENCE}"


def _escaped(text: str, limit: int) -> str:
    pieces = [_ENTITIES.get(char, char) for char in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept: list[str] = []
    room = limit - len(ELLIPSIS)
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + ELLIPSIS
