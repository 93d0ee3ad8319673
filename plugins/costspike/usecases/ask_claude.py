"""Ask Claude about a fact sheet: within the budgets, checked, and once more where too little was left."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.domain.errors import CostspikeError, UpstreamError
from costspike.domain.explanation import Explanation
from costspike.domain.prices import price_list
from costspike.domain.redaction import redaction_of
from costspike.domain.replies import Reply, UnusableReply
from costspike.rendering.prompt import Prompt, render_again, render_prompt
from costspike.usecases.checked_answers import Checked, checked, outcome_of
from costspike.usecases.claude_budget import Budget

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.prompts import PromptTemplates
    from costspike.adapters.warehouse.explanations import Explanations, Outcome
    from costspike.domain.facts import Fact
    from costspike.domain.runs import Run
    from costspike.settings import Settings
    from costspike.usecases.shared_refusals import SharedRefusals

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question: the run that asks it, the model, and where its price is counted."""

    run: Run
    settings: Settings
    model: str
    claude: Callable[[str], Claude]
    templates: PromptTemplates
    explanations: Explanations
    refusals: SharedRefusals
    last_try: bool

    @property
    def credential(self) -> str:
        """Return what decides whether Claude refuses: a key may be allowed one model and not another."""
        return f"{self.settings.connections.anthropic}/{self.model}"

    @property
    def budget(self) -> Budget:
        """Return the budgets that the question has to fit."""
        return Budget(
            run=self.run,
            settings=self.settings,
            explanations=self.explanations,
            prices=price_list(self.settings.explain.prices),
        )


@dataclass(slots=True)
class _Paid:
    """The answers to one question so far."""

    asking: Asking
    replies: list[Reply] = field(default_factory=list)

    def outcome(self, answer: Checked) -> Outcome:
        return outcome_of(answer, self.replies, self.asking.budget.prices)

    def none(self, reason: str) -> Outcome:
        return self.outcome(Checked(answer=None, reason=reason))


def ask_claude(facts: Sequence[Fact], asking: Asking) -> Outcome:
    """Return the checked answer, or the reason why there is none; what was paid is part of it either way.

    Raises:
        UpstreamError: waiting can heal it and Airflow has a try left; only then, and only while nothing is
            paid.
    """
    redaction = redaction_of(facts, asking.settings.explain.redact)
    templates = asking.templates
    prompt = prompt_of(redaction.facts(facts), templates)
    paid = _Paid(asking)
    try:
        with asking.refusals.sharing("Claude", asking.credential):
            claude = asking.claude(asking.model)
            asking.budget.check(claude, prompt, asking.model)
            reply = claude.ask(prompt.system, prompt.user, Explanation.model_json_schema())
    except UpstreamError as error:
        if error.retryable and not asking.last_try:
            raise
        return paid.none(str(error))
    except UnusableReply as error:
        paid.replies.append(error.reply)
        return paid.none(str(error))
    except CostspikeError as error:
        return paid.none(str(error))
    paid.replies.append(reply)
    first = checked(redaction.shown(reply.text), facts)
    if first.answer is not None or not asking.settings.explain.ask_again or not templates.again:
        return paid.outcome(first)
    log.info("Claude is asked again: %s", "; ".join(first.problems))
    second = _again(claude, prompt, reply, [redaction.hidden(one) for one in first.problems], paid)
    if isinstance(second, str):
        return paid.none(f"{first.reason} It was asked again: {second}")
    return paid.outcome(checked(redaction.shown(second.text), facts))


def prompt_of(facts: Sequence[Fact], templates: PromptTemplates) -> Prompt:
    """Return the prompt that asks about the facts as they are."""
    return render_prompt(facts, version=templates.version, system=templates.system, user=templates.user)


def _again(claude: Claude, prompt: Prompt, reply: Reply, problems: Sequence[str], paid: _Paid) -> Reply | str:
    """Ask once more with the reasons; return the reply, or why there is none."""
    asking = paid.asking
    before = paid.none("").usd or Decimal(0)
    try:
        asking.budget.check(claude, prompt, asking.model, more=before)
        again = render_again(asking.templates.again, problems)
        second = claude.ask(
            prompt.system, prompt.user, Explanation.model_json_schema(), again=(reply.text, again)
        )
    except UnusableReply as error:
        paid.replies.append(error.reply)
        return str(error)
    except CostspikeError as error:
        return str(error)
    paid.replies.append(second)
    return second
