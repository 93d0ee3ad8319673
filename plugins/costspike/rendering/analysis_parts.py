"""The part of an alert that the model wrote, or the plain line that says why it wrote nothing.

All of it is text from outside: escaped, cut, and marked as the model's.
"""

import re
from collections.abc import Sequence

from costspike.domain.explanation import Explained, Explanation, Hypothesis, Recommendation
from costspike.rendering.alert import Alert
from costspike.rendering.blocks import Block, context, section
from costspike.rendering.facts_parts import driver_sentence
from costspike.rendering.fitting import Part, Use
from costspike.rendering.mrkdwn import fence, mrkdwn, plain, visible

# Two letters before the stop, a capital after it: "e.g. NAT" and "U.S. East" do not end a sentence.
_SENTENCE = re.compile(r".*?\w{2}[)%'\"]?[.!?](?=\s+[A-Z])")
_QUOTED = re.compile(r"\s['\"].*", re.DOTALL)
_LINE = 320
_PARAGRAPH = 900
_ACTION = 400
_CONSOLE = 200
_CLI = 500
_REASON = 300
_EVIDENCE_IDS = 12
_EVIDENCE_ID = 12
_FLAGS = 5
_FLAG = 90
_HYPOTHESIS = 300
_STEP_USES = (Use.FIRST_STEP, Use.SECOND_STEP, Use.THIRD_STEP)


def cause_part(alert: Alert) -> Part:
    """Return the lines under the title: what drives the rise by the bill, and the model's likely cause."""
    lines = (mrkdwn(driver_sentence(alert.spike), _LINE), cause_line(alert.explained))
    return Part(use=Use.ESSENTIAL, blocks=(section("\n".join(filter(None, lines))),))


def cause_sentence(explained: Explained) -> str:
    """Return the likely cause in one plain sentence, or why there is none."""
    if explained.explanation is None:
        reason = plain(visible(explained.reason) or "no reason is known", _REASON).rstrip(".")
        return f"No AI explanation: {reason}. The numbers come from the bill."
    return _first_sentence(explained.explanation.root_cause)


def cause_line(explained: Explained) -> str:
    """Return the model's likely cause marked as such, or why there is none; escaped."""
    sentence = mrkdwn(cause_sentence(explained), _LINE)
    if explained.explanation is None:
        return sentence
    category = explained.explanation.cause_category.replace("_", " ")
    return f"*Likely cause* (AI, {explained.explanation.confidence} confidence, {category}): {sentence}"


def analysis_parts(alert: Alert) -> list[Part]:
    """Return root cause, steps, prevention and what speaks for them; nothing without an explanation."""
    explanation = alert.explained.explanation
    if explanation is None:
        return []
    steps = [
        Part(
            use=_STEP_USES[at] if at < len(_STEP_USES) else Use.FURTHER_STEP,
            blocks=(_step(at + 1, recommendation),),
            name="step",
        )
        for at, recommendation in enumerate(explanation.recommendations)
    ]
    return [
        *_root_cause(explanation),
        *steps,
        *_alternatives(explanation.hypotheses[1:]),
        *_prevention(explanation),
        _grounds(alert.explained, explanation),
    ]


def _first_sentence(text: str) -> str:
    line = visible(text)
    found = _SENTENCE.match(line)
    return found.group() if found else line or "not stated."


def _root_cause(explanation: Explanation) -> list[Part]:
    text = visible(explanation.root_cause)
    lines = [] if len(text) <= _LINE and text == _first_sentence(text) else [mrkdwn(text, _PARAGRAPH)]
    if visible(explanation.what_changed):
        title = f"What changed on {explanation.changed_on}" if explanation.changed_on else "What changed"
        lines.append(f"*{mrkdwn(title, _LINE)}:* {mrkdwn(explanation.what_changed, _PARAGRAPH)}")
    if not lines:
        return []  # The line under the title has said it all.
    block = section("\n".join(["*Root cause (AI)*", *lines]))
    return [Part(use=Use.ROOT_CAUSE, blocks=(block,), name="root cause")]


def _alternatives(others: Sequence[Hypothesis]) -> list[Part]:
    if not others:
        return []
    lines = ["*Less likely (AI)*", *map(_alternative, others)]
    return [Part(use=Use.HYPOTHESES, blocks=(section("\n".join(lines)),), name="less likely causes")]


def _alternative(one: Hypothesis) -> str:
    grounds = [
        f"{word} {', '.join(plain(name, _EVIDENCE_ID) for name in ids[:_EVIDENCE_IDS])}"
        for word, ids in (("for", one.evidence_for), ("against", one.evidence_against))
        if ids
    ]
    told = mrkdwn("; ".join([f"{one.likelihood} likelihood", *grounds]), _HYPOTHESIS)
    check = mrkdwn(one.how_to_disprove, _HYPOTHESIS)
    ruled_out = f" To rule it out: {check}" if check else ""
    return f"• {mrkdwn(one.cause, _HYPOTHESIS)} ({told}){ruled_out}"


def _step(place: int, recommendation: Recommendation) -> Block:
    lines = [f"*{place}.* {mrkdwn(recommendation.action, _ACTION)}"]
    if place == 1:
        lines.insert(0, "*What to check (AI)*")
    if visible(recommendation.console_path):
        lines.append(f"Console: {mrkdwn(recommendation.console_path, _CONSOLE)}")
    if visible(recommendation.cli):
        lines.append(fence([recommendation.cli], _CLI))
    return section("\n".join(lines))


def _prevention(explanation: Explanation) -> list[Part]:
    text = mrkdwn(explanation.prevention, _PARAGRAPH)
    block = section(f"*Prevention (AI)*\n{text}")
    return [Part(use=Use.PREVENTION, blocks=(block,), name="prevention")] if text else []


def _grounds(explained: Explained, explanation: Explanation) -> Part:
    ids = [plain(name, _EVIDENCE_ID) for name in explanation.evidence_ids[:_EVIDENCE_IDS]]
    notes = [f"Confidence: {explanation.confidence}. Evidence: {', '.join(ids) or 'none cited'}."]
    if explained.proposal != explained.severity:
        reason = plain(explanation.severity_reason, _REASON)
        notes.append(
            f"Severity: {explained.severity} by rule; the model proposes {explained.proposal}: {reason}"
        )
    if explained.flags:
        notes.append(f"Checks of the answer: {_flags(explained.flags)}")
    if explanation.suspicious_input:
        notes.append("Caution: the model reports text in the billing data that reads like instructions.")
    return Part(use=Use.ESSENTIAL, blocks=(context([mrkdwn(note, _PARAGRAPH) for note in notes]),))


def _flags(flags: tuple[str, ...]) -> str:
    # A flag quotes what was taken out; an unverified number must not come back by this door.
    shown = "; ".join(plain(_QUOTED.sub("", flag).replace("_", " "), _FLAG) for flag in flags[:_FLAGS])
    more = len(flags) - _FLAGS
    return f"{shown}; and {more} more" if more > 0 else shown
