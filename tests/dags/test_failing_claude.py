"""Whatever Claude does, the alert goes out with the computed facts, and the run says what is missing."""

import json

import pytest

from tests.dags.airflow_process import AirflowProcess, Run
from tests.dags.outside_world import CLAUDE_KEY, Outside, yesterday

pytestmark = pytest.mark.enable_socket


def check_alert_went_out_without_explanation(run: Run, outside: Outside, reason: str) -> None:
    assert run.states("send_alert") == ["success"]
    (text,) = outside.texts
    assert "+$90.00 (+75 %)" in text
    assert "[sandbox]" not in text
    assert reason in json.dumps(outside.slack.messages(), ensure_ascii=False)
    assert run.states("check_explanations") == ["failed"]
    assert reason in run.errors
    assert run.state == "failed"
    assert outside.value("SELECT outcome FROM pipeline_runs") == "failed"
    assert CLAUDE_KEY not in run.log


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("401", "401"),
        ("529", "529"),
        ("hang", "did not answer within 1 s"),
        ("refusal", "refusal"),
    ],
)
def test_alert_goes_out_without_claude(
    airflow: AirflowProcess, outside: Outside, fault: str, reason: str
) -> None:
    outside.plant(yesterday())
    outside.claude.faults.push(fault, method="messages", times=9)
    run = airflow.run(outside.env, yesterday())
    check_alert_went_out_without_explanation(run, outside, reason)
    assert len(outside.claude.prompts) == 1


def test_without_a_connection_the_alert_says_so(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env_without("anthropic_default"), yesterday())
    check_alert_went_out_without_explanation(run, outside, "anthropic_default")
    assert outside.claude.requests == []


def test_what_waiting_heals_is_tried_again_by_airflow(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.claude.faults.push("529", method="messages")
    retried = {"COSTSPIKE__EXPLAIN__RETRIES": "1", "COSTSPIKE__EXPLAIN__RETRY_DELAY_SECONDS": "0"}
    run = airflow.run(outside.env | retried, yesterday())
    assert run.state == "success", run.errors
    assert run.tries("explain_spike") == [2]
    assert len(outside.texts) == 1
    assert "[sandbox]" in outside.texts[0]


def test_answer_that_cannot_be_used_is_not_asked_for_again_by_airflow(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    outside.claude.faults.push("refusal", method="messages", times=9)
    run = airflow.run(outside.env | {"COSTSPIKE__EXPLAIN__RETRIES": "2"}, yesterday())
    assert run.tries("explain_spike") == [1]
    assert outside.claude.billed == 1
    assert outside.value("SELECT explanations_failed FROM pipeline_runs") == 1


def test_one_failed_explanation_stops_no_other(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday(), "90")
    outside.plant(yesterday(), "60", account="555555555555")
    outside.claude.faults.push("401", method="messages")
    run = airflow.run(outside.env, yesterday())
    assert sorted("[sandbox]" in text for text in outside.texts) == [False, True]
    assert "1 of 2 spikes have no explanation" in run.errors
    assert run.state == "failed"
