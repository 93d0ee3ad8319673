"""The page of the demo: its Slack messages as Slack would show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costspike.adapters.previews import stylesheet, write_page
from costspike.rendering.message import stored_message
from costspike.rendering.preview_page import preview_page

if TYPE_CHECKING:
    from costspike.rendering.message import Message
    from demo.ledger import SentAlert


def write_alerts(path: Path, alerts: Iterable[SentAlert], *, channel: str, title: str) -> None:
    """Write the messages in the order in which they were sent, each once, with what is in their threads below."""
    shown: list[Message] = []
    answers: list[int] = []
    for thread in _threads([alert for alert in alerts if alert.message]):
        answers += range(len(shown) + 1, len(shown) + len(thread))
        shown += [stored_message(text) for text in thread]
    page = preview_page(shown, title=title, css=stylesheet(), channel=channel, answers=answers)
    write_page(path.parent, path.stem, page)


def _threads(alerts: Sequence[SentAlert]) -> list[list[str]]:
    """Return the messages by their threads; a digest tells of many spikes, and is one message."""
    firsts = {alert.incident_id: alert.message_key for alert in alerts if alert.is_first}
    threads: dict[str, list[str]] = {}
    for alert in alerts:
        thread = threads.setdefault(firsts.get(alert.incident_id, alert.message_key), [])
        if alert.message not in thread:
            thread.insert(0 if alert.is_first else len(thread), alert.message)
    return list(threads.values())
