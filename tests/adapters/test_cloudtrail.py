"""CloudTrail and Cost Anomaly Detection over real boto3 against a local AWS."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from costspike.adapters.cloudtrail import CloudTrail
from costspike.adapters.cost_anomalies import CostAnomalies
from costspike.domain.errors import UpstreamError
from costspike.domain.evidence.management_events import Lookup
from demo.servers.aws import AwsServer, TrailEvent
from demo.servers.cost_explorer import PAYER
from tests.servers.cost_questions import small_world

pytestmark = pytest.mark.enable_socket

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
START, END = NOON - timedelta(days=1), NOON + timedelta(days=1)
NAT = Lookup(region="eu-west-1", event_name="CreateNatGateway")
MEMBER = "222222222222"
ANOMALY = {
    "AnomalyId": "a",
    "AnomalyStartDate": "2026-11-20T00:00:00Z",
    "AnomalyEndDate": "2026-11-20T00:00:00Z",
    "DimensionValue": "Amazon S3",
    "RootCauses": [{"Service": "Amazon S3", "LinkedAccount": MEMBER, "Impact": {"Contribution": 12.3}}],
    "AnomalyScore": {"MaxScore": 0.5, "CurrentScore": 0.5},
    "Impact": {"MaxImpact": 12.3, "TotalImpact": 12.3},
    "MonitorArn": "arn",
}


def nat(hours: float = 0, **more: Any) -> TrailEvent:
    known: dict[str, Any] = {"name": "CreateNatGateway", "region": "eu-west-1"}
    return TrailEvent(at=NOON + timedelta(hours=hours), **(known | more))


@pytest.fixture
def server(no_backoff: None) -> Iterator[AwsServer]:
    with AwsServer(small_world(), allowed_key_ids={"AKIAGOOD"}, anomalies=[ANOMALY]) as running:
        yield running


def client(server: AwsServer, service: str, region: str = "us-east-1", key: str = "AKIAGOOD") -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 2}, read_timeout=0.3)
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=server.url,
        aws_access_key_id=key,
        aws_secret_access_key="s",
        config=config,
    )


class Time:
    """A monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def trail(server: AwsServer, time: Time | None = None, **more: Any) -> CloudTrail:
    time = time or Time()
    return CloudTrail(
        lambda _, region: client(server, "cloudtrail", region, more.get("key", "AKIAGOOD")),
        conn_id="aws_test",
        own_account=lambda: client(server, "sts").get_caller_identity()["Account"],
        has_role=more.get("has_role", False),
        sleep=time.sleep,
        monotonic=time,
    )


def test_events_of_the_name_region_and_time_are_found(server: AwsServer) -> None:
    server.events = [
        nat(user="ana", resources=(("AWS::EC2::NatGateway", "nat-1"),), error_code="Denied"),
        nat(hours=48),
        nat(region="us-east-1"),
        nat(name="RunInstances"),
    ]
    ((found,), more) = trail(server).look_up(NAT, "", START, END)
    assert (found.name, found.user, found.at, found.region) == ("CreateNatGateway", "ana", NOON, "eu-west-1")
    assert (found.error_code, found.resources) == ("Denied", ("AWS::EC2::NatGateway nat-1",))
    assert more is False


def test_a_page_is_enough_and_says_that_there_are_more(server: AwsServer) -> None:
    server.events = [nat(hours=-n / 10) for n in range(60)]
    found, more = trail(server).look_up(NAT, "", START, END)
    assert (len(found), more) == (50, True)


def test_two_requests_a_second_and_no_more(server: AwsServer) -> None:
    time = Time()
    asked = trail(server, time)
    for _ in range(3):
        asked.look_up(NAT, "", START, END)
    assert time.slept == [0.5, 0.5]


def test_other_accounts_are_seen_only_with_a_role(server: AwsServer) -> None:
    assert trail(server).can_see(PAYER)
    assert not trail(server).can_see(MEMBER)
    assert trail(server, has_role=True).can_see(MEMBER)


@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("error", {"code": "AccessDeniedException", "message": "not authorized"}, "auth"),
        ("throttle", {}, "rate_limited"),
        ("500", {}, "unavailable"),
        ("reset", {}, "unavailable"),
        ("hang", {"seconds": 30}, "unavailable"),
        ("malformed", {}, "bad_answer"),
    ],
)
def test_a_refusal_has_a_reason(server: AwsServer, fault: str, options: dict[str, Any], reason: str) -> None:
    server.events = [nat()]
    server.faults.push(fault, method="LookupEvents", times=2, **options)
    with pytest.raises(UpstreamError) as caught:
        trail(server).look_up(NAT, "", START, END)
    assert (caught.value.system, caught.value.reason) == ("CloudTrail", reason)
    assert "aws_test" in str(caught.value) or reason != "auth"


def test_a_wrong_key_is_no_permission(server: AwsServer) -> None:
    with pytest.raises(UpstreamError) as caught:
        trail(server, key="AKIABAD").look_up(NAT, "", START, END)
    assert caught.value.reason == "auth"


def test_anomalies_are_read_by_their_last_day(server: AwsServer) -> None:
    asked = CostAnomalies(client(server, "ce"), conn_id="aws_test")
    (found,) = asked.anomalies(date(2026, 11, 20), date(2026, 11, 21))
    assert (found.service, str(found.impact), asked.requests) == ("Amazon S3", "12.3", 1)
    assert (found.causes[0].account_id, str(found.causes[0].contribution)) == (MEMBER, "12.3")
    assert asked.anomalies(date(2026, 11, 21), date(2026, 11, 22)) == []


@pytest.mark.parametrize(("fault", "reason"), [("throttle", "rate_limited"), ("500", "unavailable")])
def test_anomalies_that_are_refused_cost_nothing(server: AwsServer, fault: str, reason: str) -> None:
    server.faults.push(fault, times=2)
    asked = CostAnomalies(client(server, "ce"), conn_id="aws_test")
    with pytest.raises(UpstreamError) as caught:
        asked.anomalies(date(2026, 11, 20), date(2026, 11, 21))
    assert (caught.value.reason, asked.requests) == (reason, 0)
