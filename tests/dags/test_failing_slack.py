"""An alert is never lost and never doubled, whatever Slack does or lacks."""

from pathlib import Path

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import DAY, TOKEN, Outside, yesterday

pytestmark = pytest.mark.enable_socket

ALERT = "SELECT x_state, problem FROM spike_alerts WHERE notify_reason <> 'details'"
RETRIED = {"COSTSPIKE__TASKS__RETRIES": "1"}


def test_without_slack_the_alert_is_previewed_kept_and_sent_later(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env_without("slack_api_default"), yesterday())
    assert run.state == "success", run.errors
    (told,) = run.returned("send_alert")
    assert told["state"] == "previewed"
    (page,) = outside.previews.glob("*.html")
    assert told["preview"] == str(page)
    assert "+$90.00" in page.read_text(encoding="utf-8")
    assert "Nothing was sent" in run.log
    assert outside.rows(ALERT) == [{"x_state": "pending", "problem": "there is no Slack connection"}]
    assert outside.value("SELECT alerts_undelivered FROM pipeline_runs") == 1
    later = airflow.run(outside.env, yesterday())
    assert later.returned("send_alert")[0]["state"] == "sent"
    assert len(outside.texts) == 1
    assert outside.claude.billed == 1


def test_previews_go_to_the_home_of_airflow_where_no_folder_is_set(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    env = outside.env_without("slack_api_default") | {"COSTSPIKE__ALERTS__PREVIEW_FOLDER": ""}
    (told,) = airflow.run(env, yesterday()).returned("send_alert")
    assert Path(told["preview"]).parent == airflow.home / "var" / "previews"
    assert Path(told["preview"]).is_file()


def test_alert_that_a_day_could_not_send_goes_out_with_the_next_day(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday() - DAY)
    outside.slack.faults.push("error", method="chat.postMessage", error="channel_not_found")
    first = airflow.run(outside.env, yesterday() - DAY)
    assert first.state == "failed"
    assert "channel_not_found" in first.errors
    assert outside.value("SELECT outcome FROM pipeline_runs") == "failed"
    second = airflow.run(outside.env, yesterday())
    assert second.state == "success", second.errors
    (text,) = outside.texts
    assert f"on {yesterday() - DAY}" in text


def test_wrong_token_is_tried_once_and_named(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.slack.tokens = {"xoxb-another"}
    run = airflow.run(outside.env | {"COSTSPIKE__TASKS__RETRIES": "3"}, yesterday())
    assert run.tries("send_alert") == [1]
    assert "connection 'slack_api_default'" in run.errors
    assert TOKEN not in run.log
    assert run.state == "failed"
    assert outside.rows(ALERT)[0]["x_state"] == "pending"


@pytest.mark.parametrize("fault", ["answer_lost", "posted_then_hang"])
def test_lost_answer_does_not_double_the_alert(airflow: AirflowProcess, outside: Outside, fault: str) -> None:
    outside.plant(yesterday())
    outside.slack.faults.push(fault, method="chat.postMessage")
    run = airflow.run(outside.env | RETRIED, yesterday())
    assert run.state == "success", run.errors
    assert run.tries("send_alert") == [2]
    assert run.returned("send_alert")[0]["state"] == "already_sent"
    assert len(outside.texts) == 1


def test_request_that_never_arrived_is_sent_again(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    outside.slack.faults.push("reset", method="chat.postMessage")
    run = airflow.run(outside.env | RETRIED, yesterday())
    assert run.state == "success", run.errors
    assert run.returned("send_alert")[0]["state"] == "sent"
    assert len(outside.texts) == 1


def test_webhook_is_the_reduced_way(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env_with_webhook, yesterday())
    assert run.state == "success", run.errors
    assert len(outside.texts) == 1
    again = airflow.run(outside.env_with_webhook, yesterday())
    assert again.returned("send_alert")[0]["state"] == "already_sent"
    assert len(outside.texts) == 1
