"""``make verdict``: keep what a person says of an incident: real, planned, or nothing to alert for."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from demo.preview import POSTGRES, ROOT, WAREHOUSE

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database

BUSY_SECONDS = 30.0


def main() -> int:
    """Store the verdict; return 0 if there is such an incident."""
    arguments = _parser().parse_args()
    sys.path.append(str(ROOT / "plugins"))
    from costspike.adapters.warehouse.human_verdicts import HumanVerdicts
    from costspike.domain.errors import CostspikeError
    from costspike.domain.secrets import without_secrets
    from costspike.usecases.give_verdict import give_verdict

    try:
        given = give_verdict(
            arguments.incident,
            arguments.verdict,
            note=arguments.note,
            given_by=arguments.by,
            given_at=datetime.now(UTC),
            verdicts=HumanVerdicts(_database(arguments.warehouse)),
        )
    except CostspikeError as stop:
        sys.stdout.write(f"✘ {stop}\n")
        return 1
    except Exception as error:  # noqa: BLE001 - each driver has its own, and a traceback helps nobody here
        why = without_secrets(f"{type(error).__name__}: {error}")[:200]
        told = without_secrets(arguments.warehouse)
        sys.stdout.write(f"✘ {told} cannot be written ({why}); expected a costspike warehouse\n")
        return 1
    sys.stdout.write(f"✔ {given.incident_id}: {given.verdict} by {given.given_by}\n")
    return 0


def _database(warehouse: str) -> Database:
    from costspike.adapters.warehouse.database import Database

    if warehouse.startswith(POSTGRES):
        import psycopg

        return Database(connect=lambda: psycopg.connect(warehouse), engine="postgres", placeholder="%s")
    import duckdb

    return Database(
        connect=lambda: duckdb.connect(warehouse),
        engine="duckdb",
        placeholder="?",
        busy_seconds=BUSY_SECONDS,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.give_verdict", description=__doc__)
    parser.add_argument("incident", help="id of the incident, or of one of its spikes")
    parser.add_argument("verdict", help="anomaly, planned_activity or false_positive")
    parser.add_argument("--note", default="", help="why, in a sentence")
    parser.add_argument("--by", default=_user(), help="who says so; default: you")
    parser.add_argument(
        "--warehouse",
        default=str(WAREHOUSE),
        help="a DuckDB file, or postgresql://… (libpq takes the password from PGPASSWORD or its file)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
