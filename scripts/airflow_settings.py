"""Give an Airflow without the Astro CLI what airflow_settings.yaml defines.

    eval "$(python scripts/airflow_settings.py environment)"    # AIRFLOW_CONN_... and AIRFLOW_VAR_...
    python scripts/airflow_settings.py pools > pools.json && airflow pools import pools.json

The file is read as the Astro CLI reads it; what that would drop or misread is an error here.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

SETTINGS_FILE = Path(__file__).parents[1] / "airflow_settings.yaml"
# The Astro CLI's name of a connection's field -> the name in Airflow's JSON form of a connection.
FIELDS = {
    "conn_type": "conn_type",
    "conn_host": "host",
    "conn_schema": "schema",
    "conn_login": "login",
    "conn_password": "password",
    "conn_port": "port",
    "conn_extra": "extra",
}


class AirflowSettingsError(Exception):
    """The file holds something that the Astro CLI does not take as it is meant."""


def connections(text: str) -> dict[str, dict[str, Any]]:
    """Return the connections by id, in the form that AIRFLOW_CONN_... takes as JSON.

    Raises:
        AirflowSettingsError: an unknown field, an extra that is no JSON text, or a single quote.
    """
    return {
        entry["conn_id"]: _connection(entry) for entry in _entries(text, "connections", {"conn_id", *FIELDS})
    }


def pools(text: str) -> dict[str, dict[str, Any]]:
    """Return the pools by name, in the form that ``airflow pools import`` takes.

    Raises:
        AirflowSettingsError: a pool without slots, which the Astro CLI skips.
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in _entries(text, "pools", {"pool_name", "pool_slot", "pool_description"}):
        name, slots = entry["pool_name"], entry.get("pool_slot")
        if not isinstance(slots, int) or slots < 1:
            msg = f"pool {name}: pool_slot is {slots!r}, expected a whole number from 1"
            raise AirflowSettingsError(msg)
        found[name] = {
            "slots": slots,
            "description": entry.get("pool_description") or "",
            "include_deferred": False,
        }
    return found


def variables(text: str) -> dict[str, str]:
    """Return the variables by name."""
    entries = _entries(text, "variables", {"variable_name", "variable_value"})
    return {entry["variable_name"]: str(entry["variable_value"]) for entry in entries}


def environment(text: str) -> dict[str, str]:
    """Return the connections and variables as the environment variables that Airflow reads them from."""
    named = {f"AIRFLOW_CONN_{key.upper()}": json.dumps(value) for key, value in connections(text).items()}
    return named | {f"AIRFLOW_VAR_{key.upper()}": value for key, value in variables(text).items()}


def _connection(entry: Mapping[str, Any]) -> dict[str, Any]:
    values = {FIELDS[name]: value for name, value in entry.items() if name != "conn_id" and value is not None}
    if "extra" in values:
        values["extra"] = _extra(entry["conn_id"], values["extra"])
    return values


def _extra(conn_id: str, extra: object) -> dict[str, Any]:
    try:
        value = json.loads(extra) if isinstance(extra, str) else None
    except json.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        msg = (
            f"connection {conn_id}: conn_extra is {extra!r}, expected a JSON object as text: '{{\"key\": 1}}'"
        )
        raise AirflowSettingsError(msg)
    return value


def _entries(text: str, section: str, known: set[str]) -> Iterator[Mapping[str, Any]]:
    for entry in (yaml.safe_load(text)["airflow"] or {}).get(section) or []:
        for name, value in entry.items():
            if name not in known:
                msg = f"{section}: unknown field {name!r}, expected one of {', '.join(sorted(known))}"
                raise AirflowSettingsError(msg)
            if isinstance(value, str) and "'" in value:
                msg = f"{section}: {name} holds a single quote, which breaks the Astro CLI's command"
                raise AirflowSettingsError(msg)
        yield entry


def main() -> None:
    """Write what was asked for to the standard output."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["environment", "pools"])
    parser.add_argument("--file", type=Path, default=SETTINGS_FILE)
    asked = parser.parse_args()
    text = asked.file.read_text(encoding="utf-8")
    if asked.what == "pools":
        sys.stdout.write(json.dumps(pools(text), indent=2) + "\n")
    else:
        sys.stdout.writelines(
            f"export {key}={shlex.quote(value)}\n" for key, value in environment(text).items()
        )


if __name__ == "__main__":
    main()
