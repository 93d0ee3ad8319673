"""The DAG of the back-test: its form, and what parsing it costs."""

from pathlib import Path

import pytest

from tests.dags.airflow_process import PROJECT, AirflowProcess, heavy_modules_after
from tests.dags.outside_world import Outside

pytestmark = pytest.mark.enable_socket

FILE = PROJECT / "dags" / "aws_cost_spikes_backtest.py"
FORM = [
    "first_day",
    "last_day",
    "sensitivities",
    "detector",
    "sensitivity",
    "min_impact",
    "min_impact_share_percent",
    "min_impact_percent",
    "why_not_day",
    "why_not_account",
    "why_not_service",
]
PARSE = f"""
import runpy
found = runpy.run_path({str(FILE)!r})
dag = found["aws_cost_spikes_backtest"]()
assert dag.schedule is None and list(dag.task_ids) == ["back_test"], dag
assert list(dag.params) == {FORM!r}
dag.params.validate()
"""


def test_airflow_takes_both_dags(airflow: AirflowProcess, outside: Outside) -> None:
    assert airflow.import_errors(outside.env) == ""


def test_parsing_is_light_and_the_form_is_valid_when_left_alone(tmp_path: Path) -> None:
    assert heavy_modules_after(PARSE, tmp_path) == []
