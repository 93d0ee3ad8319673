"""The self-test: one test message through the way that alerts take, and what is wrong with that way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from costspike import settings as settings_module

ALERTS = settings_module.load().alerts

DOC = """
### Triage notes

- Nothing depends on this DAG. Trigger it after you changed the Slack connection, the app or the channel.
- **red**: each line with ✘ says what is wrong with the token, its scopes or the channel, and what to do.
- **green**: a message marked TEST is in the channel, and was found there again by its metadata.

It sends through the connection and from the worker that alerts go through. The outbox and the warehouse are not
touched, and no AWS cost is read. From a shell: `airflow dags test aws_cost_spikes_self_test`.
"""


@dag(
    schedule=None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "channel": Param(
            None,
            type=["null", "string"],
            maxLength=80,
            description="Channel to test; empty: each one of the settings.",
        )
    },
    doc_md=DOC,
    tags=["costs", "alerts"],
    # A restart of the api server is worth another try, a finding is not: it fails without one.
    default_args={"owner": "finops", "retries": 1, "retry_delay": timedelta(seconds=10)},
)
def aws_cost_spikes_self_test() -> None:
    """Wire the one task."""

    @task(multiple_outputs=False, execution_timeout=timedelta(seconds=60 + 10 * ALERTS.timeout_seconds))
    def self_test() -> list[dict[str, Any]]:
        from costspike.slack_self_test import run_self_test

        return run_self_test()

    self_test()


aws_cost_spikes_self_test()
