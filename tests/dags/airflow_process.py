"""The tests' side of ``airflow_worker``: a process with real Airflow, and what it tells of a run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

PROJECT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("airflow_worker.py")
# The last line of a traceback: the error's full name and its text.
ERROR = re.compile(r"[\w.]+\.[A-Z]\w+: |[A-Z]\w+(Error|Exception): ")
LONGEST_RUN_SECONDS = 180


HEAVY = ("pandas", "numpy", "pyarrow", "boto3", "botocore", "anthropic", "duckdb", "slack_sdk", "psycopg")
"""What parsing a DAG must not import."""


def heavy_modules_after(script: str, home: Path) -> list[str]:
    """Run a script that parses a DAG in a process of its own; return the heavy modules that it imported."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{script}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])",
        ],
        env={"PYTHONPATH": str(PROJECT / "plugins"), "AIRFLOW_HOME": str(home), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def airflow_environment(home: Path) -> dict[str, str]:
    """Return the environment of an Airflow of its own that reads the project's DAG and plugin."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "COSTSPIKE"))
    }
    return {
        **inherited,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": "",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of a run of the DAG."""

    state: str = ""
    run_id: str = ""
    tasks: list[dict[str, Any]] = field(default_factory=list)
    xcoms: list[dict[str, Any]] = field(default_factory=list)
    log: str = ""

    def states(self, task_id: str) -> list[str]:
        """Return the states of a task's instances, by map index."""
        return [task["state"] for task in self._instances(task_id)]

    def tries(self, task_id: str) -> list[int]:
        """Return how often each instance of a task was tried."""
        return [task["tries"] for task in self._instances(task_id)]

    def labels(self, task_id: str) -> list[str]:
        """Return what the grid shows for the instances of a mapped task."""
        return [task["label"] for task in self._instances(task_id)]

    def returned(self, task_id: str) -> list[Any]:
        """Return what the instances of a task returned, by map index."""
        own = [x for x in self.xcoms if x["task_id"] == task_id and x["key"] == "return_value"]
        return [xcom["value"] for xcom in sorted(own, key=lambda xcom: xcom["map_index"])]

    @property
    def errors(self) -> str:
        """Return what the log says of errors, to be shown where a run is not as it should be."""
        return "\n".join(line for line in self.log.splitlines() if ERROR.match(line))

    def _instances(self, task_id: str) -> list[dict[str, Any]]:
        own = [task for task in self.tasks if task["task_id"] == task_id]
        return sorted(own, key=lambda task: task["map_index"])


class AirflowProcess:
    """Airflow in a process of its own; a run takes a second or two, the first one some more."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.home.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(WORKER), str(self.home / "worker.log")],
            env=airflow_environment(self.home),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def run(
        self,
        env: Mapping[str, str],
        cost_day: date | None,
        conf: Mapping[str, Any] | None = None,
        dying: Iterable[str] = (),
        dag_id: str = "",
        *,
        run_type: str = "",
    ) -> Run:
        """Run a DAG once.

        Args:
            env: connections and settings of this run.
            cost_day: the logical date is nine o'clock of it; None for a run without one.
            conf: what the run is triggered with.
            dying: tasks that fail hard before they do anything.
            dag_id: another DAG than the daily one.
            run_type: another type than manual.
        """
        moment = f"{cost_day}T09:00:00+00:00" if cost_day else None
        answer = self._ask(
            env=dict(env),
            logical_date=moment,
            conf=dict(conf or {}),
            dying=list(dying),
            dag_id=dag_id,
            run_type=run_type,
        )
        if "state" not in answer:
            msg = f"the DAG cannot be imported: {answer['import_errors']}"
            raise AssertionError(msg)
        return Run(**answer)

    def import_errors(self, env: Mapping[str, str]) -> str:
        """Return what Airflow shows as import error of the DAG, nothing where there is none."""
        return "\n".join(self._ask(env=dict(env), only_parse=True)["import_errors"].values())

    def dags(self) -> dict[str, Any]:
        """Return the DAGs with the project's own settings, as users and other tools see them."""
        told: dict[str, Any] = self._ask(env={}, only_parse=True)["dags"]
        return told

    def _ask(self, *, only_parse: bool = False, **request: Any) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            msg = "use AirflowProcess in a with statement"
            raise RuntimeError(msg)
        watch = threading.Timer(LONGEST_RUN_SECONDS, process.kill)
        watch.start()
        process.stdin.write(json.dumps({"only_parse": only_parse, **request}) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        watch.cancel()
        if not answer:
            log = (self.home / "worker.log").read_text(errors="replace")
            msg = f"the process with Airflow ended, or the run took {LONGEST_RUN_SECONDS} s: {log[-3000:]}"
            raise RuntimeError(msg)
        told: dict[str, Any] = json.loads(answer)
        return told
