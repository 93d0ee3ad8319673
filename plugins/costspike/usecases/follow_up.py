"""Let Claude look further, where it was not sure of a P1: a few reads of landed costs, then it has to answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costspike.domain.errors import CostspikeError
from costspike.domain.explanation import Explanation
from costspike.domain.landed_reads import UnknownRead, read_of, tools
from costspike.domain.redaction import redaction_of
from costspike.domain.replies import Reply, ToolCall, UnusableReply
from costspike.rendering.prompt import Prompt, render_follow_up, render_rows
from costspike.usecases.ask_claude import prompt_of
from costspike.usecases.checked_answers import Checked, checked, outcome_of

if TYPE_CHECKING:
    from costspike.adapters.warehouse.explanations import Outcome
    from costspike.domain.facts import Fact
    from costspike.domain.landed_reads import Read
    from costspike.settings import Settings
    from costspike.usecases.ask_claude import Asking
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

# The last one has to be an answer, so there are three rounds of reads at most.
MAX_TURNS = 4
_MAX_CALLS = 6

Look = Callable[["Read", int], "tuple[Fact, ...]"]
"""From a read and the number of its first row to its rows."""


@dataclass(slots=True)
class _Talk:
    """A conversation so far: what was said, which rows there are by now, and what was paid."""

    asking: Asking
    facts: list[Fact]
    messages: list[Mapping[str, Any]]
    calls: int = 0
    replies: list[Reply] = field(default_factory=list)


def needs_follow_up(case: SpikeCase, settings: Settings, outcome: Outcome) -> bool:
    """Tell whether an answer is to be followed up: asked for, P1, and the model itself was not sure."""
    answer = outcome.explanation
    return (
        settings.explain.follow_up
        and case.severity == "P1"
        and answer is not None
        and answer.confidence == "low"
    )


def follow_up(
    facts: Sequence[Fact], first: Outcome, asking: Asking, look: Look
) -> tuple[tuple[Fact, ...], Outcome]:
    """Return the longer sheet, the answer after it and what that cost; ``first`` is stored and paid already.

    There is no answer where the follow-up fails, costs too much, or brings nothing that is worth showing.
    """
    talk = _Talk(asking=asking, facts=list(facts), messages=_opening(facts, first, asking))
    try:
        answer = _talk(talk, look)
    except UnusableReply as error:
        talk.replies.append(error.reply)
        answer = Checked(answer=None, reason=str(error))
    except CostspikeError as error:
        answer = Checked(answer=None, reason=str(error))
    if answer.answer is None:
        log.warning("The follow-up brought no answer, the first one stays: %s", answer.reason)
    return tuple(talk.facts), outcome_of(answer, talk.replies, asking.budget.prices)


def _talk(talk: _Talk, look: Look) -> Checked:
    asking = talk.asking
    claude, templates = asking.claude(asking.model), asking.templates
    for number in range(1, MAX_TURNS + 1):
        spent = outcome_of(Checked(answer=None), talk.replies, asking.budget.prices).usd or Decimal(0)
        whole = Prompt(version=templates.version, system=templates.system, user=str(talk.messages))
        asking.budget.check(claude, whole, asking.model, more=spent)
        turn = claude.turn(
            templates.system,
            talk.messages,
            Explanation.model_json_schema(),
            tools(),
            last=number == MAX_TURNS or talk.calls >= _MAX_CALLS,
        )
        talk.replies.append(turn.reply)
        if not turn.calls:
            shown = redaction_of(talk.facts, asking.settings.explain.redact).shown(turn.reply.text)
            return checked(shown, talk.facts)
        results = [_result(call, talk, look) for call in turn.calls]
        talk.messages += [turn.said, {"role": "user", "content": results}]
    return Checked(answer=None, reason="the follow-up ended without an answer")


def _result(call: ToolCall, talk: _Talk, look: Look) -> dict[str, Any]:
    """Return what a call brings; its rows belong to the sheet from now on."""
    told = {"type": "tool_result", "tool_use_id": call.call_id}
    talk.calls += 1
    if talk.calls > _MAX_CALLS:
        return told | {"is_error": True, "content": "no further call is answered; answer with what you have"}
    mode = talk.asking.settings.explain.redact
    try:
        read = read_of(call.name, _with_names(call.arguments, talk.facts, mode))
    except UnknownRead as error:
        return told | {"is_error": True, "content": str(error)}
    rows = look(read, len(talk.facts) + 1)
    log.info("The follow-up looked at %s %s: %d rows.", call.name, read, len(rows))
    talk.facts += rows
    # Names that are new get the next aliases; those that were sent before keep theirs.
    return told | {"content": render_rows(redaction_of(talk.facts, mode).facts(rows))}


def _with_names(arguments: object, facts: Sequence[Fact], mode: Any) -> object:
    """Return the arguments with the names that their aliases stand for."""
    if not isinstance(arguments, Mapping):
        return arguments
    names = {alias: name for name, alias in redaction_of(facts, mode).aliases.items()}
    return {
        key: names.get(value, value) if isinstance(value, str) else value for key, value in arguments.items()
    }


def _opening(facts: Sequence[Fact], first: Outcome, asking: Asking) -> list[Mapping[str, Any]]:
    redaction, templates = redaction_of(facts, asking.settings.explain.redact), asking.templates
    prompt = prompt_of(redaction.facts(facts), templates)
    said = first.explanation.model_dump_json() if first.explanation else ""
    more = render_follow_up(templates.follow_up, MAX_TURNS - 1)
    return [
        {"role": "user", "content": prompt.user},
        {"role": "assistant", "content": redaction.hidden(said)},
        {"role": "user", "content": more},
    ]
