"""The pools of the tasks, made where they are missing when an Airflow component starts.

A task whose pool does not exist is never queued, and only the scheduler's log says why (Airflow 3.3.2).
A pool that exists is left as it is: its slots are the user's to set.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass

from airflow.listeners import hookimpl

log = logging.getLogger(__name__)

WAREHOUSE = "costspike_warehouse"
CLAUDE = "costspike_claude"
SLACK = "costspike_slack"
PROMETHEUS = "costspike_prometheus"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPool:
    """A pool as it is first made."""

    slots: int
    description: str


POOLS = {
    WAREHOUSE: NewPool(slots=1, description="One task at a time in the warehouse file; more with Postgres"),
    CLAUDE: NewPool(slots=2, description="Questions to Claude at once"),
    SLACK: NewPool(slots=1, description="Messages to Slack at once"),
    PROMETHEUS: NewPool(slots=1, description="One publisher at a time to Prometheus"),
}


@hookimpl
def on_starting() -> None:
    """Make the missing pools; called when the scheduler, and any other component with a job, starts."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from sqlalchemy.exc import IntegrityError

    for name, pool in POOLS.items():
        try:
            with create_session() as session:
                if session.scalar(select(Pool).where(Pool.pool == name)) is None:
                    session.add(Pool(pool=name, include_deferred=False, **asdict(pool)))
        except IntegrityError:
            log.info("The pool %s was made by another component in the same moment.", name)
