"""The self-test as a DAG: green with a message in the channel, red with what is wrong, and nothing else touched."""

from pathlib import Path

import pytest

from tests.dags.airflow_process import PROJECT, AirflowProcess, heavy_modules_after
from tests.dags.outside_world import CHANNEL, TOKEN, Outside

pytestmark = pytest.mark.enable_socket

DAG_ID = "aws_cost_spikes_self_test"
FILE = PROJECT / "dags" / f"{DAG_ID}.py"
PARSE = f"""
import runpy
dag = runpy.run_path({str(FILE)!r})["{DAG_ID}"]()
assert dag.schedule is None and list(dag.task_ids) == ["self_test"], dag
dag.params.validate()
"""


def test_a_healthy_way_is_green(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env, None, dag_id=DAG_ID)
    assert run.state == "success", run.errors
    (steps,) = run.returned("self_test")
    assert all(step["ok"] for step in steps)
    (text,) = outside.texts
    assert text.startswith("TEST: ")
    assert not outside.warehouse.exists()


def test_a_wrong_token_is_red_at_once_and_says_why(airflow: AirflowProcess, outside: Outside) -> None:
    outside.slack.tokens = {"xoxb-another"}
    run = airflow.run(outside.env, None, dag_id=DAG_ID)
    assert run.state == "failed"
    assert run.tries("self_test") == [1]
    assert "Slack does not know the token of the connection 'slack_api_default'" in run.log
    assert TOKEN not in run.log


def test_another_channel_can_be_asked_for(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env, None, {"channel": "#nowhere"}, dag_id=DAG_ID)
    assert run.state == "failed"
    assert "There is no channel #nowhere that the app can see." in run.log
    again = airflow.run(outside.env, None, {"channel": f"#{CHANNEL}"}, dag_id=DAG_ID)
    assert again.state == "success", again.errors


def test_the_channel_of_the_heartbeat_is_tested_too(airflow: AirflowProcess, outside: Outside) -> None:
    env = outside.env | {"COSTSPIKE__ALERTS__HEARTBEAT_CHANNEL": "#health"}
    run = airflow.run(env, None, dag_id=DAG_ID)
    assert run.state == "failed"
    assert f"✔ read back from #{CHANNEL}" in run.log
    assert "✘ post in #health: There is no channel #health that the app can see." in run.log


def test_a_webhook_is_tested_as_a_webhook(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env_with_webhook, None, dag_id=DAG_ID)
    assert [step["step"] for step in run.returned("self_test")[0]] == ["post through the webhook"]


def test_without_a_connection_it_names_both(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env_without("slack_api_default"), None, dag_id=DAG_ID)
    assert "There is no connection 'slack_api_default' or 'slack_default'" in run.log


def test_parsing_is_light(tmp_path: Path) -> None:
    assert heavy_modules_after(PARSE, tmp_path) == []
