"""The DAG under the real scheduler: a backfill, cleared tasks, runs beside each other, and a kill.

One Airflow serves the whole story, since starting it takes longer than the runs. The story is one test of
several chapters, so that two test processes, which share out tests, do not both start an Airflow.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dags.outside_world import DAY, DEV, EC2, PROD, S3, Outside, outside_world
from tests.dags.real_airflow import ScheduledAirflow, real_airflow
from tests.postgres_server import PostgresServer

# The newest day whose run is due: a day's run begins at nine o'clock of the next one.
NEWEST = (datetime.now(UTC) - timedelta(hours=9)).date() - DAY
# The last two are further back than days that no run was about are judged with the next.
DAYS = [NEWEST - DAY * back for back in (0, 1, 2, 13, 12)]
# A spike a day, each of something else: one does not make the next look usual.
SPIKES: dict[date, tuple[str, str]] = {
    DAYS[1]: (PROD, EC2),
    DAYS[2]: (DEV, EC2),
    DAYS[3]: (PROD, S3),
    DAYS[4]: (DEV, S3),
}
VARIABLES = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "COSTSPIKE__TASKS__RETRIES": "2",
    "COSTSPIKE__TASKS__RETRY_DELAY_SECONDS": "1",
    "COSTSPIKE__EXPLAIN__TIMEOUT_SECONDS": "60",
    "COSTSPIKE__ALERTS__TIMEOUT_SECONDS": "60",
    "COSTSPIKE__ALERTS__MAX_AGE_DAYS": "20",
    # Every day of the month alike.
    "COSTSPIKE__READING__CLOSE_DAYS": "0",
}
COSTS = """
    SELECT charge_period_start, sub_account_id, service_name, x_charge_type, billed_cost
    FROM cloud_costs ORDER BY ALL
"""


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with outside_world(tmp_path) as running:
        for day, (account, service) in SPIKES.items():
            running.plant(day, "300", account=account, service=service)
        yield running


@pytest.fixture
def api(tmp_path: Path, outside: Outside, postgres: PostgresServer) -> Iterator[ScheduledAirflow]:
    # Not SQLite: with a scheduler and an API server that both write it is "locked" now and then.
    metadata = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.new_database().sqlalchemy_url}
    with real_airflow(tmp_path / "airflow", outside.env | VARIABLES | metadata) as running:
        yield running.api


def test_the_days_under_the_real_scheduler(api: ScheduledAirflow, outside: Outside) -> None:
    scheduled_and_backfilled_days_are_landed_judged_and_told(api, outside)
    costs = outside.rows(COSTS)
    cleared_instances_tell_nobody_twice_and_cost_nothing(api, outside)
    runs_of_one_day_at_once_tell_once(api, outside)
    killed_tasks_land_whole_days_and_tell_once(api, outside)
    assert outside.rows(COSTS) == costs
    assert outside.value("SELECT COUNT(*) FROM cloud_cost_revisions") == 0


def scheduled_and_backfilled_days_are_landed_judged_and_told(api: ScheduledAirflow, outside: Outside) -> None:
    api.unpause("aws_cost_spikes")
    # Airflow 3.3.2's scheduler ends when a backfill creates the run that it is creating itself.
    api.wait_for(lambda: bool(api.runs()), "the scheduler has created the newest run")
    api.backfill(str(DAYS[2]), str(NEWEST))
    await_runs(api, *DAYS[:3])
    recorded = outside.rows("SELECT DISTINCT cost_day FROM pipeline_runs WHERE outcome = 'success'")
    assert {row["cost_day"] for row in recorded} >= set(DAYS[:3])
    check_told_and_paid(outside, 2)


def cleared_instances_tell_nobody_twice_and_cost_nothing(api: ScheduledAirflow, outside: Outside) -> None:
    """Clear one mapped explanation and one mapped alert, of two runs, each with everything after it."""
    cleared = {"explain_spike": api.run_of(str(DAYS[1])), "send_alert": api.run_of(str(DAYS[2]))}
    before = {task: api.task(run_id, task, 0)["try_number"] for task, run_id in cleared.items()}
    for task, run_id in cleared.items():
        api.clear(run_id, task, 0)
    await_runs(api, DAYS[1], DAYS[2])
    for task, run_id in cleared.items():
        assert api.task(run_id, task, 0)["try_number"] == before[task] + 1
    check_told_and_paid(outside, 2)


def runs_of_one_day_at_once_tell_once(api: ScheduledAirflow, outside: Outside) -> None:
    """Run a missing day by hand and in a backfill, and a day that was done before in another backfill."""
    by_hand = api.trigger_day(str(DAYS[3]))
    api.backfill(str(DAYS[3]), str(DAYS[3]))
    await_runs(api, DAYS[3], others=[by_hand])
    check_told_and_paid(outside, 3)
    tried = api.task(api.run_of(str(DAYS[2])), "land_costs")["try_number"]
    api.backfill(str(DAYS[2]), str(DAYS[2]), behavior="completed")
    api.wait_for(
        lambda: api.task(api.run_of(str(DAYS[2])), "land_costs")["try_number"] > tried,
        "the day is done again",
    )
    await_runs(api, DAYS[2])
    check_told_and_paid(outside, 3)


def killed_tasks_land_whole_days_and_tell_once(api: ScheduledAirflow, outside: Outside) -> None:
    """Kill landing between two pages, and sending between the post and the record, in one run."""
    outside.explorer.faults.push("none", times=2)
    outside.explorer.faults.push("hang", seconds=300)
    outside.slack.faults.push("posted_then_hang", method="chat.postMessage", seconds=300)
    asked = len(outside.explorer.requests)
    run_id = api.trigger_day(str(DAYS[4]), force=True)
    api.wait_for(lambda: len(outside.explorer.requests) == asked + 3, "the third page is asked for")
    os.kill(api.task(run_id, "land_costs")["pid"], signal.SIGKILL)
    api.wait_for(lambda: len(outside.texts) == 4, "the message is posted")
    os.kill(alert_of(api, run_id)["pid"], signal.SIGKILL)
    await_runs(api, others=[run_id])
    assert api.task(run_id, "land_costs")["try_number"] == 2
    assert alert_of(api, run_id)["try_number"] == 2
    check_told_and_paid(outside, 4)
    assert outside.value("SELECT SUM(requests) FROM api_spend") == outside.explorer.billed_pages


def await_runs(api: ScheduledAirflow, *days: date, others: list[str] | None = None) -> None:
    """Wait until the days have runs, and these and the others are through, all with success."""
    api.wait_for(lambda: all(api.run_of(str(day)) for day in days), f"{days} have runs")
    run_ids = [*(api.run_of(str(day)) for day in days), *(others or ())]
    api.wait_for(lambda: api.have_ended(*run_ids), f"{run_ids} are through")
    assert {run_id: api.states()[run_id] for run_id in run_ids} == dict.fromkeys(run_ids, "success")


def check_told_and_paid(outside: Outside, count: int) -> None:
    """Check that there are so many messages and paid answers, and that the outbox knows each message."""
    assert (len(outside.texts), outside.claude.billed) == (count, count)
    alerts = outside.rows("SELECT ts FROM spike_alerts WHERE x_state = 'sent' ORDER BY ts")
    assert [alert["ts"] for alert in alerts] == [message["ts"] for message in outside.slack.messages()]


def alert_of(api: ScheduledAirflow, run_id: str) -> dict[str, Any]:
    return api.task(run_id, "send_alert", 0)
