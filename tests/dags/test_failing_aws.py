"""Whatever Cost Explorer does, nothing is lost, nothing is made up, and nobody is alarmed by it."""

import json
from typing import Any

import pytest

from tests.dags.airflow_process import AirflowProcess, Run
from tests.dags.outside_world import AWS_SECRET, DAY, Outside, yesterday

pytestmark = pytest.mark.enable_socket

RETRIED = {"COSTSPIKE__TASKS__RETRIES": "1"}
COSTS = "SELECT * FROM cloud_costs ORDER BY ALL"


def check_nothing_was_told(run: Run, outside: Outside) -> None:
    assert run.state == "failed"
    assert run.states("detect_spikes") == ["upstream_failed"]
    assert run.states("record_run") == ["success"]
    assert outside.value("SELECT outcome FROM pipeline_runs ORDER BY finished_at DESC LIMIT 1") == "failed"
    assert outside.texts == []
    assert outside.claude.requests == []


def test_wrong_credentials_are_tried_once(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.explorer.allowed_key_ids = {"AKIASOMEONEELSE"}
    run = airflow.run(outside.env | {"COSTSPIKE__TASKS__RETRIES": "3"}, yesterday())
    assert run.tries("land_costs") == [1]
    assert len(outside.explorer.requests) <= 3
    assert "credentials of the connection 'aws_default'" in run.errors
    assert AWS_SECRET not in run.log
    check_nothing_was_told(run, outside)


def test_denied_action_is_tried_once_and_named(airflow: AirflowProcess, outside: Outside) -> None:
    outside.explorer.deny = True
    run = airflow.run(outside.env | {"COSTSPIKE__TASKS__RETRIES": "3"}, yesterday())
    assert run.tries("land_costs") == [1]
    assert len(outside.explorer.requests) <= 3
    assert "denied ce:GetCostAndUsage for the connection 'aws_default'" in run.errors
    check_nothing_was_told(run, outside)


def test_day_without_data_is_waited_for_then_fails_and_deletes_nothing(
    airflow: AirflowProcess, outside: Outside
) -> None:
    world = outside.explorer.world
    world.set_rows([row for row in world.rows() if row.day < yesterday()])
    airflow.run(outside.env, yesterday() - DAY)
    before = outside.rows(COSTS)
    run = airflow.run(outside.env | RETRIED, yesterday())
    assert run.tries("land_costs") == [2]
    assert f"no data for {yesterday()}" in run.errors
    assert f"newest day in the warehouse is {yesterday() - DAY}" in run.errors
    check_nothing_was_told(run, outside)
    assert _without_reading(outside.rows(COSTS)) == _without_reading(before)


def test_day_that_comes_late_is_landed_by_the_retry(airflow: AirflowProcess, outside: Outside) -> None:
    outside.explorer.faults.push("500")
    outside.plant(yesterday())
    run = airflow.run(outside.env | RETRIED, yesterday())
    assert run.state == "success", run.errors
    assert run.tries("land_costs") == [2]
    assert len(outside.texts) == 1


@pytest.mark.parametrize("host", [None, ":memory:"])
def test_warehouse_in_memory_is_refused_before_anything_is_paid(
    airflow: AirflowProcess, outside: Outside, host: str | None
) -> None:
    forgetful = {"AIRFLOW_CONN_COSTSPIKE_WAREHOUSE": json.dumps({"conn_type": "duckdb", "host": host})}
    run = airflow.run(outside.env | forgetful | {"COSTSPIKE__TASKS__RETRIES": "3"}, yesterday())
    assert run.tries("land_costs") == [1]
    assert "connection 'costspike_warehouse' for the warehouse cannot be used" in run.errors
    assert "expected a path as host" in run.errors
    assert outside.explorer.requests == []


def test_bill_that_does_not_reconcile_is_not_judged(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.explorer.faults.push("bad_amount", value="1000000")
    run = airflow.run(outside.env | RETRIED, yesterday())
    assert run.states("land_costs") == ["success"]
    assert run.states("check_costs") == ["failed"]
    assert run.tries("check_costs") == [1]
    assert "the check reconciles does not hold" in run.errors
    check_nothing_was_told(run, outside)


def _without_reading(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows without who read them when: a day that did not change may have been read again."""
    read = {"x_observed_at", "x_run_id"}
    return [{name: value for name, value in row.items() if name not in read} for row in rows]
