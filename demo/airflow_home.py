"""Real Airflow in this process: its database, the DAG, and one run after another.

Import it only when the environment is the demo's: airflow reads it once, while it is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import airflow
from airflow.dag_processing.dagbag import DagBag
from airflow.models.pool import Pool
from airflow.utils import db

from demo.environment import ROOT
from scripts import airflow_settings

if TYPE_CHECKING:
    from airflow.sdk import DAG

DAG_ID = "aws_cost_spikes"
VERSION = airflow.__version__
SCHEDULED_AT = time(9, tzinfo=UTC)
FAILED = "failed"


class DagNotLoadedError(Exception):
    """The DAG file could not be imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """What Airflow says of a run, and which of its tasks failed."""

    run_id: str
    state: str
    failed: tuple[str, ...]


def create_database() -> None:
    """Create Airflow's tables as ``airflow db migrate`` does, and the pools of airflow_settings.yaml."""
    db.initdb()
    text = airflow_settings.SETTINGS_FILE.read_text(encoding="utf-8")
    for name, pool in airflow_settings.pools(text).items():
        Pool.create_or_update_pool(name, **pool)


def load_dag() -> DAG:
    """Return the DAG from its file.

    Raises:
        DagNotLoadedError: with Airflow's own words.
    """
    bag = DagBag(dag_folder=str(ROOT / "dags"))
    if DAG_ID not in bag.dags:
        raise DagNotLoadedError("; ".join(bag.import_errors.values()) or f"there is no DAG {DAG_ID}")
    return bag.dags[DAG_ID]


def run_day(dag: DAG, day: date) -> FinishedRun:
    """Run the whole DAG for one cost day."""
    run = dag.test(logical_date=datetime.combine(day, SCHEDULED_AT))
    tasks = run.get_task_instances()
    return FinishedRun(
        run_id=run.run_id,
        state=str(getattr(run.state, "value", run.state)),
        failed=tuple(sorted({task.task_id for task in tasks if task.state == FAILED})),
    )
