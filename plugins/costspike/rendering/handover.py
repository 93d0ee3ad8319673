"""A Slack message that was sent, in the forms that other receivers take: plain text, a card, a page."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from costspike.domain.receivers import Handover
from costspike.rendering.message import Message
from costspike.rendering.preview_page import preview_page

# Text that is not ours has its angle brackets escaped: this finds the links of our own making alone.
_LINK = re.compile(r"<(https?://[^|>\s]+)\|([^>]+)>")
_TITLE = 250
_PLAIN = str.maketrans("[]", "()")

PAGERDUTY_SEVERITY = {"P1": "critical", "P2": "error", "P3": "warning", "P4": "info"}
"""https://developer.pagerduty.com/docs/send-alert-event"""
PAGERDUTY_SUMMARY = 1024
OPSGENIE_MESSAGE = 130
OPSGENIE_ALIAS = 512
OPSGENIE_DESCRIPTION = 15_000
"""Characters: https://docs.opsgenie.com/docs/alert-api#create-alert"""


def handover(message: Message, *, dedup_key: str, resolved: bool, css: str) -> Handover:
    """Return what other receivers are given of a message; ``css`` is that of a preview page."""
    text = html.unescape(message.text)
    title = next((block["text"]["text"] for block in message.blocks if block["type"] == "header"), text)
    payload = message.metadata.get("event_payload") or {}
    return Handover(
        dedup_key=dedup_key,
        severity=str(payload.get("severity", "")),
        title=_one_line(title, _TITLE),
        text=text,
        links=tuple(dict.fromkeys(_links(message.blocks))),
        html=preview_page([message], title=_one_line(title, _TITLE), css=css),
        resolved=resolved,
    )


def pagerduty_event(given: Handover) -> dict[str, Any]:
    """Return the arguments of Airflow's PagerDuty notifier."""
    return {
        "summary": _one_line(given.text, PAGERDUTY_SUMMARY),
        "severity": PAGERDUTY_SEVERITY.get(given.severity, "warning"),
        "source": "costspike",
        "action": "resolve" if given.resolved else "trigger",
        "dedup_key": given.dedup_key,
        "custom_details": {"severity": given.severity, "title": given.title},
        "component": "AWS costs",
        "links": [{"href": url, "text": label} for label, url in given.links],
    }


def opsgenie_alert(given: Handover) -> dict[str, Any]:
    """Return the payload of Airflow's Opsgenie notifier, which can create alerts and close none."""
    return {
        "message": _one_line(given.title, OPSGENIE_MESSAGE),
        "alias": given.dedup_key[:OPSGENIE_ALIAS],
        "description": "\n".join([given.text, *(f"{label}: {url}" for label, url in given.links)])[
            :OPSGENIE_DESCRIPTION
        ],
        "priority": given.severity if given.severity in PAGERDUTY_SEVERITY else "P3",
        "source": "costspike",
        "tags": ["costspike", "aws-costs"],
    }


def teams_card(given: Handover) -> dict[str, Any]:
    """Return the body that a Teams workflow webhook takes: a message with one Adaptive Card.

    https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
    """
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": _card_text(given.title), "weight": "Bolder", "wrap": True},
            {"type": "TextBlock", "text": _card_text(given.text), "wrap": True},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": url} for label, url in given.links[:6]],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _links(value: Any) -> list[tuple[str, str]]:
    """Return label and address of every link in a message's blocks, in order."""
    if isinstance(value, list):
        return [link for item in value for link in _links(item)]
    if not isinstance(value, Mapping):
        return []
    if value.get("type") == "mrkdwn":
        return [(html.unescape(label), html.unescape(url)) for url, label in _LINK.findall(value["text"])]
    return [link for item in value.values() for link in _links(item)]


def _card_text(text: str) -> str:
    """Return a text in which a card finds no link: cards read some Markdown."""
    return text.translate(_PLAIN)


def _one_line(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
