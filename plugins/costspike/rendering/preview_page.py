"""Messages as one page for the browser: what Slack would show, where there is no Slack to show it."""

from collections.abc import Collection, Sequence
from html import escape

from costspike.rendering.message import Message
from costspike.rendering.mrkdwn_html import mrkdwn_html
from costspike.rendering.preview_blocks import block_html

# No script, no font, no image: the page loads nothing, and says so to the browser.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
<div class="workspace">
<aside class="sidebar" aria-hidden="true">
<p class="team">costspike</p>
<p class="list">Channels</p>
<p class="channel"># {channel}</p>
</aside>
<main>
<header class="top">
<p class="name"><span class="hash">#</span> {channel}</p>
<h1>{title}</h1>
<p class="note">{note}</p>
</header>
{messages}
</main>
</div>
</body>
</html>
"""
_AVATAR = (
    '<svg class="avatar" viewBox="0 0 36 36" aria-hidden="true"><rect width="36" height="36" rx="8"/>'
    '<path d="M5 25h7l4-6 4 3 5-14 3 17h3"/></svg>'
)
_MESSAGE = """<article class="{kind}" aria-label="{label} {number}">
{avatar}
<div class="body">
<p class="sender"><strong>costspike</strong> <span class="app">APP</span></p>
{blocks}
<details><summary>As a notification, and read aloud</summary><p>{text}</p></details>
</div>
</article>"""


def preview_page(
    messages: Sequence[Message],
    *,
    title: str,
    css: str,
    channel: str = "aws-cost-alerts",
    answers: Collection[int] = (),
) -> str:
    """Return one self-contained page without script; ``css`` is the text of ``templates/preview.css``.

    ``answers`` are the places, from 0, of messages that are in the thread of the last one before them that is not.
    """
    return _PAGE.format(
        policy=escape(_POLICY),
        title=escape(title),
        css=css.replace("</", "<\\/"),
        channel=escape(channel.lstrip("#")),
        note=_note(len(messages)),
        messages="\n".join(
            _message(place + 1, message, in_thread=place in answers) for place, message in enumerate(messages)
        ),
    )


def _message(number: int, message: Message, *, in_thread: bool) -> str:
    return _MESSAGE.format(
        kind="message answer" if in_thread else "message",
        label="In the thread, message" if in_thread else "Message",
        number=number,
        avatar=_AVATAR,
        blocks="\n".join(map(block_html, message.blocks)),
        text=mrkdwn_html(message.text),
    )


def _note(count: int) -> str:
    if not count:
        return "There is no message."
    if count == 1:
        return "A preview of one message, as Slack shows it."
    return f"A preview of {count} messages, as Slack shows them."
