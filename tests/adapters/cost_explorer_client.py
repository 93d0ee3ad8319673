"""The Cost Explorer adapter over real boto3, against a local server."""

from datetime import date
from typing import Any

import boto3
from botocore.config import Config

from costspike.adapters.cost_explorer import CostExplorer
from costspike.domain.reading import DayRange
from costspike.domain.request_sets import usage
from demo.servers.cost_explorer import CostExplorerServer

SPAN = DayRange(date(2026, 11, 1), date(2026, 11, 6))
QUESTION = usage()[0].parameters(SPAN)
SECRET = "aws-secret-of-the-test"


def explorer(
    server: CostExplorerServer, slept: list[float], *, key: str = "AKIAGOOD", attempts: int = 5
) -> CostExplorer:
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=SECRET, region_name="us-east-1")
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=0.5, connect_timeout=0.5
    )
    client: Any = session.client("ce", endpoint_url=server.url, config=config)
    return CostExplorer(client, conn_id="aws_of_the_test", max_attempts=attempts, sleep=slept.append)


def ask(one: CostExplorer) -> list[dict[str, Any]]:
    return list(one.pages(QUESTION))


def count_groups(pages: list[dict[str, Any]]) -> int:
    return sum(len(period["Groups"]) for page in pages for period in page["ResultsByTime"])
