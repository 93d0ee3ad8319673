"""The page of the demo: its Slack messages as Slack would show them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from costspike.adapters.previews import stylesheet, write_page
from costspike.rendering.message import stored_message
from costspike.rendering.preview_page import preview_page

if TYPE_CHECKING:
    from demo.ledger import SentAlert


def write_alerts(path: Path, alerts: Iterable[SentAlert], *, channel: str, title: str) -> None:
    """Write the messages in the order in which they were sent, each once: a digest tells of many spikes."""
    texts = dict.fromkeys(alert.message for alert in alerts if alert.message)
    page = preview_page(
        [stored_message(text) for text in texts], title=title, css=stylesheet(), channel=channel
    )
    write_page(path.parent, path.stem, page)
