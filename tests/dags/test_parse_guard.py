"""Parsing the DAG is cheap, and Airflow's scan of the plugins folder finds the plugin and nothing else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.dags.airflow_process import PROJECT, airflow_environment

HEAVY = ("pandas", "numpy", "pyarrow", "boto3", "botocore", "anthropic", "duckdb", "slack_sdk", "psycopg")

PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=FOLDER + "/dags")
print(json.dumps({
    "errors": bag.import_errors,
    "dags": list(bag.dags),
    "heavy": [name for name in HEAVY if name in sys.modules],
    "own": sorted(name for name in sys.modules if name.startswith("costspike")),
}))
"""
SCAN = """
import json, sys
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
here = FOLDER + "/plugins/"
own = {name for name, module in sys.modules.items() if here in str(getattr(module, "__file__", ""))}
print(json.dumps({
    "errors": errors,
    "plugins": [plugin.name for plugin in plugins if plugin.__module__ in own],
    "heavy": [name for name in HEAVY if name in sys.modules],
    "own": sorted(name for name in own if "." not in name),
}))
"""


def told_by(script: str, home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"HEAVY, FOLDER = {HEAVY!r}, {str(PROJECT)!r}\n{script}"],
        env=airflow_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_parsing_the_dag_imports_nothing_heavy(tmp_path: Path) -> None:
    told = told_by(PARSE, tmp_path)
    assert told["errors"] == {}
    assert "aws_cost_spikes" in told["dags"]
    assert told["heavy"] == []


def test_parsing_the_dag_imports_the_settings_and_no_adapter(tmp_path: Path) -> None:
    own = told_by(PARSE, tmp_path)["own"]
    assert "costspike.settings" in own
    assert [name for name in own if name.startswith(("costspike.adapters", "costspike.usecases"))] == []


def test_airflow_finds_one_plugin_and_no_module_of_the_package(tmp_path: Path) -> None:
    told = told_by(SCAN, tmp_path)
    assert told["errors"] == {}
    assert told["plugins"] == ["costspike"]
    assert told["own"] == ["costspike_plugin"]
    assert told["heavy"] == []
