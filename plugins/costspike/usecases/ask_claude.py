"""Ask Claude about a fact sheet: within the budgets, checked, and once more where too little was left."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.explanations import Outcome
from costspike.domain.answer_checks import check_answer, is_worth_showing
from costspike.domain.errors import CostspikeError, ExplanationRejected, UpstreamError
from costspike.domain.explanation import Explanation, parse_answer
from costspike.domain.prices import planned_cost, price_list
from costspike.domain.redaction import redaction_of
from costspike.domain.replies import Reply, UnusableReply
from costspike.rendering.prompt import Prompt, render_again, render_prompt

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.prompts import PromptTemplates
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.domain.facts import Fact
    from costspike.domain.runs import Run
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_MAX_PROBLEMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question: the run that asks it, the model, and where its price is counted."""

    run: Run
    settings: Settings
    model: str
    claude: Callable[[str], Claude]
    templates: PromptTemplates
    explanations: Explanations
    last_try: bool


@dataclass(slots=True)
class _Paid:
    """What the answers to one question cost together; the price is unknown once any of them is."""

    asking: Asking
    replies: list[Reply] = field(default_factory=list)

    def outcome(
        self, answer: Explanation | None, *, reason: str = "", flags: tuple[str, ...] = ()
    ) -> Outcome:
        prices = price_list(self.asking.settings.explain.prices)
        costs = [prices.cost(reply) for reply in self.replies]
        return Outcome(
            explanation=answer,
            flags=flags,
            reason=reason,
            request_id=self.replies[-1].request_id if self.replies else "",
            input_tokens=sum(
                one.input_tokens + one.cache_read_tokens + one.cache_write_tokens for one in self.replies
            ),
            output_tokens=sum(one.output_tokens for one in self.replies),
            usd=None if not costs or None in costs else sum(filter(None, costs), Decimal(0)),
        )


def ask_claude(facts: Sequence[Fact], asking: Asking) -> Outcome:
    """Return the checked answer, or the reason why there is none; what was paid is part of it either way.

    Raises:
        UpstreamError: waiting can heal it and Airflow has a try left; only then, and only while nothing is
            paid.
    """
    redaction = redaction_of(facts, asking.settings.explain.redact)
    templates = asking.templates
    prompt = render_prompt(
        redaction.facts(facts), version=templates.version, system=templates.system, user=templates.user
    )
    paid = _Paid(asking)
    try:
        claude = asking.claude(asking.model)
        _check_budget(claude, prompt, asking)
        reply = claude.ask(prompt.system, prompt.user, Explanation.model_json_schema())
    except UpstreamError as error:
        if error.retryable and not asking.last_try:
            raise
        return paid.outcome(None, reason=str(error))
    except UnusableReply as error:
        paid.replies.append(error.reply)
        return paid.outcome(None, reason=str(error))
    except CostspikeError as error:
        return paid.outcome(None, reason=str(error))
    paid.replies.append(reply)
    first = _checked(redaction.shown(reply.text), facts)
    if first.answer is not None or not asking.settings.explain.ask_again or not templates.again:
        return _final(first, paid)
    log.info("Claude is asked again: %s", "; ".join(first.problems))
    second = _again(claude, prompt, reply, [redaction.hidden(one) for one in first.problems], paid)
    if isinstance(second, str):
        return paid.outcome(None, reason=f"{first.reason} It was asked again: {second}")
    return _final(_checked(redaction.shown(second.text), facts), paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    answer: Explanation | None
    flags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    reason: str = ""


def _checked(text: str, facts: Sequence[Fact]) -> _Checked:
    """Return the answer if enough of it is left, else what was wrong with it."""
    try:
        answer, flags = check_answer(parse_answer(text), facts)
    except ExplanationRejected as error:
        return _Checked(answer=None, problems=(str(error),), reason=str(error))
    if is_worth_showing(answer, flags):
        return _Checked(answer=answer, flags=flags)
    reason = f"too much of Claude's answer could not be verified ({len(flags)} findings)."
    return _Checked(answer=None, flags=flags, problems=flags[:_MAX_PROBLEMS], reason=reason)


def _final(checked: _Checked, paid: _Paid) -> Outcome:
    return paid.outcome(checked.answer, reason=checked.reason, flags=checked.flags)


def _again(claude: Claude, prompt: Prompt, reply: Reply, problems: Sequence[str], paid: _Paid) -> Reply | str:
    """Ask once more with the reasons; return the reply, or why there is none."""
    asking = paid.asking
    before = paid.outcome(None).usd or Decimal(0)
    try:
        _check_budget(claude, prompt, asking, more=before)
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


class _OverBudget(CostspikeError):
    """The next answer might cost more than the settings allow."""


def _check_budget(claude: Claude, prompt: Prompt, asking: Asking, more: Decimal = Decimal(0)) -> None:
    """Refuse a question whose dearest answer does not fit what is left of the run's and the day's budget.

    A model whose price is not known cannot be planned: it is asked while the known spending is below the
    budgets.
    """
    own = asking.settings.explain
    spent = {
        "explain.daily_budget_usd": (
            asking.explanations.usd_since(asking.run.midnight),
            own.daily_budget_usd,
        ),
        "explain.run_budget_usd": (asking.explanations.usd_of_run(asking.run.claims), own.run_budget_usd),
    }
    for name, (known, budget) in spent.items():
        if known + more >= budget:
            msg = f"the budget for Claude is used up (${known + more:.2f} of ${budget}, {name})"
            raise _OverBudget(msg)
    tokens = claude.count_tokens(prompt.system, prompt.user, Explanation.model_json_schema())
    planned = planned_cost(asking.model, tokens, own.max_tokens, price_list(own.prices))
    if planned is None:
        log.warning("The price of %s is not known (explain.prices); its cost is not planned.", asking.model)
        return
    for name, (known, budget) in spent.items():
        if known + more + planned > budget:
            msg = (
                f"the answer may cost ${planned:.2f}, and the budget for Claude leaves "
                f"${budget - known - more:.2f} (of ${budget}, {name})"
            )
            raise _OverBudget(msg)
