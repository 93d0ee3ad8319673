"""The outside world of a demo: local servers, or the user's own Claude, Slack and AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

from demo.environment import Connection, Home
from demo.servers.aws import AwsServer
from demo.servers.claude import ClaudeServer
from demo.servers.slack import SlackServer
from demo.trail import roles_of, trail_events
from demo.world import World

if TYPE_CHECKING:
    from costspike.settings import Settings

CHANNEL_ID = "C0COSTS"
CHANNEL = "#aws-costs"
KEY_ID = "AKIADEMO"
TOKEN = "xoxb-demo"
CLAUDE_KEY = "sk-ant-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The user's own keys; an empty one means the local server. ``aws`` costs money, so it is a flag."""

    anthropic: str = ""
    slack_token: str = ""
    slack_channel: str = ""
    aws: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str], *, aws: bool) -> Self:
        """Return the keys in an environment. A Slack token alone is not enough to post somewhere."""
        token, channel = environment.get("SLACK_BOT_TOKEN", ""), environment.get("SLACK_CHANNEL", "")
        both = bool(token and channel)
        return cls(
            anthropic=environment.get("ANTHROPIC_API_KEY", ""),
            slack_token=token if both else "",
            slack_channel=channel if both else "",
            aws=aws,
        )

    @property
    def channel(self) -> str:
        """Return the channel of the alerts."""
        return self.slack_channel or CHANNEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Systems:
    """The running servers; None where the user's own system is used."""

    world: World | None
    explorer: AwsServer | None
    claude: ClaudeServer | None
    slack: SlackServer | None

    def connections(self, keys: Keys, home: Home, settings: Settings) -> dict[str, Connection]:
        """Return Airflow's connections under the names that the settings give them."""
        own = settings.connections
        return {
            own.aws: self._aws(),
            own.anthropic: {
                "conn_type": "anthropic",
                "password": keys.anthropic or CLAUDE_KEY,
                **({"host": self.claude.url} if self.claude else {}),
            },
            own.slack_api: {
                "conn_type": "slack",
                "password": keys.slack_token or TOKEN,
                **({"extra": {"base_url": self.slack.api_url}} if self.slack else {}),
            },
            own.warehouse: {"conn_type": "duckdb", "host": str(home.warehouse)},
        }

    @property
    def requests(self) -> int:
        """Return the pages that the local Cost Explorer has answered with."""
        return self.explorer.billed_pages if self.explorer else 0

    def _aws(self) -> Connection:
        if self.explorer is None:
            return {"conn_type": "aws", "extra": {"region_name": "us-east-1"}}
        where = {"region_name": "us-east-1", "endpoint_url": self.explorer.url}
        return {"conn_type": "aws", "login": KEY_ID, "password": "demo", "extra": where}


@contextmanager
def running(keys: Keys, today: date) -> Iterator[Systems]:
    """Run the local servers for which there is no key."""
    with ExitStack() as stack:
        world = None if keys.aws else World.demo(today)
        yield Systems(
            world=world,
            explorer=stack.enter_context(_aws(world)) if world else None,
            claude=None if keys.anthropic else stack.enter_context(ClaudeServer(allowed_keys={CLAUDE_KEY})),
            slack=None if keys.slack_token else stack.enter_context(_slack()),
        )


def _aws(world: World) -> AwsServer:
    events = trail_events(world.incidents)
    return AwsServer(world, allowed_key_ids={KEY_ID}, events=events, roles=roles_of(events))


def _slack() -> SlackServer:
    return SlackServer(tokens={TOKEN}, channels={CHANNEL_ID: CHANNEL.removeprefix("#")})
