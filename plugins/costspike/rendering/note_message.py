"""What goes on with an incident, as a short message: an answer in its thread, or one of its own after a webhook."""

from __future__ import annotations

from collections.abc import Sequence

from costspike.domain.explanation import Explained
from costspike.domain.incident_changes import NotifyReason
from costspike.domain.notices import Notice
from costspike.domain.spikes import Spike
from costspike.rendering import slack_limits
from costspike.rendering.amounts import money
from costspike.rendering.analysis_parts import cause_sentence
from costspike.rendering.blocks import Block, context, fields, section
from costspike.rendering.contributors import contributor_line
from costspike.rendering.incident_words import headline, sentence
from costspike.rendering.links import Link, link_line
from costspike.rendering.mentions import mention_line
from costspike.rendering.message import Message, metadata
from costspike.rendering.mrkdwn import mrkdwn, plain

_LINE = 600
_CAUSE = 320
_LINKS = 2500


def note_message(
    notice: Notice,
    *,
    account_name: str,
    explained: Explained | None = None,
    worst: Spike | None = None,
    links: Sequence[Link] = (),
    mentions: Sequence[str] = (),
) -> Message:
    """Return the message; ``explained`` is given where Claude was asked again, and shown if it answered.

    ``worst`` is the spike that made the grade worse: its parts are shown with their dollars. ``mentions``
    are ids of who is called, from the settings.
    """
    title, said = headline(notice, account_name), sentence(notice)
    blocks: list[Block] = [section(f"*{mrkdwn(title, _LINE)}*\n{mrkdwn(said, _LINE)}")]
    if notice.reason is not NotifyReason.CORRECTED:
        blocks.append(fields([f"*{label}*\n{value}" for label, value in _figures(notice)]))
    cause = ""
    if explained and explained.explanation:
        cause = plain(cause_sentence(explained), _CAUSE)
        blocks.append(section(f"*Likely cause* (AI): {mrkdwn(cause, _CAUSE)}"))
    if worst and (parts := contributor_line(worst)):
        blocks.append(section(f"Where it comes from on {worst.day}: {mrkdwn(parts, _LINE)}."))
    if called := mention_line(mentions):
        blocks.append(section(f"For {called}"))
    if line := link_line(links, _LINKS):
        blocks.append(section(line))
    blocks.append(context([f"Incident {notice.incident_id} · {notice.severity} · from billing data"]))
    spoken = " ".join(filter(None, (f"{title}.", said, cause and f"Likely cause, by AI: {cause}")))
    return Message(
        text=mrkdwn(spoken, slack_limits.FALLBACK_TEXT),
        blocks=blocks,
        metadata=metadata(notice.alert_id, notice.severity),
    )


def _figures(notice: Notice) -> list[tuple[str, str]]:
    currency = notice.billing_currency
    return [
        ("In all", money(notice.impact, currency, sign=True)),
        ("Told last", money(notice.old_impact, currency, sign=True)),
        ("First day", f"{notice.first_day}"),
        ("Last day above it", f"{notice.last_day}"),
    ]
