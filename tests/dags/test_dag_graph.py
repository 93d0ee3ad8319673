"""What users, other DAGs and dashboards rely on: names, order, rules, pools and params of the DAG."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from costspike.pools import POOLS
from tests.dags.airflow_process import AirflowProcess


@pytest.fixture
def dag(airflow: AirflowProcess) -> dict[str, Any]:
    described: dict[str, Any] = airflow.dags()["aws_cost_spikes"]
    return described


def test_graph_is_as_it_was(dag: dict[str, Any], snapshot: SnapshotAssertion) -> None:
    assert dag == snapshot


def test_fixed_names_are_there_in_their_order(dag: dict[str, Any]) -> None:
    fixed = ["land_costs", "check_costs", "detect_spikes", "explain_spike", "send_alert", "record_run"]
    assert [task for task in dag["tasks"] if task in fixed] == fixed
    assert {"cost_date", "dry_run", "force"} <= dag["params"].keys()


def test_every_task_outlives_a_restart_of_the_api_server(dag: dict[str, Any]) -> None:
    assert all(task["retries"] >= 1 for task in dag["tasks"].values())


def test_no_result_is_taken_apart_into_xcoms(dag: dict[str, Any]) -> None:
    assert not any(task["xcom_a_key"] for task in dag["tasks"].values())


def test_pools_are_those_that_the_plugin_makes(dag: dict[str, Any]) -> None:
    used = {task["pool"] for task in dag["tasks"].values()}
    assert used == {*POOLS, "default_pool"}


def test_nothing_that_always_runs_is_a_leaf(dag: dict[str, Any]) -> None:
    tasks = dag["tasks"]
    leaves = tasks.keys() - {name for task in tasks.values() for name in task["upstream"]}
    assert {tasks[leaf]["trigger_rule"] for leaf in leaves} <= {"all_success", "none_failed"}
