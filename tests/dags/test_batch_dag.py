"""A backfill in real Airflow with ``explain.batch``: the task defers, and explain_spike finds the answers."""

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import Outside, yesterday

pytestmark = pytest.mark.enable_socket

BATCH = {
    "COSTSPIKE__EXPLAIN__BATCH": "true",
    "COSTSPIKE__EXPLAIN__IN_BACKFILL": "true",
    "COSTSPIKE__EXPLAIN__BATCH_POLL_SECONDS": "1",
}


def test_a_backfill_waits_for_its_batch_and_pays_once(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env | BATCH, yesterday(), run_type="backfill")
    assert run.state == "success", run.errors
    assert run.returned("explain_batch") == [{"answered": 1, "reason": ""}]
    assert "Pausing task as DEFERRED" in run.log, "it holds no worker"
    (text,) = outside.texts
    assert "[sandbox]" in text
    assert (len(outside.claude.batches.all), outside.claude.prompts, outside.claude.billed) == (1, [], 1)


def test_a_batch_that_cannot_be_submitted_stops_nothing(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.claude.faults.push("403", method="batches.create")
    run = airflow.run(outside.env | BATCH, yesterday(), run_type="backfill")
    assert run.state == "success", run.errors
    ((told),) = run.returned("explain_batch")
    assert "Claude's Message Batches, submit, connection 'anthropic_default'" in told["reason"]
    assert "[sandbox]" in outside.texts[0]
    assert len(outside.claude.prompts) == 1
