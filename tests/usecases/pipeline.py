"""The whole chain of use cases without Airflow: real clients, local servers, a real warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anthropic
import boto3
from botocore.config import Config
from slack_sdk import WebClient

from costspike.adapters.claude import CallLimits, Claude
from costspike.adapters.cost_explorer import CostExplorer
from costspike.adapters.prompts import load_templates
from costspike.adapters.slack import SlackChannels
from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.credential_refusals import CredentialRefusals
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.evidence import EvidenceTables
from costspike.adapters.warehouse.explanations import Explanations
from costspike.adapters.warehouse.outbox import Outbox
from costspike.adapters.warehouse.spending import Spending
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.deliveries import Delivery
from costspike.domain.runs import Run
from costspike.settings import Settings
from costspike.slack_senders import ApiSender
from costspike.usecases.check_costs import check_costs
from costspike.usecases.detect_spikes import detect_spikes
from costspike.usecases.explain_spike import Asking, explain_spike
from costspike.usecases.gather_evidence import EvidenceSource, Gathering
from costspike.usecases.land_costs import Landed, land_costs
from costspike.usecases.landed_costs import landed_costs
from costspike.usecases.render_alert import Sources, render_alert
from costspike.usecases.send_alert import send_alert
from costspike.usecases.sender import Sender, Sending
from costspike.usecases.shared_refusals import SharedRefusals
from costspike.usecases.spared_sender import spared
from costspike.usecases.spike_case import load_case
from costspike.usecases.warehouse_evidence import warehouse_sources
from demo.servers.claude import ClaudeServer
from demo.servers.cost_explorer import CostExplorerServer
from demo.servers.slack import SlackServer
from demo.world import World
from tests.clocks import Clock
from tests.warehouses import kept_open

TODAY = date(2026, 11, 24)
YESTERDAY = TODAY - timedelta(days=1)
PROD, DEV = "111111111111", "222222222222"
TOKEN = "xoxb-test"


def usage_row(day: date, account: str, service: str, cost: str) -> tuple[Any, ...]:
    """Return one row of usage at a region and usage type of its own."""
    return (
        day,
        account,
        service,
        f"USE1-{service}",
        "us-east-1",
        "Usage",
        cost,
        cost,
        None,
        "1",
        "Hrs",
        "USD",
    )


def steady_world(
    days: int = 60, spikes: Mapping[tuple[date, str], str] | None = None, today: date = TODAY
) -> World:
    """Return two accounts that cost the same every day, but for the given (day, service) of production."""
    rows = []
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        for service, cost in (("EC2", "100"), ("S3", "20")):
            rows.append(usage_row(day, PROD, service, (spikes or {}).get((day, service), cost)))
        rows.append(usage_row(day, DEV, "EC2", "30"))
    return World.from_rows(rows, names={PROD: "production", DEV: "development"}, today=today)


@dataclass
class Pipeline:
    """One warehouse and its outside world; ``run`` changes which run acts."""

    world: World
    database: Database
    explorer_server: CostExplorerServer
    claude_server: ClaudeServer
    slack_server: SlackServer
    settings: Settings = field(default_factory=lambda: with_settings(alerts={"channel": "C0COSTS"}))
    clock: Clock = field(default_factory=Clock)
    sender: Sender | None = None
    more_sources: tuple[EvidenceSource, ...] = ()

    def __post_init__(self) -> None:
        self.tables, self.spikes = CostTables(self.database), SpikeTables(self.database)
        self.explanations, self.outbox = Explanations(self.database), Outbox(self.database)
        self.spending = Spending(self.database)
        self.sender = self.sender or self.slack_sender()

    def run(self, day: date = YESTERDAY, run_id: str = "", **changes: Any) -> Run:
        """Return a scheduled run of a day, as of now."""
        name = run_id or f"scheduled__{day}"
        known: dict[str, Any] = {"run_type": "scheduled", "started": self.clock(), "now": self.clock()}
        known |= {"claimant": f"dag/{name}/task/0"}
        return Run(cost_day=day, run_id=name, **(known | changes))

    def refusals(self, run: Run) -> SharedRefusals:
        """Return what the task instances of a run tell each other of refused credentials."""
        return SharedRefusals(run=run, notes=CredentialRefusals(self.database), clock=self.clock)

    def explorer(self) -> CostExplorer:
        """Return Cost Explorer over boto3."""
        client = boto3.client(
            "ce",
            endpoint_url=self.explorer_server.url,
            region_name="us-east-1",
            aws_access_key_id="AKIATEST",
            aws_secret_access_key="secret",
            config=Config(retries={"mode": "standard", "total_max_attempts": 5}, read_timeout=5),
        )
        return CostExplorer(client, conn_id="aws_default", sleep=self.clock.sleep)

    def slack_sender(self) -> Sender:
        """Return Slack over slack_sdk, which does not try again by itself."""
        client = WebClient(TOKEN, base_url=self.slack_server.api_url, timeout=2, retry_handlers=[])

        def post(payload: Mapping[str, Any]) -> Mapping[str, Any]:
            return client.api_call("chat.postMessage", json=dict(payload)).data  # type: ignore[return-value]

        def call(method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
            return client.api_call(method, http_verb="GET", params=dict(parameters)).data  # type: ignore[return-value]

        def change(payload: Mapping[str, Any]) -> Mapping[str, Any]:
            return client.api_call("chat.update", json=dict(payload)).data  # type: ignore[return-value]

        return ApiSender(SlackChannels(post, call, change, conn_id="slack_api_default"))

    def land(self, run: Run | None = None) -> Landed:
        return land_costs(
            run or self.run(), self.settings, self.explorer(), self.tables, self.spending, clock=self.tick
        )

    def tick(self) -> datetime:
        """Return a moment a little later than the one before: two landings are never at the same one."""
        return self.clock.pass_by(milliseconds=1)

    def check(self, run: Run | None = None) -> list[str]:
        return check_costs(run or self.run(), self.settings, self.tables)

    def detect(self, run: Run | None = None, restated: list[date] | None = None) -> list[dict[str, Any]]:
        return detect_spikes(run or self.run(), self.settings, self.tables, self.spikes, restated or [])

    def explain(
        self, item: Mapping[str, Any], run: Run | None = None, *, last_try: bool = True
    ) -> dict[str, Any]:
        case = load_case(item["spike_ids"][0], self.settings, self.tables, self.spikes)
        acting = run or self.run()
        asking = Asking(
            explanations=self.explanations,
            gathering=self.gathering(),
            claude=self.claude,
            templates=load_templates("v2"),
            clock=self.clock,
            sleep=self.clock.sleep,
            look=partial(landed_costs, self.tables, EvidenceTables(self.database)),
            refusals=self.refusals(acting),
            last_try=last_try,
        )
        return explain_spike(acting, self.settings, case, asking)

    def gathering(self) -> Gathering:
        tables = EvidenceTables(self.database)
        sources = (*warehouse_sources(self.tables, tables), *self.more_sources)
        return Gathering(tables=tables, sources=sources, clock=self.clock)

    def claude(self, model: str) -> Claude:
        client = anthropic.Anthropic(api_key="sk-test", base_url=self.claude_server.url)
        limits = CallLimits(timeout_seconds=2, attempts=2)
        return Claude(
            client,
            conn_id="anthropic_default",
            model=model,
            limits=limits,
            sleep=self.clock.sleep,
        )

    def send(
        self, item: Mapping[str, Any], run: Run | None = None, sender: Sender | None = None
    ) -> dict[str, Any]:
        delivery = Delivery(message_key=item["message_key"], spike_ids=tuple(item["spike_ids"]))
        sources = Sources(tables=self.tables, spikes=self.spikes, explanations=self.explanations)
        acting = run or self.run()
        return send_alert(
            acting,
            self.settings,
            delivery,
            lambda one, ids: render_alert(one, ids, self.settings, sources, acting.cost_day),
            Sending(
                outbox=self.outbox,
                sender=sender or spared(self.sender, self.refusals(acting), "slack_api_default"),
                preview=lambda name, _: f"/previews/{name}.html",
                clock=self.clock,
                sleep=self.clock.sleep,
            ),
        )

    def whole_day(self, run: Run | None = None) -> list[dict[str, Any]]:
        """Do everything a run does; return the items."""
        acting = run or self.run()
        landed = self.land(acting)
        self.check(acting)
        items = self.detect(acting, landed.restated_days)
        for item in items:
            if item["explain"]:
                self.explain(item, acting)
            if item["alert"]:
                self.send(item, acting)
        return items

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what a query of the test itself finds."""
        with self.database.transaction() as tx:
            tx.cursor.execute(statement)
            return list(tx.cursor.fetchall())

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        return list(self.slack_server.messages("C0COSTS"))


def with_settings(base: Settings | None = None, **sections: Mapping[str, Any]) -> Settings:
    """Return settings with some keys changed."""
    known = base or Settings()
    changed = {name: getattr(known, name).model_copy(update=dict(keys)) for name, keys in sections.items()}
    return known.model_copy(update=changed)


@contextmanager
def pipeline(
    folder: Path, world: World, *, database: Database | None = None, **changes: Any
) -> Iterator[Pipeline]:
    """Yield a pipeline over a fresh warehouse, in DuckDB unless told else, and servers of its own."""
    with (
        CostExplorerServer(world) as explorer,
        ClaudeServer() as claude,
        SlackServer(tokens={TOKEN}, channels={"C0COSTS": "aws-costs"}) as slack,
        nullcontext(database) if database else kept_open(folder / "costs.duckdb") as warehouse,
    ):
        yield Pipeline(
            world=world,
            database=warehouse,
            explorer_server=explorer,
            claude_server=claude,
            slack_server=slack,
            **changes,
        )
