"""Explanations: a question has one asker at a time, and an answer that was paid for is kept."""

import json
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.explanations import Explanations, Outcome, Question
from tests.at_once import at_once
from tests.clocks import NOW
from tests.explanation_cases import answer

HOUR = timedelta(hours=1)
ANSWERED = Outcome(
    explanation=answer(),
    flags=("a flag",),
    request_id="req_1",
    input_tokens=100,
    output_tokens=50,
    usd=Decimal("0.0123456789"),
)
REFUSED = Outcome(
    explanation=None, reason="it refused", input_tokens=10, output_tokens=5, usd=Decimal("0.01")
)


def question(**changes: Any) -> Question:
    known: dict[str, Any] = {
        "spike_id": "0123456789abcdef",
        "prompt_hash": "p1",
        "model": "claude-sonnet-5-5",
        "facts_hash": "f1",
        "facts": '[{"id": "E1", "label": "弹性", "values": {"impact_cost": "1.00", "is_new": null}}]',
        "prompt_version": "v1",
        "severity": "P3",
    }
    return Question(**(known | changes))


@pytest.fixture
def explanations(database: Database) -> Explanations:
    return Explanations(database)


def claim(explanations: Explanations, who: str = "me", after: timedelta = HOUR, **how: Any) -> str:
    now = NOW + after
    return explanations.claim(
        how.pop("question", question()), claimant=who, now=now, stale_before=now - HOUR, **how
    )


def test_a_question_is_asked_by_one(explanations: Explanations) -> None:
    assert claim(explanations) == "mine"
    assert claim(explanations, "another") == "busy"
    assert claim(explanations, after=HOUR * 1.5) == "mine", "the next try of the same task"


def test_an_answer_is_paid_for_once(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW + HOUR)
    for who in ("me", "another"):
        assert claim(explanations, who, HOUR * 99) == "answered"
    found = explanations.explained("0123456789abcdef", "f1", "P2")
    assert found is not None
    assert (found.explanation, found.reason, found.flags) == (answer(), "", ("a flag",))
    assert (found.severity, found.model, found.prompt_version) == ("P2", "claude-sonnet-5-5", "v1")


def test_an_answer_of_an_earlier_prompt_is_still_an_answer(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW)
    old = answer().model_dump(mode="json", exclude={"hypotheses", "what_changed", "changed_on"})
    with explanations._database.transaction() as tx:
        mark = tx.in_its_style("UPDATE spike_explanations SET answer = ?")
        tx.cursor.execute(mark, (json.dumps(old),))
    found = explanations.explained("0123456789abcdef", "f1", "P2")
    assert found is not None
    assert found.explanation == answer(hypotheses=[], what_changed="", changed_on="")


def test_the_facts_that_were_asked_with_are_found_again(explanations: Explanations) -> None:
    claim(explanations)
    whole = '[{"id": "E2", "label": "more", "values": {"event": "RunInstances"}}]'
    explanations.finish(question(), ANSWERED, now=NOW, facts=whole)
    found = explanations.explained("0123456789abcdef", "f1", "P2")
    assert found is not None
    assert [(fact.id, fact.values["event"]) for fact in found.evidence] == [("E2", "RunInstances")]


def test_a_run_has_a_bill_of_its_own(explanations: Explanations) -> None:
    claim(explanations, "dag/run 1/task/0")
    explanations.finish(question(), ANSWERED, now=NOW)
    assert explanations.usd_of_run("dag/run 1/") == Decimal("0.0123456789")
    assert explanations.usd_of_run("dag/run 2/") == 0


@pytest.mark.parametrize(
    "changed", [{"prompt_hash": "p2"}, {"model": "claude-opus-5-5"}, {"spike_id": "f" * 16}]
)
def test_another_question_is_asked(explanations: Explanations, changed: dict[str, str]) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW)
    assert claim(explanations, question=question(**changed)) == "mine"


def test_force_asks_again(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW)
    assert claim(explanations, force=True) == "mine"
    assert claim(explanations, "another", force=True) == "busy"
    explanations.finish(question(), ANSWERED, now=NOW)
    assert explanations.usd_since(NOW) == 2 * Decimal("0.0123456789")


def test_asking_again_in_vain_keeps_the_answer_that_was_paid_for(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW)
    claim(explanations, force=True)
    before = explanations.explained("0123456789abcdef", "f1", "P3")
    assert before is not None
    assert before.explanation == answer(), "while it is asked again"
    explanations.finish(question(), REFUSED, now=NOW + HOUR)
    after = explanations.explained("0123456789abcdef", "f1", "P3")
    assert after is not None
    assert (after.explanation, after.flags, after.reason) == (answer(), ("a flag",), "")
    assert claim(explanations) == "answered"
    assert explanations.usd_since(NOW) == Decimal("0.0223456789")


def test_a_failure_is_kept_with_its_reason_and_may_be_asked_again(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), REFUSED, now=NOW)
    found = explanations.explained("0123456789abcdef", "f1", "P3")
    assert found is not None
    assert (found.explanation, found.reason) == (None, "it refused")
    assert claim(explanations, "another") == "mine"
    assert explanations.usd_since(NOW) == Decimal("0.01")


def test_a_question_left_behind_is_taken_over(explanations: Explanations) -> None:
    claim(explanations)
    assert claim(explanations, "another", HOUR * 3) == "mine"


def test_an_unfinished_question_says_so(explanations: Explanations) -> None:
    claim(explanations)
    found = explanations.explained("0123456789abcdef", "f1", "P3")
    assert found is not None
    assert (found.explanation, found.reason) == (None, "the explanation was not finished")


def test_an_answer_to_other_facts_is_not_taken_for_one(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW)
    assert explanations.explained("0123456789abcdef", "f2", "P3") is None
    claim(explanations, question=question(prompt_hash="p2", facts_hash="f2"), after=HOUR * 2)
    found = explanations.explained("0123456789abcdef", "f2", "P3")
    assert found is not None
    assert found.explanation is None


def test_an_answer_is_preferred_to_a_later_failure(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), ANSWERED, now=NOW)
    other = question(model="claude-opus-5-5")
    claim(explanations, question=other, after=HOUR * 2)
    explanations.finish(other, REFUSED, now=NOW)
    found = explanations.explained("0123456789abcdef", "f1", "P3")
    assert found is not None
    assert found.explanation == answer()


def test_an_unknown_price_is_unknown_and_not_nothing(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), Outcome(explanation=answer(), output_tokens=7), now=NOW)
    assert explanations.usd_since(NOW) == 0


def test_characters_that_no_database_stores_do_not_lose_an_answer(explanations: Explanations) -> None:
    claim(explanations)
    explanations.finish(question(), Outcome(explanation=None, reason="said \x00 and \ud83d"), now=NOW)
    found = explanations.explained("0123456789abcdef", "f1", "P3")
    assert found is not None
    assert found.reason.startswith("said ")


def test_of_many_at_once_one_asks(database: Database) -> None:
    explanations = Explanations(database)
    for number in range(4):
        mine = question(prompt_hash=f"p{number}")
        jobs = [partial(claim, explanations, f"run {n}", question=mine) for n in range(6)]
        assert sorted(map(str, at_once(jobs))) == ["busy"] * 5 + ["mine"]
