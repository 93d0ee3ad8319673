"""One minor spike as a short message: what, how much, why; the rest answers it in its thread."""

from collections.abc import Iterator
from dataclasses import replace

from costspike.rendering.alert import Alert
from costspike.rendering.alert_message import alert_message, small_print
from costspike.rendering.analysis_parts import cause_line
from costspike.rendering.blocks import section
from costspike.rendering.contributors import contributor_line
from costspike.rendering.evidence_parts import evidence_parts
from costspike.rendering.facts_parts import (
    chart_parts,
    driver_sentence,
    fallen_parts,
    header_part,
    link_parts,
    mention_parts,
    related_parts,
    short_amounts_part,
    table_parts,
)
from costspike.rendering.fitting import Part, Use, fitted
from costspike.rendering.message import FoldedMessage
from costspike.rendering.mrkdwn import mrkdwn

_LINE = 600


def folded_message(alert: Alert, *, message_key: str) -> FoldedMessage:
    """Return the message in two: the short one, and all of it for the thread or where there are no threads."""
    parts = [
        header_part(alert),
        _cause_part(alert),
        *mention_parts(alert),
        short_amounts_part(alert),
        *related_parts(alert),
        *link_parts(alert),
        small_print(alert, f"In the Slack thread: {', '.join(_in_thread(alert))}."),
    ]
    full = alert_message(alert, message_key=message_key)
    return FoldedMessage(short=replace(full, blocks=fitted(parts)), full=full)


def _cause_part(alert: Alert) -> Part:
    """Return the analysis in a line, and what the rise is made of in another."""
    parts = contributor_line(alert.spike)
    made_of = f"Where it comes from: {parts}." if parts else driver_sentence(alert.spike)
    lines = (cause_line(alert.explained), mrkdwn(made_of, _LINE))
    return Part(use=Use.ESSENTIAL, blocks=(section("\n".join(filter(None, lines))),))


def _in_thread(alert: Alert) -> Iterator[str]:
    """Yield what the thread has and the short message has not."""
    explanation = alert.explained.explanation
    yield "why this was flagged"
    if chart_parts(alert):
        yield "the chart"
    if table_parts(alert):
        yield "all contributors"
    if fallen_parts(alert):
        yield "what fell on the same day"
    if explanation and explanation.recommendations:
        yield "what to check"
    if explanation and explanation.prevention:
        yield "prevention"
    if evidence_parts(alert):
        yield "evidence"
