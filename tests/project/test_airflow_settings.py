"""airflow_settings.yaml says to the Astro CLI and to a plain Airflow what the DAG needs."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "airflow_settings.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def loader() -> ModuleType:
    spec = importlib.util.spec_from_file_location("airflow_settings", ROOT / "scripts" / "airflow_settings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_pool_of_the_dag_is_defined(loader):
    used = set(re.findall(r'^\w+_POOL = "(\w+)"', (ROOT / "dags" / "aws_cost_spikes.py").read_text(), re.MULTILINE))

    assert used == set(loader.pools(TEXT))
    assert loader.pools(TEXT)["costspike_warehouse"]["slots"] == 1


def test_every_connection_of_the_settings_is_defined(loader):
    assert {"aws_default", "anthropic_default", "slack_api_default", "costspike_warehouse"} <= set(
        loader.connections(TEXT)
    )


def test_extras_are_json_texts_as_the_astro_cli_wants_them():
    entries = yaml.safe_load(TEXT)["airflow"]["connections"]

    assert all(isinstance(json.loads(entry["conn_extra"]), dict) for entry in entries if "conn_extra" in entry)


def test_an_extra_that_is_a_map_is_refused(loader):
    with pytest.raises(loader.AirflowSettingsError, match="conn_extra"):
        loader.connections("airflow: {connections: [{conn_id: a, conn_type: aws, conn_extra: {region_name: x}}]}")


def test_no_value_holds_a_quote_that_would_end_the_clis_own():
    entries = yaml.safe_load(TEXT)["airflow"]["connections"]

    assert not [value for entry in entries for value in entry.values() if "'" in str(value)]
