"""The self-test: one test message through the way that alerts take, and what is wrong with that way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, task

from costspike import settings as settings_module
from costspike.manual_dag import manual_dag

ALERTS = settings_module.load().alerts

DOC = """
### Triage notes

- Nothing depends on this DAG. Trigger it after you changed the Slack connection, the app or the channel.
- **red**: each line with ✘ says what is wrong with the token, its scopes or the channel, and what to do.
- **green**: a message marked TEST is in the channel, and was found there again by its metadata.

It sends through the connection and from the worker that alerts go through. The outbox and the warehouse are not
touched, and no AWS cost is read. From a shell: `airflow dags test aws_cost_spikes_self_test`.
"""


@manual_dag(
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
)
def aws_cost_spikes_self_test() -> None:
    """Wire the one task."""

    # A restart of the api server is worth another try soon, a finding is not: it fails without one.
    @task(
        multiple_outputs=False,
        retries=1,
        retry_delay=timedelta(seconds=10),
        execution_timeout=timedelta(seconds=60 + 10 * ALERTS.timeout_seconds),
    )
    def self_test() -> list[dict[str, Any]]:
        from costspike.slack_self_test import run_self_test

        return run_self_test()

    self_test()


aws_cost_spikes_self_test()
