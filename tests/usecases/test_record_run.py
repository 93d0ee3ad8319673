"""What a run writes down about itself, whatever became of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from costspike.usecases.record_run import record_run
from tests.usecases.pipeline import YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
SPIKE = {(YESTERDAY, "S3"): "320"}


@pytest.fixture
def day(over: Over) -> Pipeline:
    settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 1})
    return over(steady_world(spikes=SPIKE), settings=settings)


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (["success", "success"], "success"),
        (["success", "failed"], "failed"),
        (["upstream_failed", "success"], "failed"),
        (["success", "skipped", "running"], "success"),
        ([], "success"),
    ],
)
def test_a_run_with_a_failed_task_has_failed(day: Pipeline, states: list[str], outcome: str) -> None:
    summary = record_run(day.run(), day.spending, states=states, source="cost_explorer")
    assert summary.outcome == outcome
    assert day.rows("SELECT outcome FROM pipeline_runs") == [(outcome,)]


def test_a_whole_day_is_counted(day: Pipeline) -> None:
    run = day.run()
    day.whole_day(run)
    summary = record_run(run, day.spending, states=["success"], source="cost_explorer")
    assert summary.rows_landed == day.rows("SELECT COUNT(*) FROM cloud_costs")[0][0]
    assert summary.requests == day.explorer_server.billed_pages
    assert summary.requests_usd == Decimal(summary.requests) / 100
    counts = (summary.spikes, summary.explanations_answered, summary.explanations_failed, summary.alerts_sent)
    assert counts == (1, 1, 0, 1)
    assert summary.alerts_undelivered == 0
    assert (summary.input_tokens > 0, summary.claude_usd is not None and summary.claude_usd > 0) == (
        True,
        True,
    )


def test_a_rerun_that_did_nothing_counts_nothing_of_the_first(day: Pipeline) -> None:
    day.whole_day(day.run(run_id="first"))
    day.clock.pass_by(hours=1)
    again = day.run(run_id="again")
    day.whole_day(again)
    summary = record_run(again, day.spending, states=["success"], source="cost_explorer")
    assert (summary.requests, summary.alerts_sent, summary.explanations_answered) == (6, 0, 0)
    assert (summary.spikes, summary.claude_usd) == (1, 0)


def test_an_alert_that_did_not_go_out_is_counted(day: Pipeline) -> None:
    run = day.run()
    day.land(run)
    day.detect(run)
    summary = record_run(run, day.spending, states=["failed"], source="cost_explorer")
    assert (summary.alerts_sent, summary.alerts_undelivered) == (0, 1)


def test_a_dry_run_is_not_recorded(day: Pipeline) -> None:
    record_run(day.run(dry_run=True), day.spending, states=["success"], source="cost_explorer")
    assert day.rows("SELECT COUNT(*) FROM pipeline_runs") == [(0,)]


def test_a_run_that_failed_before_anything_has_a_row(day: Pipeline) -> None:
    run = day.run(started=day.clock() - timedelta(minutes=3))
    record_run(run, day.spending, states=["failed", "upstream_failed"], source="cost_explorer")
    assert day.rows("SELECT cost_day, outcome, rows_landed, data_age_hours FROM pipeline_runs") == [
        (YESTERDAY, "failed", 0, None)
    ]
