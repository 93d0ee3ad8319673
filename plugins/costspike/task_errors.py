"""Why a task failed, kept where a later task of the run can read it: Airflow itself keeps only that it did."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from costspike.domain.errors import CostspikeError
from costspike.domain.health import Failure, failures_of, first_line

log = logging.getLogger(__name__)

_XCOM = "error"


@contextmanager
def noting_error(context: Mapping[str, Any]) -> Iterator[None]:
    """Keep the first line of an error as an XCom, without what Airflow or we know to be a secret."""
    try:
        yield
    except Exception as error:
        if type(error).__name__ == "AirflowSkipException":  # no failure, and Airflow is not imported for it
            raise
        told = str(error) if isinstance(error, CostspikeError) else f"{type(error).__name__}: {error}"
        try:
            from airflow.sdk.log import redact  # type: ignore[attr-defined]

            context["ti"].xcom_push(key=_XCOM, value=first_line(str(redact(told))))
        except Exception:  # noqa: BLE001 - the error itself is what Airflow has to see
            log.warning("Why the task failed could not be kept for the failure notice.")
        raise


def run_failures(ti: Any, order: Sequence[str]) -> list[Failure]:
    """Return the failed tasks of a task instance's run in the order of the DAG, the first with its error."""
    failures = failures_of(_known(run_states(ti), order), order)
    if not failures:
        return []
    first = failures[0]
    told = ti.xcom_pull(task_ids=[first.task], key=_XCOM)
    error = next((str(text) for text in told or () if text), "")
    return [replace(first, error=first_line(error)), *failures[1:]]


def run_states(ti: Any) -> dict[str, str]:
    """Return the states of a run's task instances; a mapped one is named with its index (``send_alert_3``)."""
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id]).get(ti.run_id, {})
    return {name: str(getattr(state, "value", state)) for name, state in states.items()}


def _known(states: Mapping[str, str], order: Iterable[str]) -> list[tuple[str, str]]:
    """Return task ids and states; a name that is no task's is one's with the index of an instance."""
    known = set(order)
    return [(name if name in known else name.rpartition("_")[0], state) for name, state in states.items()]
