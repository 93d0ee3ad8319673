"""The DAG that keeps a person's verdict: its form, what parsing it costs, and one run."""

from pathlib import Path

import pytest

from costspike.adapters.warehouse.human_verdicts import HumanVerdicts
from costspike.adapters.warehouse.spike_tables import SpikeTables
from tests.cost_pages import DAY
from tests.dags.airflow_process import PROJECT, AirflowProcess, heavy_modules_after
from tests.dags.outside_world import Outside
from tests.spike_cases import spike
from tests.verdicts import store
from tests.warehouses import duckdb_warehouse

pytestmark = pytest.mark.enable_socket

DAG_ID = "aws_cost_spikes_verdict"
FILE = PROJECT / "dags" / f"{DAG_ID}.py"
PARSE = f"""
import runpy
dag = runpy.run_path({str(FILE)!r})["{DAG_ID}"]()
assert dag.schedule is None and list(dag.task_ids) == ["give_verdict"], dag
assert list(dag.params) == ["incident", "verdict", "note"]
"""


def test_a_verdict_is_kept_under_the_name_of_who_triggered_it(
    airflow: AirflowProcess, outside: Outside
) -> None:
    warehouse = duckdb_warehouse(outside.warehouse)
    store(SpikeTables(warehouse), DAY, [spike()])
    asked = {"incident": spike().spike_id, "verdict": "false_positive", "note": "{{ conn.x.password }}"}
    run = airflow.run(outside.env, None, asked, dag_id=DAG_ID)
    assert run.state == "success", run.errors
    (said,) = HumanVerdicts(warehouse).of_incident(spike().spike_id)
    assert (said.verdict, said.note, said.given_by) == ("false_positive", asked["note"], "dag_test")


def test_parsing_is_light(tmp_path: Path) -> None:
    assert heavy_modules_after(PARSE, tmp_path) == []
