"""Read a Message Batch that has ended: every answer is checked, stored and booked once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from costspike.domain.facts import stored_facts
from costspike.domain.prices import price_list
from costspike.domain.redaction import redaction_of
from costspike.domain.replies import UnusableReply
from costspike.usecases.checked_answers import Checked, checked, outcome_of

if TYPE_CHECKING:
    from costspike.adapters.claude.batches import BatchResult
    from costspike.adapters.warehouse.explanation_batches import BatchQuestion
    from costspike.adapters.warehouse.explanations import Outcome
    from costspike.domain.runs import Run
    from costspike.settings import Settings
    from costspike.usecases.explain_batch import Batching

log = logging.getLogger(__name__)


def collect_batch(run: Run, settings: Settings, batch_id: str, batching: Batching) -> int | None:
    """Return how many questions of a batch were answered; None if it was somebody else's batch.

    What has no answer, or none that is worth showing, is left to explain_spike, which asks by itself.

    Raises:
        UpstreamError: the results could not be read.
    """
    batch = batching.batches.of_id(batch_id)
    if batch is None or batch.state == "ended":
        return 0
    results = {one.custom_id: one for one in batching.api().results(batch_id)}
    if batch.state == "found":
        if results.keys() != {one.custom_id for one in batch.questions}:
            log.info("The batch %s is not the one that was submitted.", batch_id)
            batching.batches.change(batch, state="submitting", not_ours=[*batch.not_ours, batch_id])
            return None
        batching.batches.change(batch, state="submitted", batch_id=batch_id)
    answered = 0
    for asked in batch.questions:
        outcome = _outcome(settings, asked, results.get(asked.custom_id), batching)
        batching.batches.settle(
            batch.batch_key, asked.custom_id, outcome, claimant=run.claimant, now=batching.clock()
        )
        answered += outcome is not None and outcome.explanation is not None
    return answered


def cancel_batch(batch_id: str, batching: Batching) -> bool:
    """Cancel a batch that takes too long; tell whether its end is worth waiting for.

    It is not if it was cancelled before. One that may be somebody else's is left alone.

    Raises:
        UpstreamError: it could not be cancelled.
    """
    batch = batching.batches.of_id(batch_id)
    if batch is None or batch.state != "submitted":
        return False
    batching.api().cancel(batch_id)
    batching.batches.change(batch, state="cancelled", batch_id=batch_id)
    return True


def _outcome(
    settings: Settings, asked: BatchQuestion, result: BatchResult | None, batching: Batching
) -> Outcome | None:
    """Return the checked answer to one question, None where there was none and nothing was paid."""
    if result is None or result.message is None:
        why = result.problem if result else "missing"
        log.warning("The spike %s has no answer from the batch: %s.", asked.question.spike_id, why)
        return None
    prices = price_list(settings.explain.prices).at(settings.explain.batch_price_percent)
    facts = stored_facts(asked.facts)
    try:
        reply = batching.claude(asked.question.model).usable(result.message)
    except UnusableReply as error:
        return outcome_of(Checked(answer=None, reason=str(error)), [error.reply], prices)
    shown = redaction_of(facts, settings.explain.redact).shown(reply.text)
    return outcome_of(checked(shown, facts), [reply], prices)
