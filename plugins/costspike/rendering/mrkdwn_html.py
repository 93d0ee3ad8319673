"""Show mrkdwn as HTML: the part of it that costspike's messages use, bold, links and blocks of code."""

import re
from html import escape, unescape

_TOKEN = re.compile(
    r"\n?```(?P<code>.*?)```\n?"
    r"|<(?P<url>https?://[^|>\s]+)\|(?P<label>[^>]*)>"
    r"|(?<![\w*])\*(?P<bold>[^*\n]+)\*(?![\w*])",
    re.DOTALL | re.IGNORECASE,
)


def mrkdwn_html(text: str) -> str:
    """Return the HTML of a mrkdwn text; whatever is no markup of ours is escaped."""
    pieces: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        pieces += (_text(text[end : token.start()]), _token(token))
        end = token.end()
    return "".join([*pieces, _text(text[end:])])


def _token(token: re.Match[str]) -> str:
    if token["code"] is not None:
        return f'<pre tabindex="0"><code>{_escaped(token["code"])}</code></pre>'
    if token["url"] is not None:
        return f'<a href="{_escaped(token["url"])}" rel="noopener noreferrer">{_escaped(token["label"])}</a>'
    return f"<strong>{_escaped(token['bold'])}</strong>"


def _text(text: str) -> str:
    return _escaped(text).replace("\n", "<br>")


def _escaped(text: str) -> str:
    # Slack's three entities are undone first: a text of a message that is shown twice escaped is wrong.
    return escape(unescape(text))
