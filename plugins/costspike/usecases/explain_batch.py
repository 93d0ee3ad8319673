"""Ask about the spikes of a backfill in one Message Batch, which is submitted once, whatever happens.

A submission cannot be repeated safely, and a batch has no name of ours. So what is about to be submitted is
stored first. Where nobody knows whether it was, the batches of the workspace since then are looked through: one
with as many requests may be it, and its results tell by their ids.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.explanation_batches import Batch, BatchQuestion
from costspike.domain.batches import batch_key_of, custom_id_of
from costspike.domain.errors import CostspikeError, UpstreamError
from costspike.domain.explanation import Explanation
from costspike.domain.facts import stored_facts, written_facts
from costspike.domain.prices import price_list
from costspike.domain.redaction import redaction_of
from costspike.usecases.ask_claude import prompt_of
from costspike.usecases.claude_budget import Budget, OverBudget
from costspike.usecases.explain_spike import question_of
from costspike.usecases.gather_evidence import Gathering, gather_evidence

if TYPE_CHECKING:
    from costspike.adapters.claude import Claude
    from costspike.adapters.claude.batches import ClaudeBatches
    from costspike.adapters.prompts import PromptTemplates
    from costspike.adapters.warehouse.explanation_batches import ExplanationBatches
    from costspike.adapters.warehouse.explanations import Explanations, Question
    from costspike.domain.facts import Fact
    from costspike.domain.runs import Run
    from costspike.rendering.prompt import Prompt
    from costspike.settings import Settings
    from costspike.usecases.spike_case import SpikeCase

log = logging.getLogger(__name__)

# Clocks differ; and another run that has been submitting for so long has died.
_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """What a batch needs: the stores, the evidence, models by their id, the batches of the API, the prompt."""

    explanations: Explanations
    batches: ExplanationBatches
    gathering: Gathering
    claude: Callable[[str], Claude]
    api: Callable[[], ClaudeBatches]
    templates: PromptTemplates
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A batch to wait for, and until when, UTC."""

    batch_id: str
    until: datetime


def is_batched(run: Run, settings: Settings) -> bool:
    """Tell whether a run's spikes are asked about in a batch: those of a backfill that was asked to explain."""
    own = settings.explain
    return own.enabled and own.batch and own.in_backfill and run.is_backfill and not run.dry_run


def begin_batch(
    run: Run, settings: Settings, cases: Sequence[SpikeCase], batching: Batching
) -> Waiting | None:
    """Return the batch of these cases, submitted now or before; None where there is nothing to wait for.

    Raises:
        CostspikeError: it could not be submitted. If that is retryable, the next try finds out what became of
            it.
    """
    questions = [(case, question_of(case, settings, batching.templates)) for case in cases]
    if not questions:
        return None
    forced = settings.explain.force or run.force
    ids = [_custom_id(question) for _, question in questions]
    key = batch_key_of(ids, run.run_id if forced else "")
    batch = batching.batches.get(key)
    if batch is None:
        asked = list(_affordable(run, settings, questions, batching, forced=forced))
        if not asked:
            log.info("No question is left for a batch.")
            return None
        mine = batching.batches.begin(key, asked, claimant=run.claimant, now=batching.clock())
        batch = _known(key, batching)
        if mine:
            return _submit(settings, batch, batching)
    return _go_on(run, settings, batch, batching)


def _go_on(run: Run, settings: Settings, batch: Batch, batching: Batching) -> Waiting | None:
    """Return what a batch from before is waited for under; submit it only if it never was."""
    if batch.state == "ended":
        return None
    if batch.batch_id:
        return _waiting(settings, batch)
    if batch.claimed_by != run.claimant and batching.clock() - batch.started_at < _MARGIN:
        msg = "another run is submitting the same batch to Claude; expected it to be done in a moment. Wait."
        raise UpstreamError(msg, system="Claude", reason="unavailable")
    found = [
        one.batch_id
        for one in batching.api().created_since(batch.started_at - _MARGIN)
        if one.requests == len(batch.questions) and one.batch_id not in batch.not_ours
    ]
    if found:
        log.info("The batch %s may be the one that was submitted before; its results tell.", found[0])
        return _waiting(settings, batching.batches.change(batch, state="found", batch_id=found[0]))
    return _submit(
        settings, batching.batches.change(batch, state="submitting", claimant=run.claimant), batching
    )


def _submit(settings: Settings, batch: Batch, batching: Batching) -> Waiting:
    requests = []
    for one in batch.questions:
        prompt = _prompt(stored_facts(one.facts), settings, batching)
        params = batching.claude(one.question.model).question(
            prompt.system, prompt.user, Explanation.model_json_schema()
        )
        requests.append({"custom_id": one.custom_id, "params": params})
    batch_id = batching.api().submit(requests)
    log.info("Asked Claude %d questions in the batch %s.", len(requests), batch_id)
    return _waiting(settings, batching.batches.change(batch, state="submitted", batch_id=batch_id))


def _affordable(
    run: Run,
    settings: Settings,
    questions: Sequence[tuple[SpikeCase, Question]],
    batching: Batching,
    *,
    forced: bool,
) -> Iterator[BatchQuestion]:
    """Yield the questions without an answer that the budgets allow, the largest impact first."""
    prices = price_list(settings.explain.prices).at(settings.explain.batch_price_percent)
    budget = Budget(run=run, settings=settings, explanations=batching.explanations, prices=prices)
    planned = Decimal(0)
    for case, question in questions:
        if not forced and batching.explanations.is_answered(question):
            continue
        facts = gather_evidence(case, batching.gathering)
        prompt, claude = _prompt(facts, settings, batching), batching.claude(question.model)
        try:
            planned += budget.check(claude, prompt, question.model, more=planned)
        except OverBudget as error:
            log.warning("The spike %s is not in the batch: %s.", question.spike_id, error)
            continue
        yield BatchQuestion(custom_id=_custom_id(question), question=question, facts=written_facts(facts))


def _prompt(facts: Sequence[Fact], settings: Settings, batching: Batching) -> Prompt:
    return prompt_of(redaction_of(facts, settings.explain.redact).facts(facts), batching.templates)


def _waiting(settings: Settings, batch: Batch) -> Waiting:
    until = batch.started_at + timedelta(hours=settings.explain.batch_max_hours)
    return Waiting(batch_id=batch.batch_id, until=until)


def _known(batch_key: str, batching: Batching) -> Batch:
    batch = batching.batches.get(batch_key)
    if batch is None:
        msg = f"the batch {batch_key} is not in explanation_batches any more; expected nobody to delete it"
        raise CostspikeError(msg)
    return batch


def _custom_id(question: Question) -> str:
    return custom_id_of(question.spike_id, question.prompt_hash, question.model)
