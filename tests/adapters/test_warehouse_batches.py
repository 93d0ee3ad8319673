"""Message Batches in the warehouse: noted once before they are submitted, and every answer booked once."""

from decimal import Decimal
from functools import partial

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.explanation_batches import BatchQuestion, ExplanationBatches
from costspike.adapters.warehouse.explanations import Explanations, Outcome, Question
from costspike.domain.batches import batch_key_of
from tests.at_once import at_once
from tests.clocks import NOW
from tests.explanation_cases import answer

OUTCOME = Outcome(explanation=answer(), input_tokens=7, output_tokens=5, usd=Decimal("0.25"))


def asked(spike_id: str) -> BatchQuestion:
    question = Question(
        spike_id=spike_id,
        prompt_hash="p",
        model="m",
        facts_hash="f",
        facts="[]",
        prompt_version="v2",
        severity="P3",
    )
    return BatchQuestion(
        custom_id=f"id-{spike_id}", question=question, facts='[{"id": "E1", "label": "弹", "values": {}}]'
    )


TWO = (asked("a"), asked("b"))


def test_a_batch_is_begun_by_one(database: Database) -> None:
    batches = ExplanationBatches(database)
    jobs = [partial(batches.begin, "k", TWO, claimant=f"run {n}", now=NOW) for n in range(4)]
    assert sorted(map(str, at_once(jobs))) == ["False"] * 3 + ["True"]
    batch = batches.get("k")
    assert batch is not None
    assert (batch.state, batch.batch_id, batch.questions, batch.started_at) == ("submitting", "", TWO, NOW)
    assert batches.get("other") is None


def test_what_is_known_of_a_batch_is_kept(database: Database) -> None:
    batches = ExplanationBatches(database)
    batches.begin("k", TWO, claimant="me", now=NOW)
    batch = batches.get("k")
    assert batch is not None
    changed = batches.change(batch, state="found", batch_id="b1", not_ours=["b0"], claimant="other")
    assert batches.get("k") == batches.of_id("b1") == changed
    assert (changed.not_ours, changed.claimed_by) == (("b0",), "other")
    assert batches.of_id("b0") is None


def test_an_answer_is_booked_once_and_the_last_one_ends_the_batch(database: Database) -> None:
    batches, explanations = ExplanationBatches(database), Explanations(database)
    batches.begin("k", TWO, claimant="me", now=NOW)
    settle = partial(batches.settle, claimant="dag/run/explain_batch/-1", now=NOW)
    for _ in range(2):
        settle("k", "id-a", OUTCOME)
    settle("k", "unknown", OUTCOME)
    settle("other", "id-b", OUTCOME)
    assert explanations.usd_of_run("dag/run/") == Decimal("0.25")
    assert explanations.is_answered(TWO[0].question)
    batch = batches.get("k")
    assert batch is not None
    assert (batch.state, batch.questions) == ("submitting", TWO[1:])
    settle("k", "id-b", None)
    ended = batches.get("k")
    assert ended is not None
    assert (ended.state, ended.questions) == ("ended", ())
    assert not explanations.is_answered(TWO[1].question)


def test_a_batch_is_known_by_its_questions_in_whatever_order() -> None:
    assert batch_key_of(["a", "b"]) == batch_key_of(["b", "a"])
    assert len({batch_key_of(["a", "b"]), batch_key_of(["ab"]), batch_key_of(["a", "b"], "forced")}) == 3
