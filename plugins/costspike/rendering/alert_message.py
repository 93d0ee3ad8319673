"""One spike as a Slack message."""

from collections.abc import Iterator
from dataclasses import replace

from costspike.domain.explanation import Explained
from costspike.domain.spikes import Spike
from costspike.rendering import slack_limits
from costspike.rendering.alert import Alert
from costspike.rendering.amounts import money, percent
from costspike.rendering.analysis_parts import analysis_parts, cause_part, cause_sentence
from costspike.rendering.blocks import context
from costspike.rendering.evidence_parts import evidence_parts
from costspike.rendering.facts_parts import (
    amounts_part,
    chart_parts,
    driver_sentence,
    fallen_parts,
    header_part,
    link_parts,
    mention_parts,
    related_parts,
    table_parts,
    why_part,
)
from costspike.rendering.fitting import Part, Use, fitted
from costspike.rendering.message import Message, metadata
from costspike.rendering.mrkdwn import mrkdwn, plain, visible
from costspike.rendering.names import account_label, scope_name

PROVISIONAL = "AWS still marks the cost of this day as estimated: it can change."

_AI_NOTE = "AI-generated from billing data; check before acting."
_NAME = 120
_CAUSE = 600
_ACTION = 200
_WORD = 60
_SMALL_PRINT = 300


def alert_message(alert: Alert, *, message_key: str) -> Message:
    """Return the message; ``message_key`` goes into the metadata, by which a sent message is found again.

    The most important comes first: what and how much, why, the amounts, the picture, the analysis. Where
    all of it is too much for Slack, the least useful parts are left out with a note.
    """
    parts = [
        header_part(alert),
        cause_part(alert),
        *mention_parts(alert),
        amounts_part(alert),
        why_part(alert),
        *related_parts(alert),
        *chart_parts(alert),
        *table_parts(alert),
        *fallen_parts(alert),
        *analysis_parts(alert),
        *evidence_parts(alert),
        *link_parts(alert),
        small_print(alert),
    ]
    return Message(
        text=mrkdwn(" ".join(_spoken(alert)), slack_limits.FALLBACK_TEXT),
        blocks=fitted(parts),
        metadata=metadata(message_key, alert.explained.severity),
    )


def details_message(alert: Alert, *, message_key: str) -> Message:
    """Return what answers a short message or a digest in its thread; it calls nobody again.

    Its notification does not repeat that message, which was one just before: it says whose details these are, and
    what they advise to begin with.
    """
    message = alert_message(replace(alert, mentions=()), message_key=message_key)
    return replace(message, text=mrkdwn(" ".join(_spoken_details(alert)), slack_limits.FALLBACK_TEXT))


def small_print(alert: Alert, *more: str) -> Part:
    """Return who wrote it and whether it can change, after ``more`` notes."""
    explained = alert.explained
    notes = [f"Spike {alert.spike.spike_id}"]
    if explained.explanation is not None:
        notes = [_AI_NOTE, " · ".join([*notes, *_authors(explained)])]
    if alert.estimated:
        notes.append(PROVISIONAL)
    shown = [mrkdwn(note, _SMALL_PRINT) for note in (*more, *notes)]
    return Part(use=Use.ESSENTIAL, blocks=(context(shown),))


def _spoken(alert: Alert) -> Iterator[str]:
    """Yield the sentences that a notification shows and a screen reader reads, the news first."""
    spike = alert.spike
    currency = spike.billing_currency
    yield f"{alert.explained.severity} AWS cost spike: {_named(alert)}:"
    yield f"{_change(spike)} ({percent(spike.impact_percent)})."
    yield f"The day cost {money(spike.actual_cost, currency)},"
    yield f"{money(spike.expected_cost, currency)} was expected,"
    yield f"the day before cost {money(spike.previous_cost, currency)}."
    yield driver_sentence(spike)
    cause = plain(cause_sentence(alert.explained), _CAUSE)
    yield cause if alert.explained.explanation is None else f"Likely cause, by AI: {cause}"
    if alert.estimated:
        yield PROVISIONAL


def _spoken_details(alert: Alert) -> Iterator[str]:
    yield f"Details of the {alert.explained.severity} spike of {_named(alert)} ({_change(alert.spike)})."
    explanation = alert.explained.explanation
    steps = explanation.recommendations[:1] if explanation else []
    action = plain(visible(steps[0].action), _ACTION) if steps else ""
    if action:
        yield f"To check first, by AI: {action}"


def _named(alert: Alert) -> str:
    scope = alert.spike.scope
    account = plain(account_label(alert.account_name, scope.account_id), _NAME)
    return f"{plain(scope_name(scope), _NAME)}, {account}, on {alert.spike.day}"


def _change(spike: Spike) -> str:
    return money(spike.impact, spike.billing_currency, sign=True)


def _authors(explained: Explained) -> Iterator[str]:
    if explained.model:
        yield f"model {plain(explained.model, _WORD)}"
    if explained.prompt_version:
        yield f"prompt {plain(explained.prompt_version, _WORD)}"
