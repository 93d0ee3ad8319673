"""Heartbeat and failure notice from the real DAG: whatever breaks, the run stays red and is told of once."""

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import AWS_SECRET, CLAUDE_KEY, DAY, TOKEN, Outside, yesterday

pytestmark = pytest.mark.enable_socket

HEARTBEAT = {"COSTSPIKE__ALERTS__HEARTBEAT": "true"}
SILENCE = "silence does not mean that all is well."


def test_a_heartbeat_a_day_and_none_for_the_rerun(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env | HEARTBEAT, yesterday())
    assert run.state == "success", run.errors
    airflow.run(outside.env | HEARTBEAT, yesterday())
    (text,) = outside.notices
    assert f"costs are complete through {yesterday()} and reconcile with the bill; 1 incident open" in text
    assert text.startswith("✅ costspike is well: ")
    assert len(outside.texts) == 1
    assert outside.value("SELECT alerts_sent FROM pipeline_runs LIMIT 1") == 1


def test_an_old_day_has_no_heartbeat(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env | HEARTBEAT, yesterday() - DAY * 5)
    assert run.returned("report_health") == [{"state": "not_asked"}]
    assert outside.notices == []


def test_without_being_asked_it_is_silent(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    assert run.returned("report_health") == [{"state": "not_asked"}]
    assert outside.slack.requests == []


def test_a_denied_permission_is_told_once_with_its_words(airflow: AirflowProcess, outside: Outside) -> None:
    outside.explorer.deny = True
    runs = [airflow.run(outside.env | HEARTBEAT, yesterday()) for _ in range(2)]
    assert [run.state for run in runs] == ["failed", "failed"]
    assert runs[0].states("report_health") == ["success"]
    (text,) = outside.notices
    assert (
        f"the run for {yesterday()} failed in *land_costs*. Cost Explorer denied ce:GetCostAndUsage" in text
    )
    assert text.endswith(SILENCE)
    assert not [secret for secret in (AWS_SECRET, TOKEN, CLAUDE_KEY) if secret in text]


@pytest.mark.parametrize("dying", ["land_costs", "check_costs", "detect_spikes", "send_alert", "record_run"])
def test_whatever_dies_the_run_is_red_and_told_of(
    airflow: AirflowProcess, outside: Outside, dying: str
) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env | HEARTBEAT, yesterday(), dying=[dying])
    assert run.state == "failed"
    assert run.states("finish") == ["upstream_failed"]
    (text,) = outside.notices
    assert f"failed in *{dying}*" in text
    assert "It ended without an error" in text
    assert (SILENCE in text) is (dying != "record_run")


def test_a_notice_that_dies_is_red_too(airflow: AirflowProcess, outside: Outside) -> None:
    run = airflow.run(outside.env, yesterday(), dying=["report_health"])
    assert run.state == "failed"


def test_without_claude_the_alerts_say_so_themselves_and_the_heartbeat_stays_away(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    outside.claude.allowed_keys = {"another"}
    run = airflow.run(outside.env | HEARTBEAT, yesterday())
    assert run.state == "failed"
    assert outside.notices == []
    assert len(outside.texts) == 1
    assert run.returned("report_health") == [{"state": "said_in_alerts"}]


def test_without_a_warehouse_the_notice_goes_out_once(airflow: AirflowProcess, outside: Outside) -> None:
    env = outside.env_without("costspike_warehouse") | HEARTBEAT
    runs = [airflow.run(env, yesterday()) for _ in range(2)]
    assert [run.state for run in runs] == ["failed", "failed"]
    assert runs[1].returned("report_health")[0]["state"] == "already_sent"
    (text,) = outside.notices
    assert "failed in *land_costs* and " in text
    assert "more tasks. The connection 'costspike_warehouse' for the warehouse cannot be used" in text


def test_the_next_day_that_is_well_says_so(airflow: AirflowProcess, outside: Outside) -> None:
    airflow.run(outside.env | HEARTBEAT, yesterday(), dying=["land_costs"])
    run = airflow.run(outside.env | HEARTBEAT, yesterday())
    assert run.state == "success", run.errors
    assert [text[0] for text in outside.notices] == ["🛑", "✅"]
