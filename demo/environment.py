"""The environment of the demo's Airflow: its own home, connections to the local servers, short delays."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.trail import ROLE

ROOT = Path(__file__).resolve().parents[1]

Connection = Mapping[str, Any]

# A metadata database, a home or a profile of the user's own must not become the demo's.
_AIRFLOW = ("AIRFLOW",)
_AWS = ("AWS_", "BOTO_")
_LOOPBACK = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where everything that the demo writes lies."""

    folder: Path

    @property
    def airflow(self) -> Path:
        """Return AIRFLOW_HOME."""
        return self.folder / "airflow"

    @property
    def warehouse(self) -> Path:
        """Return the DuckDB file."""
        return self.folder / "warehouse.duckdb"

    @property
    def log(self) -> Path:
        """Return where Airflow's own output goes."""
        return self.folder / "airflow.log"

    @property
    def page(self) -> Path:
        """Return the page with the messages."""
        return self.folder / "alerts.html"

    def leftovers(self) -> Iterable[Path]:
        """Return what an earlier demo may have left, the only things that a new one removes."""
        return self.airflow, self.warehouse, Path(f"{self.warehouse}.wal"), self.log, self.page


def scrubbed(environment: Mapping[str, str], *, keep_aws: bool) -> dict[str, str]:
    """Return the environment without the user's own Airflow and, unless asked for, without their AWS."""
    gone = _AIRFLOW if keep_aws else _AIRFLOW + _AWS
    return {name: value for name, value in environment.items() if not name.startswith(gone)}


def airflow_variables(home: Home, connections: Mapping[str, Connection]) -> dict[str, str]:
    """Return what Airflow reads from its environment."""
    return {
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        **{f"AIRFLOW_CONN_{key.upper()}": json.dumps(value) for key, value in connections.items()},
    }


def costspike_variables(*, days: int, channel: str) -> dict[str, str]:
    """Return the settings of the demo: weeks pass within a minute, so the budgets of a day are those of all.

    Retries happen at once.
    """
    return {
        "COSTSPIKE__ALERTS__CHANNEL": channel,
        "COSTSPIKE__COST_EXPLORER__DAILY_BUDGET_USD": str(daily_reading_budget(days)),
        "COSTSPIKE__TASKS__RETRY_DELAY_SECONDS": "0",
        "COSTSPIKE__TASKS__MAX_RETRY_DELAY_SECONDS": "0",
        "COSTSPIKE__EXPLAIN__RETRY_DELAY_SECONDS": "0",
    }


def made_up_variables(*, quick: bool) -> dict[str, str]:
    """Return what suits the made-up bill, unless the user's environment says something else.

    The finer grain lets an alert name the usage type; it takes a request more an account and day. The role
    lets CloudTrail be read in every account.
    """
    variables = {
        "COSTSPIKE__COST_EXPLORER__GRAIN": "account_service_usage_type",
        "COSTSPIKE__EVIDENCE__CLOUDTRAIL_ROLE": ROLE,
    }
    return variables | ({"COSTSPIKE__READING__HISTORY_MONTHS": "2"} if quick else {})


def daily_reading_budget(days: int) -> Decimal:
    """Return the dollars that the runs of the demo may spend on their daily reading, all together."""
    return Decimal("0.30") * days


def loopback_without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep a proxy out of the way to the local servers."""
    own = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    value = ",".join(filter(None, [own, _LOOPBACK]))
    return {"no_proxy": value, "NO_PROXY": value}


def enter(variables: Mapping[str, str]) -> None:
    """Make these the variables of the process, and no others; airflow reads them when it is imported."""
    os.environ.clear()
    os.environ.update(variables)
