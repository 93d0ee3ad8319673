"""What one failing task does to the others, and what the run then says of itself."""

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import DEV, S3, Outside, yesterday

pytestmark = pytest.mark.enable_socket

OUTCOMES = "SELECT outcome FROM pipeline_runs"


def test_failed_landing_stops_everything_but_the_record(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env, yesterday(), dying=["land_costs"])
    assert run.state == "failed"
    assert run.states("land_costs") == ["failed"]
    for task in ("check_costs", "detect_spikes", "explain_spike", "send_alert", "check_explanations"):
        assert run.states(task) == ["upstream_failed"], task
    assert run.states("record_run") == ["success"]
    assert outside.value(OUTCOMES) == "failed"
    assert outside.texts == []


def test_failed_check_stops_detection(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env, yesterday(), dying=["check_costs"])
    assert run.state == "failed"
    assert run.states("detect_spikes") == ["upstream_failed"]
    assert outside.value(OUTCOMES) == "failed"
    assert outside.texts == []


def test_failed_detection_fails_the_run_and_leaves_nothing_waiting(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env, yesterday(), dying=["detect_spikes"])
    assert run.state == "failed"
    for task in ("explain_spike", "send_alert", "check_explanations"):
        assert run.states(task) == ["upstream_failed"], task
    assert outside.value(OUTCOMES) == "failed"
    assert outside.texts == []


def test_explanation_that_dies_stops_no_alert(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.plant(yesterday(), service=S3, account=DEV)
    run = airflow.run(outside.env, yesterday(), dying=["explain_spike"])
    assert run.states("explain_spike") == ["failed", "failed"]
    assert run.states("send_alert") == ["success", "success"]
    assert len(outside.texts) == 2
    assert run.states("check_explanations") == ["failed"]
    assert "the task died" in run.log
    assert run.state == "failed"
    assert outside.value(OUTCOMES) == "failed"


def test_alert_that_dies_fails_the_run_and_no_other_alert(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env, yesterday(), dying=["send_alert"])
    assert run.state == "failed"
    assert outside.value(OUTCOMES) == "failed"
    assert outside.texts == []


def test_record_that_dies_fails_the_run(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env, yesterday(), dying=["record_run"])
    assert run.state == "failed"


def test_day_without_spikes_is_a_success(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    for task in ("explain_spike", "send_alert", "check_explanations"):
        assert run.states(task) == ["skipped"], task
    assert run.states("finish") == ["success"]
    assert outside.value(OUTCOMES) == "success"
    assert outside.slack.requests == []
    assert outside.claude.requests == []
