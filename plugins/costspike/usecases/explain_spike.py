"""Explain one spike, once: an answer that was paid for is found again, whoever asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.explanations import Question
from costspike.domain.facts import facts_hash, written_facts
from costspike.usecases import ask_claude
from costspike.usecases.follow_up import follow_up, needs_follow_up
from costspike.usecases.gather_evidence import Gathering, gather_evidence

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.prompts import PromptTemplates
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.domain.facts import Fact
    from costspike.domain.landed_reads import Read
    from costspike.domain.runs import Run
    from costspike.domain.spikes import Spike
    from costspike.settings import Settings
    from costspike.usecases.shared_refusals import SharedRefusals
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

_POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What explaining needs: the store, the evidence, a model by its id, the prompt, a clock, a look further.

    ``refusals`` are the keys that Claude has just refused to another instance of the task.
    """

    explanations: Explanations
    gathering: Gathering
    claude: Callable[[str], Claude]
    templates: PromptTemplates
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    look: Callable[[Spike, Read, int], tuple[Fact, ...]]
    refusals: SharedRefusals
    last_try: bool = True


def explain_spike(run: Run, settings: Settings, case: SpikeCase | None, asking: Asking) -> dict[str, Any]:
    """Return ``explained`` and, if it is false, the ``reason``: a failure never stops the alert.

    Raises:
        UpstreamError: waiting can heal it and Airflow has a try left; only then.
    """
    if case is None:
        return {"explained": False, "reason": "the newest verdict does not hold the spike any more"}
    question = question_of(case, settings, asking.templates)
    claim = _claim(run, settings, question, asking)
    if claim == "answered":
        log.info("The spike %s was explained before; nothing is paid.", question.spike_id)
        return {"explained": True, "reason": ""}
    if claim == "busy":
        return {"explained": False, "reason": "another run was still waiting for the answer"}
    facts = gather_evidence(case, asking.gathering)
    one = ask_claude.Asking(
        run=run,
        settings=settings,
        model=question.model,
        claude=asking.claude,
        templates=asking.templates,
        explanations=asking.explanations,
        refusals=asking.refusals,
        last_try=asking.last_try,
    )
    outcome = ask_claude.ask_claude(facts, one)
    asking.explanations.finish(question, outcome, facts=written_facts(facts), now=asking.clock())
    if needs_follow_up(case, settings, outcome):
        facts, later = follow_up(facts, outcome, one, partial(asking.look, case.spike))
        asking.explanations.finish(question, later, facts=written_facts(facts), now=asking.clock())
    if outcome.explanation is None:
        log.warning("The spike %s has no explanation: %s", question.spike_id, outcome.reason)
    return {"explained": outcome.explanation is not None, "reason": outcome.reason}


def question_of(case: SpikeCase, settings: Settings, templates: PromptTemplates) -> Question:
    """Return what identifies the question: the facts without the evidence, which another try may find changed."""
    prompt = ask_claude.prompt_of(case.facts, templates)
    return Question(
        spike_id=case.spike.spike_id,
        prompt_hash=prompt.digest,
        model=settings.explain.model_for(case.severity),
        facts_hash=facts_hash(case.facts),
        facts=written_facts(case.facts),
        prompt_version=templates.version,
        severity=case.severity,
    )


def _claim(run: Run, settings: Settings, question: Question, asking: Asking) -> str:
    """Take the question on; wait while another run is waiting for the same answer.

    That one may have to look for evidence and wait for the warehouse as well, and to import Claude's SDK, before
    it has asked; and it may ask twice.
    """
    own = settings.explain
    asked = (own.timeout_seconds + own.max_wait_seconds) * (2 if own.ask_again else 1)
    patience = timedelta(
        seconds=own.attempts * asked + settings.evidence.max_seconds + settings.tasks.warehouse_wait_seconds
    )
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
