"""Real Airflow behind a pipe: runs the DAG with ``dag.test``, one request a line.

A process of its own, because Airflow reads its environment when it is imported, and because what the DAG
and its plugin import is then theirs alone. The first request pays for Airflow's own start, some seconds.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

DAG_ID = "aws_cost_spikes"


def main(log_file: str) -> None:
    """Answer requests on stdin until it ends; whatever is printed goes to the log file."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    _prepare_database()
    for line in sys.stdin:
        start = Path(log_file).stat().st_size
        answer = _answer(json.loads(line))
        sys.stdout.flush()
        with Path(log_file).open("rb") as written:
            written.seek(start)
            answer["log"] = written.read().decode(errors="replace")
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


def _prepare_database() -> None:
    from airflow.utils.db import initdb
    from airflow.utils.session import create_session

    with create_session() as session:
        initdb(session=session)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    with _environment(request["env"]):
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"], collect_dags=True)
        if bag.import_errors or request["only_parse"]:
            return {
                "import_errors": bag.import_errors,
                "dags": {dag_id: _described(dag) for dag_id, dag in bag.dags.items()},
            }
        dag = bag.dags[request.get("dag_id") or DAG_ID]
        for task_id in request["dying"]:
            _let_die(dag.task_dict[task_id])
        moment = request["logical_date"]
        with _run_type(request.get("run_type")), _warehouse_kept_open(dag.dag_id):
            run = dag.test(
                logical_date=moment and datetime.fromisoformat(moment),
                run_conf=request["conf"],
            )
        return _told(run)


def _described(dag: Any) -> dict[str, Any]:
    """Return what users and other tools rely on."""
    return {
        "schedule": f"{type(dag.timetable).__name__} {getattr(dag.timetable, 'expression', '')}".strip(),
        "timezone": str(getattr(dag.timetable, "timezone", "")),
        "start_date": str(dag.start_date),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tags": sorted(dag.tags),
        "doc": dag.doc_md.strip().splitlines()[0],
        "params": {name: {"value": param.value, **param.schema} for name, param in _params(dag)},
        "tasks": {task.task_id: _described_task(task) for task in dag.topological_sort()},
    }


def _params(dag: Any) -> list[tuple[str, Any]]:
    return [(name, dag.params.get_param(name)) for name in dag.params]


def _described_task(task: Any) -> dict[str, Any]:
    return {
        "upstream": sorted(task.upstream_task_ids),
        "trigger_rule": task.trigger_rule.value,
        "pool": task.pool,
        "mapped": task.task_group is not None and bool(list(task.iter_mapped_task_groups())),
        "label": task.map_index_template or "",
        "retries": task.retries,
        "retry_delay": str(task.retry_delay),
        "backoff": task.retry_exponential_backoff,
        "timeout": str(task.execution_timeout),
        "owner": task.owner,
        "xcom_a_key": bool(getattr(task, "multiple_outputs", False)),
    }


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _warehouse_kept_open(dag_id: str) -> Iterator[None]:
    """Hold the DuckDB file open: the tasks, all in this process, then open it in a tenth of the time."""
    known = json.loads(os.environ.get("AIRFLOW_CONN_COSTSPIKE_WAREHOUSE", "{}"))
    file = known.get("host") or ""
    if (
        dag_id != DAG_ID
        or known.get("conn_type") != "duckdb"
        or not file.startswith("/")
        or not Path(file).parent.is_dir()
    ):
        yield
        return
    from airflow.providers.duckdb.hooks.duckdb import DuckDBHook

    # By the same hook: DuckDB takes no second connection of one process with another configuration.
    with DuckDBHook("costspike_warehouse").get_conn():
        yield


@contextmanager
def _run_type(run_type: str | None) -> Iterator[None]:
    """Let ``dag.test``, which knows manual runs only, make one of another type."""
    from airflow.models import dagrun

    original = dagrun.get_or_create_dagrun

    def made(**how: Any) -> Any:
        run = original(**how)
        run.run_type = run_type or ""
        how["session"].commit()
        return run

    if run_type:
        dagrun.get_or_create_dagrun = made
    try:
        yield
    finally:
        dagrun.get_or_create_dagrun = original


def _let_die(operator: Any) -> None:
    """Let a task fail before its first line, as one does whose process is killed."""
    arguments = operator.partial_kwargs if hasattr(operator, "partial_kwargs") else vars(operator)
    arguments["python_callable"] = _dying(arguments["python_callable"])


def _dying(body: Callable[..., Any]) -> Callable[..., Any]:
    from functools import wraps

    from airflow.sdk.exceptions import AirflowFailException

    @wraps(body)
    def die(*_: Any, **__: Any) -> None:
        msg = "died by order of a test"
        raise AirflowFailException(msg)

    return die


def _told(run: Any) -> dict[str, Any]:
    """Return what became of a run."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        pushed = session.scalars(select(XComModel).where(XComModel.run_id == run.run_id))
        xcoms = [
            {"task_id": xcom.task_id, "map_index": xcom.map_index, "key": xcom.key, "value": xcom.value}
            for xcom in pushed
        ]
    return {
        "state": str(run.state),
        "run_id": run.run_id,
        "tasks": [
            {
                "task_id": ti.task_id,
                "map_index": ti.map_index,
                "state": str(ti.state),
                "tries": ti.try_number,
                "label": ti.rendered_map_index or "",
            }
            for ti in run.get_task_instances()
        ],
        "xcoms": xcoms,
    }


if __name__ == "__main__":
    main(sys.argv[1])
