"""The demo touches nothing of the user's own, unless it is told to."""

from pathlib import Path

import pytest

from demo.environment import (
    Home,
    airflow_variables,
    costspike_variables,
    loopback_without_proxy,
    scrubbed,
)
from demo.failures import reason, size
from demo.run import prepare
from demo.systems import CHANNEL, Keys

OWN = {
    "AIRFLOW_HOME": "/home/me/airflow",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://production",
    "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
    "AWS_PROFILE": "production",
    "PATH": "/usr/bin",
    "COSTSPIKE__DETECTION__SENSITIVITY": "2",
}


def test_a_users_own_metadata_database_and_profile_are_left_alone() -> None:
    assert scrubbed(OWN, keep_aws=False) == {"PATH": "/usr/bin", "COSTSPIKE__DETECTION__SENSITIVITY": "2"}


def test_aws_credentials_stay_where_the_real_bill_is_asked_for() -> None:
    assert scrubbed(OWN, keep_aws=True)["AWS_PROFILE"] == "production"


def test_airflow_lives_in_the_demos_folder(tmp_path: Path) -> None:
    variables = airflow_variables(Home(folder=tmp_path), {"aws_default": {"conn_type": "aws"}})
    assert variables["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert variables["AIRFLOW_CONN_AWS_DEFAULT"] == '{"conn_type": "aws"}'


def test_a_proxy_is_not_asked_for_the_local_servers() -> None:
    variables = loopback_without_proxy({"no_proxy": "intranet"})
    assert variables["NO_PROXY"] == variables["no_proxy"] == "intranet,127.0.0.1,localhost"


def test_weeks_within_a_minute_fit_the_budget_of_a_day() -> None:
    variables = costspike_variables(days=14, channel=CHANNEL)
    assert variables["COSTSPIKE__COST_EXPLORER__DAILY_BUDGET_USD"] == "4.20"


def test_only_leftovers_of_a_demo_are_removed(tmp_path: Path) -> None:
    home = Home(folder=tmp_path)
    (home.airflow / "logs").mkdir(parents=True)
    home.warehouse.write_text("old")
    (tmp_path / "mine.txt").write_text("keep")
    prepare(home)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["airflow", "mine.txt"]
    assert not list(home.airflow.iterdir())


@pytest.mark.parametrize(
    ("environment", "channel", "real"),
    [
        pytest.param({}, CHANNEL, False, id="none"),
        pytest.param({"SLACK_BOT_TOKEN": "xoxb-1"}, CHANNEL, False, id="a token without a channel"),
        pytest.param({"SLACK_CHANNEL": "C1"}, CHANNEL, False, id="a channel without a token"),
        pytest.param({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C1"}, "C1", True, id="both"),
    ],
)
def test_the_real_slack_takes_a_token_and_a_channel(
    environment: dict[str, str], channel: str, real: bool
) -> None:
    keys = Keys.of(environment, aws=False)
    assert (keys.channel, bool(keys.slack_token)) == (channel, real)


def test_the_reason_of_a_failure_is_the_last_error_since_then(tmp_path: Path) -> None:
    log = tmp_path / "airflow.log"
    log.write_text("ValueError: an old one\n")
    began = size(log)
    with log.open("a") as file:
        file.write("2026-11-24 [error] Task failed\nTraceback (most recent call last):\n")
        file.write("costspike.domain.errors.UpstreamError: Slack refused with invalid_auth\n")
        file.write("[info] what: comes: after\n")
    assert reason(log, began) == "Slack refused with invalid_auth"


def test_a_log_without_an_error_gives_no_reason(tmp_path: Path) -> None:
    (tmp_path / "airflow.log").write_text("all is well\n")
    assert reason(tmp_path / "airflow.log", 0) == ""
