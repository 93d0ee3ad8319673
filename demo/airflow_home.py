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

if TYPE_CHECKING:
    from airflow.sdk import DAG

DAG_ID = "aws_cost_spikes"
VERSION = airflow.__version__
# As airflow_settings.yaml has them.
POOLS = {"costspike_warehouse": 1, "costspike_claude": 2, "costspike_slack": 1}
SCHEDULED_AT = time(9, tzinfo=UTC)
FAILED = {"failed", "upstream_failed"}


class DagNotLoadedError(Exception):
    """The DAG file could not be imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """What Airflow says of a run; ``retried`` are tasks that needed more than one try."""

    run_id: str
    state: str
    failed: tuple[str, ...]
    retried: tuple[str, ...]


def create_database() -> None:
    """Create Airflow's tables, as ``airflow db migrate`` does it for an empty database, and the pools."""
    db.initdb()
    for name, slots in POOLS.items():
        Pool.create_or_update_pool(name, slots=slots, description="", include_deferred=False)


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
        failed=tuple(sorted({task.task_id for task in tasks if task.state in FAILED})),
        retried=tuple(sorted({task.task_id for task in tasks if task.try_number > 1})),
    )
