"""What a run of the DAG does with Prometheus: there, not there, and not as it should be."""

import pytest

from costspike.domain.day_metrics import Key
from costspike.domain.metric_revisions import LAST, NOON, Sample, day_start
from costspike.domain.promql import selector
from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import DAY, EC2, PROD, S3, Outside, yesterday
from tests.prometheus_server import PrometheusServer

pytestmark = pytest.mark.enable_socket

OUTCOME = "SELECT outcome FROM pipeline_runs ORDER BY finished_at DESC LIMIT 1"


def env_with(outside: Outside, connection: str) -> dict[str, str]:
    return outside.env | {
        "AIRFLOW_CONN_PROMETHEUS_DEFAULT": connection,
        "COSTSPIKE__PROMETHEUS__RETRIES": "0",
    }


def value(server: PrometheusServer, metric: str, **labels: str) -> float | None:
    with server.client() as client:
        asked = f"last_over_time({selector(metric, **labels)}[1d])"
        found = client.query(asked, day_start(yesterday()) + LAST)
    return found[0].points[0][1] if found else None


def test_a_run_publishes_the_day_its_verdict_and_what_became_of_it(
    airflow: AirflowProcess, outside: Outside, prometheus: PrometheusServer
) -> None:
    outside.plant(yesterday(), "90")
    env = env_with(outside, prometheus.connection)
    run = airflow.run(env, yesterday())
    assert run.state == "success", run.errors
    (published,) = run.returned("publish_metrics")
    assert published["samples"] > 0
    assert published["refused"] == []
    assert value(prometheus, "costspike_daily_cost_usd", account=PROD, service=EC2) == 210
    assert value(prometheus, "costspike_daily_spike_impact_usd", account=PROD, service=EC2) == 90
    assert value(prometheus, "costspike_daily_alerts", result="sent") == 1
    assert value(prometheus, "costspike_daily_open_incidents", severity="P3") == 1
    tokens = value(prometheus, "costspike_daily_claude_tokens", direction="input")
    assert tokens is not None
    assert tokens > 0
    assert outside.value(OUTCOME) == "success"


def test_without_a_connection_the_task_says_so_and_is_skipped(
    airflow: AirflowProcess, outside: Outside
) -> None:
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    assert run.states("publish_metrics") == ["skipped"]
    assert [xcom for xcom in run.xcoms if xcom["key"] == "error"] == []
    assert "there is no connection 'prometheus_default'" in run.log


def test_it_can_be_switched_off(
    airflow: AirflowProcess, outside: Outside, prometheus: PrometheusServer
) -> None:
    env = env_with(outside, prometheus.connection) | {"COSTSPIKE__PROMETHEUS__PUBLISH": "false"}
    run = airflow.run(env, yesterday())
    assert run.states("publish_metrics") == ["skipped"]
    assert value(prometheus, "costspike_daily_open_incidents", severity="P3") is None


def test_a_prometheus_that_is_down_costs_no_alert(
    airflow: AirflowProcess, outside: Outside, prometheus: PrometheusServer
) -> None:
    outside.plant(yesterday())
    connection = prometheus.connection
    prometheus.stop()
    run = airflow.run(env_with(outside, connection), yesterday())
    assert run.states("send_alert") == ["success"]
    assert len(outside.texts) == 1
    assert run.states("publish_metrics") == ["failed"]
    assert "cannot be reached through the connection 'prometheus_default'" in run.log
    assert (run.state, outside.value(OUTCOME)) == ("failed", "failed")


def test_the_whole_pipeline_runs_on_costs_from_prometheus(
    airflow: AirflowProcess, outside: Outside, prometheus: PrometheusServer
) -> None:
    usual = {(back, service): cost for back in range(45) for service, cost in ((EC2, 120.0), (S3, 30.0))}
    with prometheus.client() as client:
        for (back, service), cost in (usual | {(0, EC2): 210.0}).items():
            stamp = day_start(yesterday() - DAY * back) + NOON
            labels = (("account", PROD), ("service", service))
            client.write([Sample(Key("costspike_daily_cost_usd", labels), stamp, cost)])
    env = env_with(outside, prometheus.connection) | {
        "COSTSPIKE__READING__SOURCE": "prometheus",
        "COSTSPIKE__PROMETHEUS_SOURCE__PRESET": "costspike",
    }
    run = airflow.run(env, yesterday())
    assert run.state == "success", run.errors
    (text,) = outside.texts
    assert f"on {yesterday()}: +$90.00 (+75 %)." in text
    assert run.states("publish_metrics") == ["skipped"], "two publishers would correct each other"
    assert "what another costspike publishes" in run.log
    landing = "SELECT COUNT(*) FROM api_spend WHERE purpose IN ('daily', 'history')"
    assert outside.value(landing) == 0, "only the evidence asks Cost Explorer"
    assert outside.value("SELECT DISTINCT x_source FROM cloud_costs") == "prometheus"
    assert outside.value("SELECT rows_landed FROM pipeline_runs") == 90


def test_costs_from_prometheus_without_a_connection_name_it(
    airflow: AirflowProcess, outside: Outside
) -> None:
    run = airflow.run(outside.env | {"COSTSPIKE__READING__SOURCE": "prometheus"}, yesterday())
    assert run.states("land_costs") == ["failed"]
    assert "there is no connection 'prometheus_default', from which reading.source wants the costs" in run.log
