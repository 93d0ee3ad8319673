"""What the task report_health needs, from Airflow's context and the wiring of every task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costspike.slack_senders import sender_for
from costspike.task_errors import run_failures, run_states

if TYPE_CHECKING:
    from costspike.adapters.warehouse.health import HealthTables
    from costspike.usecases.report_health import Reporting
    from costspike.wiring import Wiring


def reporting(to: Wiring) -> Reporting:
    """Return what reporting needs; the warehouse is opened only when it is asked for."""
    from costspike.adapters.warehouse.health import HealthTables
    from costspike.usecases.report_health import Reporting

    ti, dag = to.context["ti"], to.context["dag"]

    def tables() -> HealthTables:
        return HealthTables(to.database, to.tables.source)

    return Reporting(
        tables=tables,
        sending=lambda: to.sending,
        sender=sender_for(to.settings),
        failures=run_failures(ti, [task.task_id for task in dag.topological_sort()]),
        reconciled=run_states(ti).get("check_costs") == "success",
        last_try=ti.try_number > ti.max_tries,
        run_url=str(getattr(ti, "log_url", "") or "").partition("/tasks/")[0],
    )
