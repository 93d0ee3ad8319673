"""Other receivers in the real DAG: there only if they are set, and a broken one is red without stopping Slack."""

import json

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import Outside, yesterday
from tests.receiver_servers import MailServer

pytestmark = pytest.mark.enable_socket

TO_MAIL = "[{kind: email, connection: smtp_default, to: [finops@example.com]}]"


def env_of(outside: Outside, mail: MailServer) -> dict[str, str]:
    return outside.env | {
        "COSTSPIKE__ALERTS__RECEIVERS": TO_MAIL,
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(mail.connection),
    }


def test_an_alert_that_slack_has_is_mailed_once(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    with MailServer() as mail:
        run = airflow.run(env_of(outside, mail) | {"COSTSPIKE__DETECTION__DROPS": "true"}, yesterday())
        assert run.state == "success", run.errors
        assert run.returned("report_drops") == [{"drops": 0, "messages": 0}]
        airflow.run(env_of(outside, mail), yesterday())
    assert run.returned("notify_receivers") == [{"email:smtp_default finops@example.com": 1}]
    assert len(mail.mails) == len(outside.texts) == 1
    assert "+$90" in str(mail.mails[0]["Subject"])


def test_a_broken_receiver_is_red_and_told_and_made_up_for(airflow: AirflowProcess, outside: Outside) -> None:
    outside.plant(yesterday())
    with MailServer(refusing="450 mailbox busy") as mail:
        run = airflow.run(env_of(outside, mail), yesterday())
        assert run.state == "failed"
        assert run.states("send_alert") == ["success"]
        assert run.states("notify_receivers") == ["failed"]
        assert len(outside.texts) == 1
        (notice,) = outside.notices
        assert "failed in *notify_receivers*. 1 message(s) were not handed over; Slack has them." in notice
        assert notice.endswith("The alerts of the day are not affected.")
        mail.refusing = ""
        again = airflow.run(env_of(outside, mail), yesterday())
    assert again.state == "success", again.errors
    assert len(mail.mails) == 1


def test_without_receivers_there_is_no_such_task(airflow: AirflowProcess, outside: Outside) -> None:
    assert not {"notify_receivers", "report_drops"} & airflow.dags()["aws_cost_spikes"]["tasks"].keys()
    missing = outside.env | {"COSTSPIKE__ALERTS__RECEIVERS": "[{kind: pagerduty, connection: x}]"}
    if not airflow.import_errors(missing):
        pytest.skip("the provider of PagerDuty is installed")
    assert "pagerduty needs the package apache-airflow-providers-pagerduty" in airflow.import_errors(missing)
