"""AWS behind an Airflow connection: the own account, and others through a role."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from costspike.aws_wiring import cloudtrail
from costspike.domain.errors import UpstreamError
from costspike.domain.evidence.management_events import Lookup
from costspike.domain.evidence.settings import EvidenceSettings
from costspike.settings import Settings
from demo.servers.aws import AwsServer, TrailEvent
from demo.servers.cost_explorer import PAYER
from tests.servers.cost_questions import small_world

pytestmark = pytest.mark.enable_socket

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MEMBER = "222222222222"
LOOKUP = Lookup(region="eu-west-1", event_name="RunInstances")
SPAN = NOON - timedelta(days=1), NOON + timedelta(days=1)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsServer]:
    events = [
        TrailEvent(name="RunInstances", at=NOON, region="eu-west-1", account_id=account, user=user)
        for account, user in ((PAYER, "payer"), (MEMBER, "member"))
    ]
    roles = {f"arn:aws:iam::{MEMBER}:role/costspike-read"}
    with AwsServer(small_world(), allowed_key_ids={"AKIAGOOD"}, events=events, roles=roles) as server:
        extra = {"endpoint_url": server.url, "region_name": "us-east-1"}
        connection = {"conn_type": "aws", "login": "AKIAGOOD", "password": "s", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
        yield server


def settings(role: str = "") -> Settings:
    return Settings(evidence=EvidenceSettings(cloudtrail_role=role))


def test_without_a_role_only_the_own_account_is_seen(aws: AwsServer) -> None:
    trail = cloudtrail(settings())
    assert (trail.can_see(PAYER), trail.can_see(MEMBER)) == (True, False)
    ((event,), _) = trail.look_up(LOOKUP, PAYER, *SPAN)
    assert event.user == "payer"


def test_a_role_opens_another_account(aws: AwsServer) -> None:
    trail = cloudtrail(settings("costspike-read"))
    assert trail.can_see(MEMBER)
    assert [trail.look_up(LOOKUP, account, *SPAN)[0][0].user for account in (MEMBER, PAYER)] == [
        "member",
        "payer",
    ]


def test_a_role_that_may_not_be_assumed_is_denied(aws: AwsServer) -> None:
    with pytest.raises(UpstreamError) as caught:
        cloudtrail(settings("another")).look_up(LOOKUP, MEMBER, *SPAN)
    assert caught.value.reason == "auth"
