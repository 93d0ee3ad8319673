"""Real Airflow for tests: api-server, scheduler, dag-processor and triggerer, driven over the REST API."""

from __future__ import annotations

import json
import subprocess
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
from scripts import airflow_settings
from tests.dags.airflow_process import airflow_environment

DAG_ID = "aws_cost_spikes"
SECONDS_TO_START = 180
SECONDS_TO_RUN = 240
TRIES_WHILE_BUSY = 20


class ScheduledAirflow(AirflowApi):
    """The REST API of a running Airflow, in the words of the tests."""

    def wait_for(self, is_so: Callable[[], bool], what: str, seconds: int = SECONDS_TO_RUN) -> None:
        """Look again and again until something is so."""
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, f"after {seconds} s still not so: {what}"
            time.sleep(0.5)

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

    def trigger_day(self, cost_day: str) -> None:
        """Start a manual run of a cost day beside whatever else runs."""
        body = {"logical_date": None, "conf": {"cost_date": cost_day}}
        self._authorized("POST", f"/api/v2/dags/{DAG_ID}/dagRuns", body)

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs of the DAG."""
        found = self._authorized("GET", f"/api/v2/dags/{DAG_ID}/dagRuns?limit=100")["dag_runs"]
        return list(found)

    def ended(self, run_type: str, count: int) -> bool:
        """Tell whether there are so many runs of a type and none of them is going on."""
        states = [run["state"] for run in self.runs() if run["run_type"] == run_type]
        return len(states) == count and not {"queued", "running"} & set(states)

    def tried(self, run_id: str, task_id: str, map_index: int = -1) -> int:
        """Return how often a task instance has ended, or is being tried."""
        path = f"/api/v2/dags/{DAG_ID}/dagRuns/{quote(run_id)}/taskInstances?limit=100"
        found = self._authorized("GET", path)["task_instances"]
        tries = {(ti["task_id"], ti["map_index"]): int(ti["try_number"]) for ti in found}
        return tries.get((task_id, map_index), 0)

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
    """Run Airflow with a database of its own until the end of the block."""
    home.mkdir(parents=True, exist_ok=True)
    port = components.free_port()
    environment = {**airflow_environment(home), **outside, **components.component_variables(port)}
    _airflow(environment, home, "db", "migrate")
    pools = home / "pools.json"
    pools.write_text(json.dumps(airflow_settings.pools(airflow_settings.SETTINGS_FILE.read_text())))
    _airflow(environment, home, "pools", "import", str(pools))
    with Components(environment, home) as running:
        api = ScheduledAirflow(f"http://{HOST}:{port}")
        api.wait_for(
            lambda: api.is_healthy() and api.dag(DAG_ID) is not None, "Airflow is ready", SECONDS_TO_START
        )
        yield RealAirflow(api, running)


def _airflow(environment: Mapping[str, str], home: Path, *arguments: str) -> None:
    with (home / "commands.log").open("ab") as out:
        command = [*components.airflow_command(), *arguments]
        subprocess.run(command, env=dict(environment), cwd=home, stdout=out, stderr=out, check=True)
