"""Ask Claude about one spike, once: an answer that was paid for is found again, whoever asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.explanations import Outcome, Question
from costspike.domain.answer_checks import check_answer
from costspike.domain.errors import CostspikeError, ExplanationRejected, UpstreamError
from costspike.domain.explanation import Explanation, parse_answer
from costspike.domain.facts import facts_hash
from costspike.domain.prices import estimate_cost
from costspike.domain.replies import Reply, UnusableReply
from costspike.rendering.prompt import Prompt, render_prompt
from costspike.usecases.gather_evidence import Gathering, gather_evidence

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.prompts import PromptTemplates
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.domain.facts import Fact
    from costspike.domain.runs import Run
    from costspike.settings import Settings
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

_POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What asking needs: the store, the evidence, the model behind its connection, the prompt, a clock."""

    explanations: Explanations
    gathering: Gathering
    claude: Callable[[], Claude]
    templates: PromptTemplates
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    last_try: bool = True


def explain_spike(run: Run, settings: Settings, case: SpikeCase | None, asking: Asking) -> dict[str, Any]:
    """Return ``explained`` and, if it is false, the ``reason``: a failure never stops the alert.

    Raises:
        UpstreamError: waiting can heal it and Airflow has a try left; only then.
    """
    if case is None:
        return {"explained": False, "reason": "the newest verdict does not hold the spike any more"}
    question = _question(case, settings, asking.templates)
    claim = _claim(run, settings, question, asking)
    if claim == "answered":
        log.info("The spike %s was explained before; nothing is paid.", question.spike_id)
        return {"explained": True, "reason": ""}
    if claim == "busy":
        return {"explained": False, "reason": "another run was still waiting for the answer"}
    facts = gather_evidence(case, asking.gathering)
    outcome = _ask(run, settings, facts, asking)
    asking.explanations.finish(question, outcome, facts=_stored(facts), now=asking.clock())
    if outcome.explanation is None:
        log.warning("The spike %s has no explanation: %s", question.spike_id, outcome.reason)
    return {"explained": outcome.explanation is not None, "reason": outcome.reason}


def _question(case: SpikeCase, settings: Settings, templates: PromptTemplates) -> Question:
    """Return what identifies the question: the facts without the evidence, which another try may find changed."""
    return Question(
        spike_id=case.spike.spike_id,
        prompt_hash=_prompt(case.facts, templates).digest,
        model=settings.explain.model,
        facts_hash=facts_hash(case.facts),
        facts=_stored(case.facts),
        prompt_version=templates.version,
        severity=case.severity,
    )


def _prompt(facts: Sequence[Fact], templates: PromptTemplates) -> Prompt:
    return render_prompt(facts, version=templates.version, system=templates.system, user=templates.user)


def _stored(facts: Sequence[Fact]) -> str:
    return json.dumps([asdict(fact) for fact in facts])


def _claim(run: Run, settings: Settings, question: Question, asking: Asking) -> str:
    """Take the question on; wait while another run is waiting for the same answer.

    That one may have to wait for the warehouse as well, and to import Claude's SDK, before it has asked.
    """
    asked = settings.explain.timeout_seconds + settings.explain.max_wait_seconds
    patience = timedelta(seconds=settings.explain.attempts * asked + settings.tasks.warehouse_wait_seconds)
    give_up = asking.clock() + patience + timedelta(seconds=_POLL_SECONDS)
    while True:
        now = asking.clock()
        claim = asking.explanations.claim(
            question,
            claimant=run.claimant,
            now=now,
            stale_before=now - patience,
            force=settings.explain.force or run.force,
        )
        if claim != "busy" or now > give_up:
            return claim
        asking.sleep(_POLL_SECONDS)


def _ask(run: Run, settings: Settings, facts: Sequence[Fact], asking: Asking) -> Outcome:
    spent = asking.explanations.usd_since(run.midnight)
    if spent >= settings.explain.daily_budget_usd:
        return Outcome(
            explanation=None,
            reason=f"the daily budget for Claude is used up (${spent:.2f} of ${settings.explain.daily_budget_usd}, "
            "explain.daily_budget_usd)",
        )
    prompt = _prompt(facts, asking.templates)
    try:
        reply = asking.claude().ask(prompt.system, prompt.user, Explanation.model_json_schema())
    except UpstreamError as error:
        if error.retryable and not asking.last_try:
            raise
        return Outcome(explanation=None, reason=str(error))
    except UnusableReply as error:
        return _paid(error.reply, None, reason=str(error))
    except CostspikeError as error:
        return Outcome(explanation=None, reason=str(error))
    try:
        answer, flags = check_answer(parse_answer(reply.text), facts)
    except ExplanationRejected as error:
        return _paid(reply, None, reason=str(error))
    return _paid(reply, answer, flags=flags)


def _paid(
    reply: Reply, answer: Explanation | None, *, reason: str = "", flags: tuple[str, ...] = ()
) -> Outcome:
    return Outcome(
        explanation=answer,
        flags=flags,
        reason=reason,
        request_id=reply.request_id,
        input_tokens=reply.input_tokens + reply.cache_read_tokens + reply.cache_write_tokens,
        output_tokens=reply.output_tokens,
        usd=estimate_cost(reply),
    )
