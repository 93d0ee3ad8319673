"""Parsing the DAG is cheap, and Airflow's scan of the plugins folder finds the plugin and nothing else."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.dags.airflow_process import HEAVY, PROJECT, airflow_environment

SCAN_AND_PARSE = f"""
import json, sys
from airflow import plugins_manager
from airflow.dag_processing.dagbag import DagBag

here = {str(PROJECT / "plugins")!r}
plugins, errors = plugins_manager._get_plugins()
own = {{name for name, module in sys.modules.items() if here in str(getattr(module, "__file__", ""))}}
bag = DagBag(dag_folder={str(PROJECT / "dags")!r})
print(json.dumps({{
    "plugin_errors": errors,
    "plugins": [plugin.name for plugin in plugins if plugin.__module__ in own],
    "scanned": sorted(name for name in own if "." not in name),
    "import_errors": bag.import_errors,
    "dags": list(bag.dags),
    "heavy": [name for name in {HEAVY!r} if name in sys.modules],
    "costspike": sorted(name for name in sys.modules if name.startswith("costspike.")),
}}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCAN_AND_PARSE],
        env=airflow_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_nothing_heavy_is_imported(told: dict[str, Any]) -> None:
    assert told["import_errors"] == {}
    assert "aws_cost_spikes" in told["dags"]
    assert told["heavy"] == []


def test_parsing_imports_the_settings_and_no_adapter(told: dict[str, Any]) -> None:
    imported = told["costspike"]
    assert "costspike.settings" in imported
    assert [name for name in imported if name.startswith(("costspike.adapters", "costspike.usecases"))] == []


def test_airflow_finds_one_plugin_and_no_module_of_the_package(told: dict[str, Any]) -> None:
    assert told["plugin_errors"] == {}
    assert told["plugins"] == ["costspike"]
    assert told["scanned"] == ["costspike", "costspike_plugin"]
