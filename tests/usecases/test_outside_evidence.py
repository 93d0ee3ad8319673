"""Evidence from AWS around an explanation: asked within limits, kept, and never in the way of the alert."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from costspike.adapters.cloudtrail import CloudTrail
from costspike.adapters.cost_anomalies import CostAnomalies
from costspike.adapters.event_map import load_event_map
from costspike.usecases.outside_evidence import Outside, outside_sources
from demo.servers.aws import AwsServer, TrailEvent
from tests.usecases.pipeline import PROD, YESTERDAY, Pipeline, pipeline, steady_world, with_settings

S3_SPIKE = {(YESTERDAY, "S3"): "320"}
ONSET = datetime.combine(YESTERDAY, time(9, 30), UTC)
TITLE = "Drill-down in Cost Explorer"

Made = Callable[..., "Day"]


class Day:
    """A spike of S3 in production, and a local AWS that knows more than what is landed."""

    def __init__(self, pipeline: Pipeline, aws: AwsServer) -> None:
        self.pipeline, self.aws = pipeline, aws

    def client(self, service: str, region: str = "us-east-1") -> Any:
        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=0.3)
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.aws.url,
            aws_access_key_id="AKIATEST",
            aws_secret_access_key="s",
            config=config,
        )

    def use(self, **settings: Any) -> None:
        """Wire the sources as the composition root does."""
        day = self.pipeline
        day.settings = with_settings(day.settings, evidence=settings)
        outside = Outside(
            run=day.run(),
            settings=day.settings.evidence,
            spending=day.spending,
            explorer=day.explorer,
            anomalies=lambda: CostAnomalies(self.client("ce"), conn_id="aws_default"),
            cloudtrail=lambda: CloudTrail(
                lambda _, region: self.client("cloudtrail", region),
                conn_id="aws_default",
                own_account=lambda: self.client("sts").get_caller_identity()["Account"],
                sleep=day.clock.sleep,
                monotonic=lambda: day.clock().timestamp(),
            ),
            event_map=load_event_map,
            clock=day.clock,
        )
        day.more_sources = outside_sources(outside)

    def explained(self) -> list[dict[str, Any]]:
        """Explain the spike and return the rows that Claude was sent."""
        (item,) = self.pipeline.detect()
        assert self.pipeline.explain(item, self.pipeline.run(is_first_try=False))["explained"]
        content = self.pipeline.claude_server.prompts[-1]["messages"][-1]["content"]
        text = content if isinstance(content, str) else content[0]["text"]
        rows: list[dict[str, Any]] = json.loads(text.split("<facts>")[1].split("</facts>")[0])
        self.pipeline.send(item)
        assert len(self.pipeline.messages) == 1
        return rows

    @property
    def paid(self) -> int:
        return sum(
            n for (n,) in self.pipeline.rows("SELECT requests FROM api_spend WHERE purpose = 'evidence'")
        )


def starting(rows: list[dict[str, Any]], label: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["label"].startswith(label)]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
    with ExitStack() as stack:

        def make(**changes: Any) -> Day:
            world = steady_world(spikes=S3_SPIKE)
            world.set_rows(
                [row._replace(operation="PutObject", tags=(("team", "web"),)) for row in world.rows()]
            )
            settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 1})
            day = stack.enter_context(pipeline(tmp_path, world, settings=settings))
            aws = stack.enter_context(AwsServer(world))
            day.explorer_server = aws
            day.land()
            found = Day(day, aws)
            found.use(**changes)
            return found

        yield make


def event(**more: Any) -> TrailEvent:
    return TrailEvent(name="CreateStack", at=ONSET, account_id=PROD, **more)


def test_what_is_not_landed_is_asked_and_booked(made: Made) -> None:
    day = made(tags=["team"])
    rows = day.explained()
    first, *_ = starting(rows, TITLE)
    assert (first["usage_type"], first["region"], first["delta_cost"]) == ("USE1-S3", "us-east-1", "300.00")
    assert "the mean of the 14 days before" in first["note"]
    assert [row.get("operation") or row.get("tag_value") for row in starting(rows, TITLE)[1:]] == [
        "PutObject",
        "web",
    ]
    assert day.paid == 3


def test_a_drill_down_is_paid_for_once(made: Made) -> None:
    day = made()
    (item,) = day.pipeline.detect()
    day.pipeline.claude_server.faults.push("401")
    assert not day.pipeline.explain(item)["explained"]
    before = day.paid
    assert starting(day.explained(), TITLE)[0]["usage_type"] == "USE1-S3"
    assert (before, day.paid) == (2, 2)


def test_the_budget_of_a_day_ends_the_drill_down(made: Made) -> None:
    day = made(daily_budget_usd=Decimal("0.01"))
    rows = starting(day.explained(), TITLE)
    assert "incomplete" in rows[0]["note"]
    assert day.paid == 1


def test_no_budget_is_no_request(made: Made) -> None:
    day = made(daily_budget_usd=Decimal(0), aws_anomalies=True)
    rows = day.explained()
    assert starting(rows, TITLE)[0]["state"] == "skipped"
    assert starting(rows, "AWS Cost Anomaly")[0]["state"] == "skipped"
    assert day.paid == 0


@pytest.mark.parametrize(
    ("fault", "options", "state"),
    [
        ("error", {"code": "AccessDeniedException"}, "denied"),
        ("throttle", {}, "unavailable"),
        ("malformed", {}, "unavailable"),
    ],
)
def test_cost_explorer_may_refuse(made: Made, fault: str, options: dict[str, Any], state: str) -> None:
    day = made()
    day.aws.faults.push(fault, method="GetCostAndUsage", times=9, **options)
    assert starting(day.explained(), TITLE)[0]["state"] == state


def test_who_changed_what_is_counted(made: Made) -> None:
    day = made()
    day.aws.events = [event(user="ana"), event(user="ana"), event(user="bot", error_code="Denied")]
    rows = starting(day.explained(), "Management events")
    assert [(row["user"], row["event_count"], row["failed_count"]) for row in rows] == [
        ("bot", "1", "1"),
        ("ana", "2", "0"),
    ]
    assert "looked for CreateStack, UpdateStack, CreateAccessKey" in rows[0]["note"]
    assert all(gap >= 0.5 for gap in day.pipeline.clock.slept[-3:])


def test_no_event_is_said_with_what_was_looked_for(made: Made) -> None:
    (row,) = starting(made().explained(), "Management events")
    assert row["state"] == "empty"
    assert "us-east-1" in row["note"]
    assert "CreateStack" in row["note"]


@pytest.mark.parametrize(
    ("fault", "options", "state"),
    [
        ("error", {"code": "AccessDeniedException"}, "denied"),
        ("throttle", {}, "unavailable"),
        ("hang", {"seconds": 30}, "unavailable"),
        ("reset", {}, "unavailable"),
    ],
)
def test_cloudtrail_may_refuse(made: Made, fault: str, options: dict[str, Any], state: str) -> None:
    day = made()
    day.aws.faults.push(fault, method="LookupEvents", times=1, **options)
    rows = day.explained()
    assert starting(rows, "Management events")[0]["state"] == state
    assert starting(rows, TITLE)[0]["usage_type"] == "USE1-S3", "the others are heard"


def test_cloudtrail_that_stops_half_way_keeps_what_it_told(made: Made) -> None:
    day = made()
    day.aws.events = [event(user="ana")]
    answer = day.aws.answer

    def tired(request: Any, fault: Any) -> Any:
        if len(day.aws.calls("LookupEvents")) == 1:
            day.aws.faults.push("throttle", method="LookupEvents")
        return answer(request, fault)

    day.aws.answer = tired  # type: ignore[method-assign]
    (row,) = starting(day.explained(), "Management events")
    assert (row["user"], row["event_count"]) == ("ana", "1")
    assert "looked for CreateStack in us-east-1" in row["note"]
    assert "incomplete" in row["note"]


def test_another_account_needs_a_role(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.servers.aws.PAYER", "999999999999")
    (row,) = starting(made().explained(), "Management events")
    assert row["state"] == "unavailable"
    assert "evidence.cloudtrail_role" in row["note"]


def test_awss_own_opinion_is_heard_when_allowed(made: Made) -> None:
    day = made(aws_anomalies=True)
    day.aws.anomalies = [
        {
            "AnomalyStartDate": YESTERDAY.isoformat(),
            "AnomalyEndDate": YESTERDAY.isoformat(),
            "DimensionValue": "S3",
            "RootCauses": [],
            "Impact": {"TotalImpact": 299.5},
        }
    ]
    (row,) = starting(day.explained(), "AWS Cost Anomaly")
    assert row["aws_total_impact_cost"] == "299.50"
    assert day.paid == 3


def test_switched_off_sources_are_not_asked_and_say_so(made: Made) -> None:
    day = made(drill_down=(), cloudtrail=False)
    before = len(day.aws.requests)
    rows = day.explained()
    for label in (TITLE, "Management events", "AWS Cost Anomaly"):
        (row,) = starting(rows, label)
        assert row["state"] == "skipped"
        assert "switched off" in row["note"]
    assert len(day.aws.requests) == before
