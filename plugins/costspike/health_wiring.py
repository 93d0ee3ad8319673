"""What the tasks after the alerts need (health, drops, receivers), from Airflow's context and every task's wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costspike.receivers import receiver_for
from costspike.run_context import now
from costspike.slack_senders import sender_for
from costspike.task_errors import run_failures, run_states

if TYPE_CHECKING:
    from costspike.adapters.warehouse.health import HealthTables
    from costspike.usecases.notify_receivers import Telling
    from costspike.usecases.report_drops import Dropping
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


def telling(to: Wiring) -> Telling:
    """Return what handing alerts over needs."""
    from costspike.adapters.previews import stylesheet
    from costspike.adapters.warehouse.receiver_deliveries import ReceiverDeliveries
    from costspike.usecases.notify_receivers import Telling

    return Telling(
        deliveries=ReceiverDeliveries(to.database),
        receiver=lambda own: receiver_for(own, to.settings.alerts.timeout_seconds),
        css=stylesheet(),
        clock=now,
    )


def dropping(to: Wiring) -> Dropping:
    """Return what telling of drops needs."""
    from costspike.adapters.warehouse.drop_tables import DropTables
    from costspike.usecases.report_drops import Dropping

    return Dropping(tables=to.tables, drops=DropTables(to.database, to.tables.source), sending=to.sending)
