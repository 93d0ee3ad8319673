"""What one run can be triggered with, and which day it is about."""

from datetime import date

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import DAY, EC2, PROD, Outside, yesterday

pytestmark = pytest.mark.enable_socket

COST_DAYS = "SELECT cost_day FROM pipeline_runs ORDER BY finished_at"


def test_cost_date_wins_over_the_date_of_the_run(airflow: AirflowProcess, outside: Outside) -> None:
    day: date = yesterday() - DAY * 2
    outside.plant(day)
    run = airflow.run(outside.env, yesterday(), conf={"cost_date": str(day)})
    assert run.state == "success", run.errors
    assert run.returned("land_costs")[0]["cost_day"] == str(day)
    assert outside.rows(COST_DAYS) == [{"cost_day": day}]
    (text,) = outside.texts
    assert f"on {day}" in text


def test_day_that_is_not_over_fails_at_once(airflow: AirflowProcess, outside: Outside) -> None:
    day = yesterday() + DAY
    env = outside.env | {"COSTSPIKE__TASKS__RETRIES": "3"}
    run = airflow.run(env, yesterday(), conf={"cost_date": str(day)})
    assert run.state == "failed"
    assert run.tries("land_costs") == [1]
    assert str(day) in run.errors
    assert outside.explorer.requests == []


@pytest.mark.parametrize(
    ("dag_id", "given", "known"),
    [
        ("aws_cost_spikes", {"cost_date": "2026-11-20"}, "cost_date, dry_run, force"),
        ("aws_cost_spikes_backtest", {}, "first_day, last_day"),
        ("aws_cost_spikes_verdict", {"incident": "i", "verdict": "anomaly"}, "incident, verdict, note."),
        ("aws_cost_spikes_self_test", {}, "channel."),
    ],
)
def test_what_a_dag_does_not_know_is_refused_before_anything_is_done(
    airflow: AirflowProcess, outside: Outside, dag_id: str, given: dict[str, str], known: str
) -> None:
    env = outside.env | {"COSTSPIKE__TASKS__RETRIES": "3", "COSTSPIKE__ALERTS__FAILURE_NOTICE": "false"}
    run = airflow.run(env, None, {**given, "cost_dya": "2026-11-20", "noet": ""}, dag_id=dag_id)
    assert run.state == "failed"
    assert f"with 'cost_dya', 'noet', which {dag_id} does not know; expected some of {known}" in run.errors
    assert outside.explorer.requests == outside.claude.requests == outside.slack.requests == []
    assert run.states("record_run") in ([], ["success"])


def test_dry_run_says_what_it_would_have_found_and_does_nothing_else(
    airflow: AirflowProcess, outside: Outside
) -> None:
    strict = outside.env | {"COSTSPIKE__DETECTION__MIN_IMPACT": "1000"}
    outside.plant(yesterday())
    airflow.run(strict, yesterday())
    counted = "SELECT (SELECT COUNT(*) FROM cost_spikes), (SELECT COUNT(*) FROM pipeline_runs)"
    before, pages = outside.rows(counted), outside.explorer.billed_pages
    run = airflow.run(strict, yesterday(), conf={"dry_run": True, "min_impact": 5})
    assert run.state == "success", run.errors
    assert f"{PROD} {EC2} +$90.00" in run.log
    assert outside.rows(counted) == before
    assert outside.explorer.billed_pages == pages
    assert (outside.claude.requests, outside.slack.requests) == ([], [])


def test_thresholds_of_one_run_are_gone_with_the_next(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    spikes = "SELECT COUNT(*) FROM cost_spikes"
    airflow.run(outside.env, yesterday(), conf={"min_impact": 1000})
    assert outside.value(spikes) == 0
    airflow.run(outside.env, yesterday())
    assert outside.value(spikes) == 1
    assert len(outside.texts) == 1


def test_detector_can_be_chosen_for_one_run(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env, yesterday(), conf={"detector": "day_over_day"})
    assert run.state == "success", run.errors
    assert outside.value("SELECT detector FROM cost_spikes") == "day_over_day"
    (text,) = outside.texts
    assert "+$90.00 (+30 %)" in text


def test_force_reads_again_and_asks_again_and_tells_nobody_twice(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    airflow.run(outside.env, yesterday())
    pages = outside.explorer.billed_pages
    run = airflow.run(outside.env, yesterday(), conf={"force": True})
    assert run.state == "success", run.errors
    assert outside.explorer.billed_pages > pages
    assert outside.claude.billed == 2
    assert len(outside.texts) == 1


def test_wrong_settings_are_an_import_error_with_every_problem(
    airflow: AirflowProcess, outside: Outside
) -> None:
    wrong = {
        "COSTSPIKE__ALERTS__MAX_ITEMS": "0",
        "COSTSPIKE__ALERTS__CHANEL": "#costs",
        "COSTSPIKE__DETECTION__DETECTOR": "oracle",
    }
    problems = airflow.import_errors(outside.env | wrong)
    assert "the settings have 3 problem(s)" in problems
    for named in ("alerts.max_items", "alerts.chanel", "detection.detector", "'day_over_day'"):
        assert named in problems
    assert airflow.import_errors(outside.env) == ""
