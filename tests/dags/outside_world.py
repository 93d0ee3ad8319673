"""Everything outside Airflow that a run of the DAG meets: an AWS bill, Claude, Slack and a warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from demo.bill import RowLike
from demo.servers.claude import ClaudeServer
from demo.servers.cost_explorer import CostExplorerServer
from demo.servers.slack import SlackServer
from demo.world import World

PROD, DEV = "222222222222", "555555555555"
EC2, S3 = "Amazon Elastic Compute Cloud - Compute", "Amazon Simple Storage Service"
SERVICES = {EC2: "120", S3: "30"}
CHANNEL_ID, CHANNEL = "C0COSTS", "aws-costs"
TOKEN = "xoxb-of-the-tests"
AWS_SECRET = "aws-secret-of-the-tests"
CLAUDE_KEY = "sk-ant-key-of-the-tests"
OF_ITSELF = ("✅", "⚠️", "🛑")
DAY = timedelta(days=1)
HISTORY_DAYS = 45

# Short waits, one try: a test that is about retries says so.
QUICK = {
    "COSTSPIKE__READING__HISTORY_MONTHS": "1",
    "COSTSPIKE__TASKS__RETRIES": "0",
    "COSTSPIKE__TASKS__RETRY_DELAY_SECONDS": "0",
    "COSTSPIKE__EXPLAIN__RETRIES": "0",
    "COSTSPIKE__EXPLAIN__ATTEMPTS": "1",
    "COSTSPIKE__EXPLAIN__TIMEOUT_SECONDS": "1",
    "COSTSPIKE__ALERTS__CHANNEL": f"#{CHANNEL}",
    "COSTSPIKE__ALERTS__TIMEOUT_SECONDS": "2",
    "COSTSPIKE__COST_EXPLORER__MAX_ATTEMPTS": "1",
}


def yesterday() -> date:
    """Return the last day that is over, UTC."""
    return datetime.now(UTC).date() - DAY


def usage(day: date, cost: str, *, account: str = PROD, service: str = EC2, currency: str = "USD") -> RowLike:
    """Return one line of plain usage."""
    return (
        day,
        account,
        service,
        "USE1-BoxUsage",
        "us-east-1",
        "Usage",
        cost,
        cost,
        None,
        "3",
        "Hrs",
        currency,
    )


def quiet_bill(last: date, days: int = HISTORY_DAYS) -> list[RowLike]:
    """Return usage that is the same every day up to ``last``."""
    return [
        usage(last - DAY * back, cost, account=account, service=service)
        for back in range(days)
        for account in (PROD, DEV)
        for service, cost in SERVICES.items()
    ]


@dataclass(slots=True)
class Outside:
    """The servers, the warehouse file, and the environment that leads Airflow to them."""

    explorer: CostExplorerServer
    claude: ClaudeServer
    slack: SlackServer
    folder: Path

    @property
    def warehouse(self) -> Path:
        """Return the DuckDB file."""
        return self.folder / "costs.duckdb"

    @property
    def previews(self) -> Path:
        """Return the folder of previews."""
        return self.folder / "previews"

    @property
    def env(self) -> dict[str, str]:
        """Return connections and settings as a deployment has them in its environment."""
        aws = {"region_name": "us-east-1", "endpoint_url": self.explorer.url}
        connections = {
            "AWS_DEFAULT": {"conn_type": "aws", "login": "AKIATESTS", "password": AWS_SECRET, "extra": aws},
            "ANTHROPIC_DEFAULT": {"conn_type": "anthropic", "password": CLAUDE_KEY, "host": self.claude.url},
            "SLACK_API_DEFAULT": {
                "conn_type": "slack",
                "password": TOKEN,
                "extra": {"base_url": self.slack.api_url},
            },
            "COSTSPIKE_WAREHOUSE": {"conn_type": "duckdb", "host": str(self.warehouse)},
        }
        return {
            **{f"AIRFLOW_CONN_{name}": json.dumps(value) for name, value in connections.items()},
            **QUICK,
            "COSTSPIKE__ALERTS__PREVIEW_FOLDER": str(self.previews),
        }

    def env_without(self, *connections: str) -> dict[str, str]:
        """Return the environment of a deployment that lacks some connections."""
        left_out = {f"AIRFLOW_CONN_{name.upper()}" for name in connections}
        return {name: value for name, value in self.env.items() if name not in left_out}

    @property
    def env_with_webhook(self) -> dict[str, str]:
        """Return the environment of a deployment with an incoming webhook and no bot token."""
        webhook = {"conn_type": "slackwebhook", "password": self.slack.webhook_url}
        return self.env_without("slack_api_default") | {"AIRFLOW_CONN_SLACK_DEFAULT": json.dumps(webhook)}

    def add(self, *rows: RowLike) -> None:
        """Let AWS bill something more."""
        self.explorer.world.add_rows(rows)

    def plant(self, day: date, cost: str = "90", *, service: str = EC2, account: str = PROD) -> None:
        """Add to what a service costs on a day; its usual price is in ``SERVICES``."""
        self.add(usage(day, cost, account=account, service=service))

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query to the warehouse."""
        with duckdb.connect(str(self.warehouse)) as connection:
            found = connection.execute(query)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def value(self, query: str) -> Any:
        """Return the one value of a query to the warehouse."""
        (row,) = self.rows(query)
        (value,) = row.values()
        return value

    @property
    def texts(self) -> list[str]:
        """Return the notification texts of the messages in the channel, without answers in their threads.

        What the pipeline says of itself is not among them.
        """
        return [text for text in self._said if not text.startswith(OF_ITSELF)]

    @property
    def notices(self) -> list[str]:
        """Return what the pipeline said of itself in the channel: heartbeats and failure notices."""
        return [text for text in self._said if text.startswith(OF_ITSELF)]

    @property
    def _said(self) -> list[str]:
        posted = self.slack.messages(CHANNEL_ID)
        return [str(one["text"]) for one in posted if one.get("thread_ts", one["ts"]) == one["ts"]]


@contextmanager
def outside_world(folder: Path) -> Iterator[Outside]:
    """Run the servers, with a quiet bill up to yesterday."""
    world = World.from_rows(
        quiet_bill(yesterday()), names={PROD: "prod-web", DEV: "dev"}, today=yesterday() + DAY
    )
    with (
        CostExplorerServer(world, allowed_key_ids={"AKIATESTS"}) as explorer,
        ClaudeServer(allowed_keys={CLAUDE_KEY}) as claude,
        SlackServer(tokens={TOKEN}, channels={CHANNEL_ID: CHANNEL}) as slack,
    ):
        yield Outside(explorer=explorer, claude=claude, slack=slack, folder=folder)
