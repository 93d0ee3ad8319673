"""Real Airflow for tests: api-server, scheduler and dag-processor, driven over the REST API."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from demo import components
from demo.airflow_api import AirflowApi
from demo.components import HOST, Components
from tests.dags.airflow_process import PROJECT, airflow_environment

DAG_ID = "aws_cost_spikes"
RUNS = f"/api/v2/dags/{DAG_ID}/dagRuns"
# The DAG defers nothing, so that a triggerer would have nothing to do.
COMPONENTS = ("api-server", "scheduler", "dag-processor")
SECONDS_TO_START = 180
SECONDS_TO_RUN = 240
TRIES_WHILE_BUSY = 20


class ScheduledAirflow(AirflowApi):
    """The REST API of a running Airflow, in the words of the tests."""

    timeout_seconds = 60

    def __init__(self, address: str, components: Components) -> None:
        super().__init__(address)
        self._components = components

    def wait_for(self, is_so: Callable[[], bool], what: str, seconds: int = SECONDS_TO_RUN) -> None:
        """Look again and again until something is so."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, f"after {seconds} s still not so: {what}"
            assert not self._components.ended(), f"{self._components.ended()} ended while waiting: {what}"
            time.sleep(0.3)

    def backfill(self, first: str, last: str, behavior: str = "none", active: int = 2) -> None:
        """Start a backfill of the days from first to last, both inclusive, after the one before it is closed."""
        self.wait_for(self._no_backfill_is_open, "the scheduler has closed the backfill before")
        body = {
            "dag_id": DAG_ID,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T23:59:00Z",
            "max_active_runs": active,
            "reprocess_behavior": behavior,
            "run_backwards": False,
            "dag_run_conf": {},
        }
        self._authorized("POST", "/api/v2/backfills", body)

    def _authorized(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the API; while its SQLite database is busy it answers 503, and nothing was done."""
        for _ in range(TRIES_WHILE_BUSY):
            try:
                return super()._authorized(method, path, body)
            except HTTPError as error:
                if error.code != 503:
                    raise
            time.sleep(1)
        return super()._authorized(method, path, body)

    def _no_backfill_is_open(self) -> bool:
        found = self._authorized("GET", f"/api/v2/backfills?dag_id={DAG_ID}")["backfills"]
        return all(backfill["completed_at"] for backfill in found)

    def trigger_day(self, cost_day: str, **conf: Any) -> str:
        """Start a manual run of a cost day beside whatever else runs; return its id."""
        body = {"logical_date": None, "conf": {"cost_date": cost_day, **conf}}
        return str(self._authorized("POST", RUNS, body)["dag_run_id"])

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs of the DAG, a hundred at most."""
        return list(self._authorized("GET", f"{RUNS}?limit=100")["dag_runs"])

    def run_of(self, cost_day: str) -> str:
        """Return the id of the scheduled or backfilled run of a cost day, empty while there is none."""
        found = (run for run in self.runs() if str(run["logical_date"]).startswith(cost_day))
        return next((str(run["dag_run_id"]) for run in found), "")

    def states(self) -> dict[str, str]:
        """Return the state of each run by its id."""
        return {run["dag_run_id"]: run["state"] for run in self.runs()}

    def have_ended(self, *run_ids: str) -> bool:
        """Tell whether runs exist and are through."""
        states = self.states()
        return all(states.get(run_id) in {"success", "failed"} for run_id in run_ids)

    def ended(self, run_type: str, count: int) -> bool:
        """Tell whether there are so many runs of a type and none of them is going on."""
        states = [run["state"] for run in self.runs() if run["run_type"] == run_type]
        return len(states) == count and not {"queued", "running"} & set(states)

    def task(self, run_id: str, task_id: str, map_index: int = -1) -> dict[str, Any]:
        """Return what is known of a task instance: its state, try_number and pid, for example."""
        found = self._authorized("GET", f"{RUNS}/{quote(run_id)}/taskInstances?limit=100")["task_instances"]
        return next(ti for ti in found if (ti["task_id"], ti["map_index"]) == (task_id, map_index))

    def clear(self, run_id: str, task_id: str, map_index: int) -> None:
        """Clear one mapped instance with everything after it, as the UI does."""
        body = {
            "dry_run": False,
            "only_failed": False,
            "dag_run_id": run_id,
            "task_ids": [[task_id, map_index]],
            "include_downstream": True,
        }
        self._authorized("POST", f"/api/v2/dags/{DAG_ID}/clearTaskInstances", body)


@dataclass(frozen=True, slots=True)
class RealAirflow:
    """A running Airflow and its components."""

    api: ScheduledAirflow
    components: Components


@contextmanager
def real_airflow(home: Path, outside: Mapping[str, str]) -> Iterator[RealAirflow]:
    """Run Airflow with a database of its own until the end of the block.

    Args:
        home: AIRFLOW_HOME.
        outside: variables that lead Airflow to the outside world, and any others that are to differ.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = components.free_port()
    variables = components.component_variables(port)
    environment = {**airflow_environment(home), **variables, **outside, "PYTHONPATH": str(PROJECT)}
    _create_database(environment, home)
    with Components(environment, home, COMPONENTS) as running:
        api = ScheduledAirflow(f"http://{HOST}:{port}", running)
        api.wait_for(
            lambda: api.is_healthy() and api.dag(DAG_ID) is not None, "Airflow is ready", SECONDS_TO_START
        )
        yield RealAirflow(api, running)


def _create_database(environment: Mapping[str, str], home: Path) -> None:
    """Create the tables; the pools are made by costspike's plugin when the scheduler starts."""
    script = "from airflow.utils import db; db.initdb()"
    with (home / "database.log").open("wb") as out:
        command = [sys.executable, "-P", "-c", script]
        subprocess.run(command, env=dict(environment), cwd=home, stdout=out, stderr=out, check=True)
