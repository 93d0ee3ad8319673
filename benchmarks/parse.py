"""Importing the DAG file against importing airflow.sdk, each in a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.table import Figure
from benchmarks.timing import in_turn

PROJECT = Path(__file__).parents[1]
_BARE = "from airflow.sdk import dag, task"
_DAG = "import sys; sys.path[:0] = ['dags', 'plugins']; import aws_cost_spikes"


def measure() -> list[Figure]:
    """Return how many times as long as the bare import the DAG file takes, bytecode cached as when installed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "AIRFLOW_HOME": folder, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        rounds = in_turn(
            {"bare": lambda: _run(_BARE, environment), "dag": lambda: _run(_DAG, environment)},
            clock=_children_seconds,
            rounds=9,
        )
    return [
        Figure(
            what="parse the DAG file: CPU time of a bare airflow.sdk import",
            measured=rounds.ratio("dag", "bare"),
            goal=1.05,
            goal_is="most",
            note=f"bare: {rounds.typical('bare'):.2f} CPU seconds",
        )
    ]


def _run(code: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, check=True, capture_output=True
    )


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
