"""spike_explanations: what was asked and answered, so that nothing is paid for twice."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from costspike.domain.explanation import Explained, Explanation, stored_answer
from costspike.domain.facts import stored_facts
from costspike.domain.grades import Severity

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Transaction

Claim = Literal["mine", "answered", "busy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked about a spike; the first three fields identify it."""

    spike_id: str
    prompt_hash: str
    model: str
    facts_hash: str
    facts: str
    prompt_version: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of asking: an answer, or the reason why there is none; tokens may be spent either way."""

    explanation: Explanation | None
    flags: tuple[str, ...] = ()
    reason: str = ""
    request_id: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal | None = None


class Explanations:
    """spike_explanations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, question: Question, *, claimant: str, now: datetime, stale_before: datetime, force: bool = False
    ) -> Claim:
        """Take a question on, unless it is answered or somebody else is waiting for its answer.

        Args:
            question: what is to be asked.
            claimant: the task instance; its own unfinished claim is taken over at once.
            now: the moment of the claim, UTC.
            stale_before: another's claim that is older was left behind.
            force: ask again although there is an answer.
        """
        key = {"spike_id": question.spike_id, "prompt_hash": question.prompt_hash, "model": question.model}
        with self._database.transaction() as tx:
            tx.run("spike_explanations/lock")
            row = tx.row("spike_explanations/select_question", **key)
            if row is None:
                _insert(tx, question, claimant, now)
                return "mine"
            if row["x_state"] == "answered" and not force:
                return "answered"
            others = row["x_state"] == "asking" and row["claimed_by"] != claimant
            if others and row["claimed_at"] >= stale_before:
                return "busy"
            tx.run(
                "spike_explanations/update_claim",
                **key,
                claimed_by=claimant,
                claimed_at=now,
                severity=question.severity,
                seen_claimed_at=row["claimed_at"],
            )
            return "mine"

    def finish(self, question: Question, outcome: Outcome, *, now: datetime, facts: str = "") -> None:
        """Store what came of asking, and the whole fact sheet that was asked with: JSON, evidence included."""
        with self._database.transaction() as tx:
            _finish(tx, question, outcome, facts, now)

    def is_answered(self, question: Question) -> bool:
        """Tell whether a question has an answer."""
        key = {"spike_id": question.spike_id, "prompt_hash": question.prompt_hash, "model": question.model}
        with self._database.transaction() as tx:
            row = tx.row("spike_explanations/select_question", **key)
        return row is not None and bool(row["answer"])

    def explained(self, spike_id: str, facts_hash: str, severity: Severity) -> Explained | None:
        """Return what is known of a spike as it stands now, None if nobody asked."""
        with self._database.transaction() as tx:
            row = tx.row("spike_explanations/select_for_facts", spike_id=spike_id, facts_hash=facts_hash)
        if row is None:
            return None
        answered = bool(row["answer"])
        unfinished = "the explanation was not finished" if row["x_state"] == "asking" else ""
        return Explained(
            severity=severity,
            explanation=stored_answer(row["answer"]) if answered else None,
            reason="" if answered else row["reason"] or unfinished,
            flags=tuple(json.loads(row["flags"])),
            model=row["model"],
            prompt_version=row["prompt_version"],
            evidence=stored_facts(row["facts"]),
        )

    def usd_of_run(self, claims: str) -> Decimal:
        """Return the known dollars of the questions whose claimants begin with ``claims``."""
        with self._database.transaction() as tx:
            return Decimal(tx.rows("spike_explanations/select_spent_by_run", claims=claims)[0]["usd"])

    def usd_since(self, since: datetime) -> Decimal:
        """Return the known dollars of all questions since a moment."""
        with self._database.transaction() as tx:
            return Decimal(tx.rows("spike_explanations/select_spent", since=since)[0]["usd"])


def settle(
    tx: Transaction, question: Question, outcome: Outcome, *, facts: str, claimant: str, now: datetime
) -> None:
    """Store what came of a question that may not have been claimed, within a transaction of its asker."""
    tx.run("spike_explanations/lock")
    key = {"spike_id": question.spike_id, "prompt_hash": question.prompt_hash, "model": question.model}
    if tx.row("spike_explanations/select_question", **key) is None:
        _insert(tx, question, claimant, now)
    _finish(tx, question, outcome, facts, now)


def _insert(tx: Transaction, question: Question, claimant: str, now: datetime) -> None:
    tx.run(
        "spike_explanations/insert_claim",
        **asdict(question),
        claimed_by=claimant,
        claimed_at=now,
    )


def _finish(tx: Transaction, question: Question, outcome: Outcome, facts: str, now: datetime) -> None:
    answer = outcome.explanation
    tx.run(
        "spike_explanations/update_result",
        spike_id=question.spike_id,
        prompt_hash=question.prompt_hash,
        model=question.model,
        facts=facts or question.facts,
        state="answered" if answer else "failed",
        answer=answer.model_dump_json() if answer else "",
        model_severity=answer.severity if answer else "",
        flags=json.dumps(outcome.flags),
        reason=outcome.reason,
        request_id=outcome.request_id,
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        usd=outcome.usd,
        finished_at=now,
    )
