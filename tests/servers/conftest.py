"""Local servers, each with the real client of its system."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from slack_sdk import WebClient

from demo.servers.cost_explorer import CostExplorerServer
from demo.servers.slack import SlackServer
from tests.servers.cost_questions import connect, small_world
from tests.servers.slack_posts import CHANNELS, TOKEN, bot_of

if TYPE_CHECKING:
    from types_boto3_ce import CostExplorerClient


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKIAGOOD", aws_secret_access_key="x", region_name="us-east-1")


@pytest.fixture
def cost_explorer() -> Iterator[CostExplorerServer]:
    with CostExplorerServer(small_world()) as running:
        yield running


@pytest.fixture
def ce(session: boto3.Session, cost_explorer: CostExplorerServer) -> "CostExplorerClient":
    return connect(session, cost_explorer)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(tokens={TOKEN}, channels=CHANNELS) as running:
        yield running


@pytest.fixture
def bot(slack: SlackServer) -> WebClient:
    return bot_of(slack)
