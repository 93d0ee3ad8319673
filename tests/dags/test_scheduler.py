"""The DAG under the real scheduler: a backfill, cleared tasks, and runs beside each other.

One Airflow serves the whole story, since starting it takes longer than the runs; the tests are its chapters,
in this order.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dags.outside_world import DAY, Outside, outside_world, yesterday
from tests.dags.real_airflow import RealAirflow, ScheduledAirflow, real_airflow

pytestmark = pytest.mark.xdist_group("scheduler")

# Before nine o'clock the run for yesterday is not due yet, so the story is about the days before it.
NEWEST = yesterday() - DAY
DAYS = [NEWEST - DAY, NEWEST]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with outside_world(tmp_path_factory.mktemp("outside")) as running:
        running.plant(NEWEST, "400")
        yield running


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Iterator[RealAirflow]:
    patient = outside.env | {"COSTSPIKE__TASKS__RETRIES": "3", "COSTSPIKE__TASKS__RETRY_DELAY_SECONDS": "1"}
    with real_airflow(tmp_path_factory.mktemp("scheduled"), patient) as running:
        running.api.unpause("aws_cost_spikes")
        yield running


@pytest.fixture
def api(airflow: RealAirflow) -> ScheduledAirflow:
    return airflow.api


def stored(outside: Outside) -> list[dict[str, object]]:
    return outside.rows(
        "SELECT charge_period_start, sub_account_id, service_name, x_charge_type, billed_cost"
        " FROM cloud_costs ORDER BY ALL"
    )


def test_the_days_under_the_real_scheduler(api: ScheduledAirflow, outside: Outside) -> None:
    # Chapter 1: a backfill lands and judges the days, and tells of the young one.
    api.backfill(str(DAYS[0]), str(DAYS[-1]))
    api.wait_for(lambda: api.ended("backfill", len(DAYS)), "the backfill is through")
    assert {run["state"] for run in api.runs()} == {"success"}
    assert (len(outside.texts), outside.claude.billed) == (1, 1)
    assert outside.value("SELECT MIN(outcome) FROM pipeline_runs") == "success"
    rows = stored(outside)
    run_ids = {str(run["logical_date"])[:10]: run["dag_run_id"] for run in api.runs()}
    newest = run_ids[str(NEWEST)]

    # Chapter 2: one mapped explanation is cleared with its downstream; nothing is paid or told again.
    api.clear(newest, "explain_spike", 0)
    api.wait_for(lambda: api.tried(newest, "send_alert", 0) == 2, "the message is looked at again")
    api.wait_for(lambda: api.ended("backfill", len(DAYS)), "the cleared run is through")
    assert (len(outside.texts), outside.claude.billed) == (1, 1)

    # Chapter 3: the whole range is backfilled once more.
    pages = outside.explorer.billed_pages
    api.backfill(str(DAYS[0]), str(DAYS[-1]), behavior="completed")
    for day in DAYS:
        api.wait_for(lambda run=run_ids[str(day)]: api.tried(run, "record_run") >= 2, f"{day} runs again")
    api.wait_for(lambda: api.ended("backfill", len(DAYS)), "the days are through again")
    assert stored(outside) == rows
    assert outside.explorer.billed_pages == pages
    assert (len(outside.texts), outside.claude.billed) == (1, 1)

    # Chapter 4: two manual runs of the same day at once.
    for _ in range(2):
        api.trigger_day(str(NEWEST))
    api.wait_for(lambda: api.ended("manual", 2), "both manual runs are through")
    assert {run["state"] for run in api.runs()} == {"success"}
    assert stored(outside) == rows
    assert (len(outside.texts), outside.claude.billed) == (1, 1)
