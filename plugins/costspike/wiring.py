"""The composition root: Airflow's connections and context, and the settings, become what use cases need.

Everything heavy is imported inside a function: parsing the DAG must stay cheap, and every task process
parses it again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costspike.domain.errors import CostspikeError
from costspike.domain.runs import Run
from costspike.run_context import Context, cost_day, load_settings, now, run_of
from costspike.settings import Settings
from costspike.task_errors import noting_error, run_states

if TYPE_CHECKING:
    from costspike.adapters.cost_explorer import CostExplorer
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.database import Database
    from costspike.adapters.warehouse.spending import Spending
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.domain.deliveries import Delivery
    from costspike.usecases.explain_batch import Batching
    from costspike.usecases.explain_spike import Asking
    from costspike.usecases.render_alert import Sources
    from costspike.usecases.sender import Sending


@dataclass
class Wiring:
    """Adapters for one task instance, made when they are first needed."""

    context: Context
    settings: Settings
    day: date

    @cached_property
    def run(self) -> Run:
        """Return the run as the use cases see it."""
        return run_of(self.context, self.day)

    @cached_property
    def database(self) -> Database:
        """Return the warehouse behind its Airflow connection.

        Raises:
            UpstreamError: there is no such connection, or what it leads to forgets its tables.
        """
        from costspike.warehouse_connection import open_warehouse

        return open_warehouse(self.settings)

    @cached_property
    def tables(self) -> CostTables:
        """Return the cost tables."""
        from costspike.adapters.warehouse.cost_tables import CostTables

        return CostTables(self.database, self.settings.reading.source)

    @cached_property
    def spikes(self) -> SpikeTables:
        """Return the verdicts."""
        from costspike.adapters.warehouse.spike_tables import SpikeTables

        return SpikeTables(self.database, self.settings.reading.source)

    @cached_property
    def spending(self) -> Spending:
        """Return the ledger."""
        from costspike.adapters.warehouse.spending import Spending

        return Spending(self.database)

    @cached_property
    def explorer(self) -> CostExplorer:
        """Return Cost Explorer behind its AWS connection."""
        from costspike.aws_wiring import cost_explorer

        return cost_explorer(self.settings)

    @property
    def asking(self) -> Asking:
        """Return what explaining a spike needs."""
        from costspike.explain_wiring import asking

        return asking(
            self.context["ti"],
            run=self.run,
            settings=self.settings,
            database=self.database,
            tables=self.tables,
            explorer=lambda: self.explorer,
        )

    @property
    def batching(self) -> Batching:
        """Return what explaining in a Message Batch needs."""
        from costspike.explain_wiring import batching

        return batching(
            run=self.run,
            settings=self.settings,
            database=self.database,
            tables=self.tables,
            explorer=lambda: self.explorer,
        )

    @property
    def sending(self) -> Sending:
        """Return what sending an alert needs: bot token, else webhook, else previews."""
        from costspike.adapters.warehouse.credential_refusals import CredentialRefusals
        from costspike.adapters.warehouse.outbox import Outbox
        from costspike.slack_senders import sender_for
        from costspike.usecases.sender import Sending
        from costspike.usecases.shared_refusals import SharedRefusals
        from costspike.usecases.spared_sender import spared

        refusals = SharedRefusals(run=self.run, notes=CredentialRefusals(self.database), clock=now)
        return Sending(
            outbox=Outbox(self.database),
            sender=spared(sender_for(self.settings), refusals, self.settings.connections.slack_api),
            preview=self._write_preview,
            clock=now,
            sleep=time.sleep,
        )

    def sources(self) -> Sources:
        """Return where the parts of an alert come from."""
        from costspike.adapters.warehouse.explanations import Explanations
        from costspike.usecases.render_alert import Sources

        url = str(getattr(self.context["ti"], "log_url", "") or "")
        return Sources(
            tables=self.tables, spikes=self.spikes, explanations=Explanations(self.database), run_url=url
        )

    def results_of(self, task_id: str, count: int) -> list[Mapping[str, Any]]:
        """Return what the mapped instances of a task returned in this run; one that died returned nothing."""
        found = self.context["ti"].xcom_pull(task_ids=task_id, map_indexes=list(range(count)))
        return [result for result in found or () if result]

    def task_states(self) -> list[str]:
        """Return the states of the run's task instances."""
        return list(run_states(self.context["ti"]).values())

    def _write_preview(self, name: str, message: Any) -> str:
        from costspike.adapters.previews import stylesheet, write_page
        from costspike.rendering.preview_page import preview_page

        folder = Path(self.settings.alerts.preview_folder or airflow_home() / "var" / "previews")
        title = f"AWS cost alerts of {self.day}"
        page = preview_page([message], title=title, css=stylesheet(), channel=self.settings.alerts.channel)
        return str(write_page(folder, f"{self.day}-{name}", page))


@contextmanager
def task_wiring(cost_date: str | None = None) -> Iterator[Wiring]:
    """Yield the wiring of the running task, and tell Airflow which errors waiting can heal.

    Args:
        cost_date: the cost day as land_costs resolved it; without it, it is resolved here.
    """
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowFailException

    context: Context = get_current_context()
    try:
        with noting_error(context):
            day = date.fromisoformat(cost_date) if cost_date else cost_day(context)
            yield Wiring(context=context, settings=load_settings(context), day=day)
    except CostspikeError as error:
        if error.retryable:
            raise
        raise AirflowFailException(str(error)) from error


def airflow_home() -> Path:
    """Return the folder of this Airflow, where pages are written."""
    from airflow.configuration import get_airflow_home

    return Path(get_airflow_home())


def delivery_of(item: Mapping[str, Any]) -> Delivery:
    """Return a mapped item as a delivery."""
    from costspike.domain.deliveries import Delivery

    return Delivery(message_key=item["message_key"], spike_ids=tuple(item["spike_ids"]))
