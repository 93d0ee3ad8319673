"""airflow_settings.yaml says to the Astro CLI and to a plain Airflow what the DAG needs."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from costspike.pools import POOLS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "airflow_settings.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def loader() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "airflow_settings", ROOT / "scripts" / "airflow_settings.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_plugin_makes_the_same_pools(loader):
    made = {name: {**asdict(pool), "include_deferred": False} for name, pool in POOLS.items()}

    assert loader.pools(TEXT) == made
    assert made["costspike_warehouse"]["slots"] == 1


def test_every_connection_of_the_settings_is_defined(loader):
    assert {"aws_default", "anthropic_default", "slack_api_default", "costspike_warehouse"} <= set(
        loader.connections(TEXT)
    )


def test_extras_are_json_texts_as_the_astro_cli_wants_them():
    entries = yaml.safe_load(TEXT)["airflow"]["connections"]

    assert all(
        isinstance(json.loads(entry["conn_extra"]), dict) for entry in entries if "conn_extra" in entry
    )


def test_airflow_makes_the_right_hook_of_each_connection(loader, monkeypatch):
    from airflow.sdk import BaseHook

    for name, value in loader.environment(TEXT).items():
        monkeypatch.setenv(name, value)
    hooks = {
        conn_id: type(BaseHook.get_connection(conn_id).get_hook()).__name__
        for conn_id in loader.connections(TEXT)
    }

    assert hooks == {
        "aws_default": "AwsGenericHook",
        "anthropic_default": "AnthropicHook",
        "slack_api_default": "SlackHook",
        "costspike_warehouse": "DuckDBHook",
    }


CONNECTION = "airflow: {connections: [{conn_id: a, conn_type: aws, %s}]}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            CONNECTION % "conn_extra: {region_name: x}", "conn_extra", id="the CLI drops what is nested"
        ),
        pytest.param(CONNECTION % "conn_extra: 'no json'", "conn_extra", id="an extra that is no JSON"),
        pytest.param(CONNECTION % 'conn_password: "it\'s"', "single quote", id="a quote ends the CLI's own"),
        pytest.param(
            CONNECTION % "conn_pasword: x", "unknown field 'conn_pasword'", id="the CLI ignores a typo"
        ),
    ],
)
def test_what_the_astro_cli_would_misread_is_refused(loader, text, said):
    with pytest.raises(loader.AirflowSettingsError, match=said):
        loader.connections(text)


def test_a_pool_without_slots_is_refused(loader):
    with pytest.raises(loader.AirflowSettingsError, match="pool a: pool_slot is 0"):
        loader.pools("airflow: {pools: [{pool_name: a, pool_slot: 0}]}")


def test_a_shell_takes_the_environment_as_it_is_meant(loader):
    script = ROOT / "scripts" / "airflow_settings.py"
    command = f'eval "$({sys.executable} {script} environment)" && printenv AIRFLOW_CONN_AWS_DEFAULT'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == loader.connections(TEXT)["aws_default"]


def test_no_value_holds_a_quote_that_would_end_the_clis_own():
    entries = yaml.safe_load(TEXT)["airflow"]["connections"]

    assert not [value for entry in entries for value in entry.values() if "'" in str(value)]
