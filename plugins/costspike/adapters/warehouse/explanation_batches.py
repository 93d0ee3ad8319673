"""explanation_batches: which questions went into which Message Batch, known before it is submitted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from costspike.adapters.warehouse.explanations import Outcome, Question, settle

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row, Transaction

State = Literal["submitting", "found", "submitted", "cancelled", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchQuestion:
    """One request of a batch; ``facts`` is the whole sheet that is asked with: JSON, evidence included."""

    custom_id: str
    question: Question
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as it stands. ``questions`` are those that are not settled yet; ``started_at`` is UTC.

    ``batch_id`` is empty while nobody knows whether it was submitted; in the state ``found`` it is that of a
    batch that may be this one.
    """

    batch_key: str
    state: State
    batch_id: str
    not_ours: tuple[str, ...]
    questions: tuple[BatchQuestion, ...]
    claimed_by: str
    started_at: datetime


class ExplanationBatches:
    """explanation_batches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, batch_key: str, questions: Sequence[BatchQuestion], *, claimant: str, now: datetime
    ) -> bool:
        """Note that a batch is about to be submitted; False if it is noted already."""
        with self._database.transaction() as tx:
            tx.run("explanation_batches/lock")
            if tx.row("explanation_batches/select_one", batch_key=batch_key) is not None:
                return False
            tx.run(
                "explanation_batches/insert",
                batch_key=batch_key,
                questions=_written(questions),
                claimed_by=claimant,
                started_at=now,
            )
        return True

    def get(self, batch_key: str) -> Batch | None:
        """Return a batch, None if nobody asked for it."""
        with self._database.transaction() as tx:
            return _read(tx, batch_key)

    def of_id(self, batch_id: str) -> Batch | None:
        """Return the batch with this id at Claude's, None if it is none of ours."""
        with self._database.transaction() as tx:
            row = tx.row("explanation_batches/select_by_id", batch_id=batch_id)
            return _read(tx, row["batch_key"]) if row else None

    def change(
        self,
        batch: Batch,
        *,
        state: State,
        batch_id: str = "",
        not_ours: Sequence[str] | None = None,
        claimant: str = "",
    ) -> Batch:
        """Store what is known of a batch now, and return it."""
        changed = replace(
            batch,
            state=state,
            batch_id=batch_id,
            not_ours=batch.not_ours if not_ours is None else tuple(not_ours),
            claimed_by=claimant or batch.claimed_by,
        )
        with self._database.transaction() as tx:
            tx.run(
                "explanation_batches/update_one",
                batch_key=changed.batch_key,
                state=changed.state,
                batch_id=changed.batch_id,
                not_ours=json.dumps(changed.not_ours),
                claimed_by=changed.claimed_by,
            )
        return changed

    def settle(
        self, batch_key: str, custom_id: str, outcome: Outcome | None, *, claimant: str, now: datetime
    ) -> None:
        """Store what came of one question, once: a batch that is read again does not book it again.

        Without an outcome the question was not answered and cost nothing; somebody else may ask it.
        """
        with self._database.transaction() as tx:
            tx.run("explanation_batches/lock")
            batch = _read(tx, batch_key)
            asked = next(
                (one for one in (batch.questions if batch else ()) if one.custom_id == custom_id), None
            )
            if batch is None or asked is None:
                return
            if outcome is not None:
                settle(tx, asked.question, outcome, facts=asked.facts, claimant=claimant, now=now)
            left = [one for one in batch.questions if one is not asked]
            tx.run(
                "explanation_batches/update_questions",
                batch_key=batch_key,
                questions=_written(left),
                state=batch.state if left else "ended",
                finished_at=None if left else now,
            )


def _read(tx: Transaction, batch_key: str) -> Batch | None:
    row = tx.row("explanation_batches/select_one", batch_key=batch_key)
    return _batch(batch_key, row) if row else None


def _batch(batch_key: str, row: Row) -> Batch:
    return Batch(
        batch_key=batch_key,
        state=row["x_state"],
        batch_id=row["batch_id"],
        not_ours=tuple(json.loads(row["not_ours"])),
        questions=tuple(
            BatchQuestion(**(one | {"question": Question(**one["question"])}))
            for one in json.loads(row["questions"])
        ),
        claimed_by=row["claimed_by"],
        started_at=row["started_at"],
    )


def _written(questions: Sequence[BatchQuestion]) -> str:
    return json.dumps([asdict(one) for one in questions])
