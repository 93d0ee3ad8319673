"""A backfill's spikes in one Message Batch: submitted once, checked and booked like any answer, and never in the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import anthropic
import pytest

from costspike.adapters.claude.batches import ClaudeBatches
from costspike.adapters.prompts import load_templates
from costspike.adapters.warehouse.explanation_batches import ExplanationBatches
from costspike.domain.errors import UpstreamError
from costspike.domain.evidence.records import Evidence, EvidenceRow
from costspike.domain.runs import Run
from costspike.usecases.collect_batch import cancel_batch, collect_batch
from costspike.usecases.explain_batch import Batching, Waiting, begin_batch, is_batched
from costspike.usecases.gather_evidence import EvidenceSource
from costspike.usecases.spike_case import load_case
from demo.servers.claude_sandbox import sandbox_answer
from tests.clocks import NOW
from tests.usecases.pipeline import PROD, TODAY, Pipeline, pipeline, steady_world, with_settings
from tests.warehouses import duckdb_warehouse

OLD = TODAY - timedelta(days=20)
SPIKES = {(OLD, "S3"): "320", (OLD, "EC2"): "900"}
EXPLAINED = {"explained": True, "reason": ""}
BATCHED = {"batch": True, "in_backfill": True}
WORLD = partial(steady_world, days=75, spikes=SPIKES)
SETTINGS = with_settings(
    alerts={"channel": "C0COSTS", "in_backfill": True}, reading={"history_months": 2}, explain=BATCHED
)

pytestmark = pytest.mark.enable_socket


class Backfill:
    """A backfill's run over a day with two spikes."""

    def __init__(self, day: Pipeline) -> None:
        self.day = day
        self.run = day.run(OLD, run_id="backfill__1", run_type="backfill")
        self.items = day.detect(self.run)
        self.shelf = day.claude_server.batches

    def batching(self) -> Batching:
        day = self.day
        return Batching(
            explanations=day.explanations,
            batches=ExplanationBatches(day.database),
            gathering=day.gathering(),
            claude=day.claude,
            api=self.api,
            templates=load_templates("v2"),
            clock=day.clock,
        )

    def api(self) -> ClaudeBatches:
        client = anthropic.Anthropic(api_key="sk-test", base_url=self.day.claude_server.url)
        return ClaudeBatches(client, conn_id="anthropic_default", timeout_seconds=2)

    def begin(self, **changes: Any) -> Waiting | None:
        day = self.day
        cases = [load_case(item["spike_ids"][0], day.settings, day.tables, day.spikes) for item in self.items]
        run = replace(self.run, **changes)
        return begin_batch(run, day.settings, [case for case in cases if case], self.batching())

    def collect(self, waiting: Waiting | None) -> int | None:
        """Look at the batch until it has ended, as the provider's trigger does, and read it."""
        assert waiting is not None
        client = anthropic.Anthropic(api_key="sk-test", base_url=self.day.claude_server.url)
        while client.messages.batches.retrieve(waiting.batch_id).processing_status != "ended":
            pass
        return collect_batch(self.run, self.day.settings, waiting.batch_id, self.batching())

    def explain(self) -> list[dict[str, Any]]:
        return [self.day.explain(item, self.run) for item in self.items]

    def ledger(self) -> list[tuple[Any, ...]]:
        return self.day.rows(
            "SELECT x_state, output_tokens, usd, claimed_by FROM spike_explanations ORDER BY spike_id"
        )


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse in which the costs lie already."""
    folder = tmp_path_factory.mktemp("landed")
    with pipeline(folder, WORLD(), settings=SETTINGS) as day:
        day.land(day.run(OLD, run_type="backfill"))
    return folder / "costs.duckdb"


@pytest.fixture
def backfill(landed: Path, tmp_path: Path) -> Iterator[Backfill]:
    own = shutil.copy(landed, tmp_path)
    with pipeline(tmp_path, WORLD(), settings=SETTINGS, database=duckdb_warehouse(Path(own))) as day:
        made = Backfill(day)
        assert len(made.items) == 2
        yield made


@pytest.mark.parametrize(
    ("explain", "run", "is_one"),
    [
        ({}, {}, True),
        ({"batch": False}, {}, False),
        ({"in_backfill": False}, {}, False),
        ({"enabled": False}, {}, False),
        ({}, {"run_type": "scheduled"}, False),
        ({}, {"dry_run": True}, False),
    ],
)
def test_only_a_backfill_that_was_asked_to_explain_is_batched(
    explain: dict[str, Any], run: dict[str, Any], *, is_one: bool
) -> None:
    known: dict[str, Any] = {"run_type": "backfill", "started": NOW, "now": NOW}
    acting = Run(cost_day=OLD, run_id="r", claimant="dag/r/task/0", **(known | run))
    assert is_batched(acting, with_settings(explain=BATCHED | explain)) is is_one


def test_a_batch_answers_both_at_half_the_price_and_nothing_is_asked_again(backfill: Backfill) -> None:
    waiting = backfill.begin()
    assert backfill.collect(waiting) == 2
    paid = backfill.ledger()
    assert [(state, tokens > 0, who) for state, tokens, _, who in paid] == [
        ("answered", True, backfill.run.claimant)
    ] * 2
    assert backfill.explain() == [EXPLAINED] * 2
    assert backfill.day.claude_server.prompts == []
    backfill.day.settings = with_settings(backfill.day.settings, explain={"force": True})
    assert backfill.explain() == [EXPLAINED] * 2
    for (_, tokens, usd, _), (_, both, all_of_it, _) in zip(paid, backfill.ledger(), strict=True):
        assert both == 2 * tokens
        assert all_of_it == 3 * usd, "once at half the price, once at the whole"
    batched = [one["params"] for one in backfill.shelf.all[0].requests]
    assert batched == backfill.day.claude_server.prompts, "the same question, to the letter"


def test_a_batch_that_was_submitted_is_waited_for_and_read_once(backfill: Backfill) -> None:
    waiting = backfill.begin()
    assert backfill.begin() == waiting, "the next try of a task that was killed while it waited"
    assert backfill.begin(run_id="backfill__2", claimant="dag/backfill__2/explain_batch/-1") == waiting
    assert backfill.collect(waiting) == 2
    before = backfill.ledger()
    assert backfill.collect(waiting) == 0
    assert backfill.begin() is None
    assert backfill.ledger() == before
    assert len(backfill.shelf.all) == 1


def test_a_batch_whose_answer_was_lost_is_found_again(backfill: Backfill) -> None:
    backfill.day.claude_server.faults.push("answer_lost", method="batches.create")
    with pytest.raises(UpstreamError) as lost:
        backfill.begin()
    assert (lost.value.reason, lost.value.retryable) == ("unknown_outcome", True)
    waiting = backfill.begin()
    assert waiting is not None
    assert waiting.batch_id == backfill.shelf.all[0].batch_id
    assert backfill.collect(waiting) == 2
    assert len(backfill.shelf.all) == 1


@pytest.mark.parametrize("fault", ["reset", "500", "529", "429", "401", "malformed"])
def test_whatever_happens_to_a_submission_there_is_one_batch_in_the_end(
    backfill: Backfill, fault: str
) -> None:
    backfill.day.claude_server.faults.push(fault, method="batches.create")
    with pytest.raises(UpstreamError) as failed:
        backfill.begin()
    assert failed.value.retryable is (fault != "401")
    assert backfill.collect(backfill.begin()) == 2
    assert len(backfill.shelf.all) == 1


def test_while_the_batches_cannot_be_listed_none_is_submitted_again(backfill: Backfill) -> None:
    backfill.day.claude_server.faults.push("answer_lost", method="batches.create")
    backfill.day.claude_server.faults.push("529", method="batches.list")
    for _ in range(2):
        with pytest.raises(UpstreamError, match="connection 'anthropic_default'"):
            backfill.begin()
    assert len(backfill.shelf.all) == 1


def test_batches_of_others_are_not_taken_for_ours(backfill: Backfill) -> None:
    params = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    twins = [{"custom_id": f"a{number}", "params": params} for number in range(2)]
    backfill.day.claude_server.faults.push("reset", method="batches.create")
    with pytest.raises(UpstreamError):
        backfill.begin()
    backfill.shelf.add(*twins).created = datetime.fromisoformat("2026-01-01T00:00:00Z")
    backfill.shelf.add(*twins[:1])
    twin = backfill.shelf.add(*twins)
    waiting = backfill.begin()
    assert waiting is not None
    assert waiting.batch_id == twin.batch_id, "it has as many requests, and is not done"
    assert not cancel_batch(twin.batch_id, backfill.batching()), "nor is it ours to cancel"
    assert not twin.cancelled
    assert backfill.collect(waiting) is None
    assert backfill.ledger() == []
    assert backfill.collect(backfill.begin()) == 2
    assert len(backfill.shelf.all) == 4


def test_another_run_that_is_submitting_is_waited_for_and_then_taken_over(backfill: Backfill) -> None:
    backfill.day.claude_server.faults.push("reset", method="batches.create")
    with pytest.raises(UpstreamError):
        backfill.begin()
    other = {"claimant": "dag/backfill__2/explain_batch/-1"}
    with pytest.raises(UpstreamError, match="another run is submitting") as busy:
        backfill.begin(**other)
    assert busy.value.retryable
    assert backfill.shelf.all == []
    backfill.day.clock.pass_by(minutes=6)
    assert backfill.begin(**other) is not None


@pytest.mark.parametrize("fate", ["errored", "expired"])
def test_what_a_batch_does_not_answer_costs_nothing_and_is_asked_for_by_itself(
    backfill: Backfill, fate: str
) -> None:
    waiting = backfill.begin()
    (first, second) = [one["custom_id"] for one in backfill.shelf.all[0].requests]
    backfill.shelf.fate = {first: fate, second: "succeeded"}.__getitem__
    assert backfill.collect(waiting) == 1
    assert len(backfill.ledger()) == 1
    assert backfill.explain() == [EXPLAINED] * 2
    assert len(backfill.day.claude_server.prompts) == 1
    assert backfill.begin() is None


def test_a_batch_that_was_cancelled_leaves_all_to_be_asked_for(backfill: Backfill) -> None:
    waiting = backfill.begin()
    assert waiting is not None
    backfill.shelf.looks = None
    assert cancel_batch(waiting.batch_id, backfill.batching())
    assert not cancel_batch(waiting.batch_id, backfill.batching()), "nobody waits for ever"
    assert backfill.collect(waiting) == 0
    assert backfill.explain() == [EXPLAINED] * 2


def test_an_answer_of_inventions_is_not_shown_and_paid_all_the_same(backfill: Backfill) -> None:
    day = backfill.day
    day.claude_server.reply = lambda body: sandbox_answer(body) | {"root_cause": "It cost $9,999."}
    assert backfill.collect(backfill.begin()) == 0
    assert [(state, tokens > 0, usd > 0) for state, tokens, usd, _ in backfill.ledger()] == [
        ("failed", True, True)
    ] * 2
    day.claude_server.reply = sandbox_answer
    assert backfill.explain() == [EXPLAINED] * 2


def test_an_answer_is_checked_against_the_facts_that_were_sent(backfill: Backfill) -> None:
    """Evidence that is there only later has other numbers, and moves the rows."""
    values = iter(["7.77", "8.88"])

    def changing(*_: Any) -> Evidence:
        row = EvidenceRow(label="Odd", values={"odd_cost": next(values)})
        return Evidence(source="odd", title="Odd", state="unavailable", rows=(row,))

    backfill.day.more_sources = (EvidenceSource(name="odd", title="Odd", collect=changing),)
    backfill.items = backfill.items[:1]
    backfill.day.claude_server.reply = lambda body: (
        sandbox_answer(body) | {"root_cause": "It cost $7.77 (E1)."}
    )
    assert backfill.collect(backfill.begin()) == 1
    ((facts,),) = backfill.day.rows("SELECT facts FROM spike_explanations")
    assert "7.77" in facts
    assert "8.88" not in facts


def test_the_budget_bounds_a_batch_by_what_its_answers_may_cost(backfill: Backfill) -> None:
    """Opus may cost 0.08 + the prompt for 8000 tokens at half price: one fits into 0.15, two do not."""
    backfill.day.settings = with_settings(
        backfill.day.settings, explain={"run_budget_usd": Decimal("0.15"), "model": "claude-opus-5-5"}
    )
    waiting = backfill.begin()
    (batch,) = backfill.shelf.all
    assert len(batch.requests) == 1, "the larger one"
    assert backfill.collect(waiting) == 1
    backfill.day.settings = with_settings(
        backfill.day.settings, explain={"run_budget_usd": Decimal(0), "force": True}
    )
    assert backfill.begin(run_id="another") is None
    assert len(backfill.shelf.all) == 1


def test_what_is_answered_is_not_asked_for_in_a_batch(backfill: Backfill) -> None:
    backfill.day.explain(backfill.items[0], backfill.run)
    backfill.begin()
    assert len(backfill.shelf.all[0].requests) == 1


def test_names_stay_at_home_in_a_batch_as_well(backfill: Backfill) -> None:
    backfill.day.settings = with_settings(backfill.day.settings, explain={"redact": "strict"})
    backfill.day.claude_server.reply = lambda body: (
        sandbox_answer(body) | {"root_cause": "It rose in acct-1 (E1)."}
    )
    assert backfill.collect(backfill.begin()) == 2
    assert PROD not in str(backfill.shelf.all[0].requests)
    answers = backfill.day.rows("SELECT answer FROM spike_explanations")
    assert all(f"It rose in {PROD}" in answer for (answer,) in answers)
