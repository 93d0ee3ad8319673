"""A whole day in real Airflow: what is landed, judged, explained, told and recorded."""

from datetime import date
from decimal import Decimal

import pytest

from tests.dags.airflow_process import AirflowProcess, Run
from tests.dags.outside_world import CHANNEL_ID, DAY, DEV, EC2, PROD, S3, Outside, usage, yesterday

pytestmark = pytest.mark.enable_socket

SPIKES = "SELECT sub_account_id, service_name, impact, spike_id FROM cost_spikes ORDER BY impact DESC"
ALERTS = "SELECT x_state, message_key, posted_channel, ts, problem FROM spike_alerts ORDER BY x_created_at, spike_id"
ROWS = "SELECT * EXCLUDE (x_observed_at, x_run_id) FROM cloud_costs ORDER BY ALL"
RUNS = "SELECT * FROM pipeline_runs ORDER BY finished_at"


def test_day_with_a_spike_is_landed_judged_explained_told_and_recorded(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday(), "90")
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    billed = sum(row.unblended for row in outside.explorer.world.rows_of(yesterday()))
    stored = f"SELECT SUM(billed_cost) FROM cloud_costs WHERE charge_period_start = '{yesterday()}'"
    assert outside.value(stored) == billed == Decimal(390)
    (spike,) = outside.rows(SPIKES)
    assert (spike["sub_account_id"], spike["service_name"], spike["impact"]) == (PROD, EC2, Decimal(90))
    explained = (
        "SELECT x_state, severity, input_tokens > 0 AS paid, usd > 0 AS priced FROM spike_explanations"
    )
    assert outside.rows(explained) == [
        {"x_state": "answered", "severity": "P3", "paid": True, "priced": True}
    ]
    (text,) = outside.texts
    assert text.startswith(f"P3 AWS cost spike: {EC2}, prod-web ({PROD}), on {yesterday()}: +$90.00 (+75 %).")
    assert "[sandbox]" in text
    (alert, details) = outside.rows(ALERTS)
    (message, answer) = outside.slack.messages()
    assert (details["x_state"], details["ts"]) == ("sent", answer["ts"])
    assert answer["thread_ts"] == message["ts"]
    assert (alert["x_state"], alert["posted_channel"], alert["ts"]) == ("sent", CHANNEL_ID, message["ts"])
    assert alert["message_key"] == spike["spike_id"]
    check_recorded(run, outside)


def check_recorded(run: Run, outside: Outside) -> None:
    (recorded,) = outside.rows(RUNS)
    assert recorded["cost_day"] == yesterday()
    assert recorded["run_id"] == run.run_id
    assert recorded["outcome"] == "success"
    assert recorded["rows_landed"] == outside.value("SELECT COUNT(*) FROM cloud_costs")
    assert recorded["requests"] == outside.explorer.billed_pages
    assert recorded["requests_usd"] == Decimal("0.01") * outside.explorer.billed_pages
    assert recorded["claude_usd"] > 0
    counted = ("spikes", "explanations_answered", "explanations_failed", "alerts_sent", "alerts_undelivered")
    assert [recorded[name] for name in counted] == [1, 1, 0, 1, 0]
    assert recorded["data_age_hours"] < 1
    assert recorded["started_at"] <= recorded["finished_at"]


def test_rerun_of_a_day_changes_nothing_and_costs_nothing_at_claude(
    airflow: AirflowProcess, outside: Outside
) -> None:
    outside.plant(yesterday())
    airflow.run(outside.env, yesterday())
    rows, spikes = outside.rows(ROWS), outside.rows(SPIKES)
    again = airflow.run(outside.env, yesterday())
    assert again.state == "success"
    assert again.returned("send_alert")[0]["state"] == "already_sent"
    assert outside.rows(ROWS) == rows
    assert outside.rows(SPIKES) == spikes
    assert outside.value("SELECT COUNT(*) FROM cloud_cost_revisions") == 0
    assert len(outside.texts) == 1
    assert outside.claude.billed == 1
    assert len(outside.rows(RUNS)) == 2


def test_spikes_are_told_apart_in_the_grid(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday(), "90")
    outside.plant(yesterday(), "60", service=S3, account=DEV)
    run = airflow.run(outside.env, yesterday())
    labels = [f"{PROD} {EC2} +$90.00", f"{DEV} {S3} +$60.00"]
    assert run.labels("explain_spike") == labels
    assert run.labels("send_alert") == labels
    assert len(outside.texts) == 2


def test_spikes_beyond_the_limit_share_one_digest(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday(), "90")
    outside.plant(yesterday(), "60", service=S3, account=DEV)
    outside.plant(yesterday(), "50", service=EC2, account=DEV)
    run = airflow.run(outside.env | {"COSTSPIKE__ALERTS__MAX_ITEMS": "1"}, yesterday())
    assert run.state == "success", run.errors
    assert run.labels("send_alert") == [f"{PROD} {EC2} +$90.00", "2 more spikes"]
    assert len(outside.texts) == 2
    assert outside.claude.billed == 1
    assert {alert["x_state"] for alert in outside.rows(ALERTS)} == {"sent"}


def test_restated_day_is_judged_again(airflow: AirflowProcess, outside: Outside) -> None:
    airflow.run(outside.env, yesterday() - DAY)
    outside.explorer.world.restate(yesterday() - DAY, PROD, EC2, "1.75")
    run = airflow.run(outside.env, yesterday())
    restated = f"{yesterday() - DAY}"
    assert run.returned("land_costs")[0]["restated_days"] == [restated]
    (text,) = outside.texts
    assert f"on {restated}: +$90.00" in text
    assert outside.value("SELECT COUNT(*) FROM cloud_cost_revisions") == 1


def test_bill_in_another_currency_keeps_it_everywhere(airflow: AirflowProcess, outside: Outside) -> None:
    world = outside.explorer.world
    world.set_rows([row._replace(currency="EUR") for row in world.rows()])
    outside.add(usage(yesterday(), "90", currency="EUR"))
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    assert outside.rows("SELECT DISTINCT billing_currency FROM cloud_costs") == [{"billing_currency": "EUR"}]
    assert outside.rows("SELECT billing_currency, impact FROM cost_spikes") == [
        {"billing_currency": "EUR", "impact": Decimal(90)}
    ]
    (text,) = outside.texts
    assert "+€90.00" in text
    assert "$" not in text
    assert run.labels("send_alert") == [f"{PROD} {EC2} +€90.00"]


def test_undated_run_is_about_the_day_before(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    run = airflow.run(outside.env, None)
    assert run.state == "success", run.errors
    assert run.returned("land_costs")[0]["cost_day"] == f"{yesterday()}"
    assert len(outside.texts) == 1
    assert outside.value("SELECT cost_day FROM pipeline_runs") == yesterday()


def test_old_day_is_stored_and_not_told(airflow: AirflowProcess, outside: Outside) -> None:
    day: date = yesterday() - DAY * 8
    outside.plant(day)
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    assert outside.texts == []
