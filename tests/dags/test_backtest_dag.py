"""The DAG of the back-test: its form, and what parsing it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import Outside

pytestmark = pytest.mark.enable_socket

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / "dags" / "aws_cost_spikes_backtest.py"
HEAVY = ("pandas", "numpy", "boto3", "anthropic", "duckdb", "pyarrow")
FORM = [
    "first_day",
    "last_day",
    "sensitivities",
    "detector",
    "sensitivity",
    "min_impact",
    "min_impact_percent",
]
PARSE = f"""
import runpy, sys
found = runpy.run_path({str(FILE)!r})
dag = found["aws_cost_spikes_backtest"]()
assert dag.schedule is None and list(dag.task_ids) == ["back_test"], dag
assert list(dag.params) == {FORM!r}
dag.params.validate()
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def test_airflow_takes_both_dags(airflow: AirflowProcess, outside: Outside) -> None:
    assert airflow.import_errors(outside.env) == ""


def test_parsing_is_light_and_the_form_is_valid_when_left_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARSE],
        env={"PYTHONPATH": str(PROJECT / "plugins"), "AIRFLOW_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
