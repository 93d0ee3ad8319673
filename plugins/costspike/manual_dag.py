"""The DAGs that only people start: no schedule, one run at a time, retries as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, dag

from costspike import settings as settings_module

_RETRIES = 2


def manual_dag(
    *, params: Mapping[str, Any], doc_md: str, tags: Sequence[str]
) -> Callable[[Callable[[], None]], Callable[[], DAG]]:
    """Return the decorator of such a DAG, which is named as its function; ``params`` are its form."""
    tasks = settings_module.load().tasks
    return dag(
        schedule=None,
        start_date=datetime(2025, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        params=dict(params),
        doc_md=doc_md,
        tags=list(tags),
        default_args={
            "owner": "finops",
            "retries": _RETRIES,
            "retry_delay": timedelta(seconds=tasks.retry_delay_seconds),
            "execution_timeout": timedelta(minutes=tasks.timeout_minutes),
        },
    )
