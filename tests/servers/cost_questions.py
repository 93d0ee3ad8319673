"""A small bill for the local Cost Explorer, and ways to ask about it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from demo.bill import RowLike
from demo.servers.cost_explorer import CostExplorerServer
from demo.world import World

if TYPE_CHECKING:
    from types_boto3_ce import CostExplorerClient
    from types_boto3_ce.type_defs import GetCostAndUsageResponseTypeDef as Answer

PROD, DEV = "222222222222", "555555555555"
FIRST = date(2026, 11, 1)
TODAY = date(2026, 11, 24)
BY_ACCOUNT_AND_SERVICE = [
    {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"},
    {"Type": "DIMENSION", "Key": "SERVICE"},
]


def row(
    day: date,
    account: str = PROD,
    service: str = "Amazon S3",
    cost: str = "1.25",
    *,
    kind: str = "Usage",
    usage_type: str = "USE1-Requests",
    net: str | None = "1.00",
    unit: str = "Requests",
) -> RowLike:
    return (day, account, service, usage_type, "us-east-1", kind, cost, cost, net, "3", unit, "USD")


def small_world() -> World:
    days = [FIRST + timedelta(days=n) for n in range(5)]
    rows = [
        row(day, account, service) for day in days for account in (PROD, DEV) for service in ("S3", "EC2")
    ]
    names = {PROD: "prod-web", DEV: "dev"}
    return World.from_rows(rows, names=names, estimated_from=date(2026, 11, 4), today=TODAY)


def connect(session: boto3.Session, server: CostExplorerServer, attempts: int = 1) -> "CostExplorerClient":
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=0.3, connect_timeout=1
    )
    client: CostExplorerClient = session.client("ce", endpoint_url=server.url, config=config)
    return client


def question(start: str = "2026-11-01", end: str = "2026-11-06", **more: Any) -> dict[str, Any]:
    asked = {"TimePeriod": {"Start": start, "End": end}, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}
    return asked | more


def only(dimension: str, *values: str) -> dict[str, Any]:
    return {"Dimensions": {"Key": dimension, "Values": list(values)}}


def pages(client: "CostExplorerClient", asked: Mapping[str, Any]) -> list["Answer"]:
    found = [client.get_cost_and_usage(**asked)]
    while token := found[-1].get("NextPageToken"):
        found.append(client.get_cost_and_usage(**asked, NextPageToken=token))
    return found


def groups(answers: Sequence["Answer"]) -> list[tuple[str, str, str]]:
    return [
        (result["TimePeriod"]["Start"], "/".join(group["Keys"]), group["Metrics"]["UnblendedCost"]["Amount"])
        for answer in answers
        for result in answer["ResultsByTime"]
        for group in result["Groups"]
    ]
