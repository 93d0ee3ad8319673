"""What the pipeline says of itself, word for word, and what no error can make it say."""

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from costspike.domain.health import Failure, Freshness, Health
from costspike.rendering import slack_limits
from costspike.rendering.health_message import failure_message, heartbeat_message
from demo.servers.slack_blocks import block_problems

DAY = date(2026, 11, 23)
FRESH = Freshness(complete_through=DAY, age=timedelta(hours=9))
WELL = Health(
    freshness=FRESH,
    reconciled=True,
    incidents=2,
    requests=6,
    requests_usd=Decimal("0.06"),
    tokens=4210,
    claude_usd=Decimal("0.0312"),
    undelivered=0,
)
DENIED = Failure(
    task="land_costs",
    error="Cost Explorer denied ce:GetCostAndUsage for the connection 'aws_default'. Grant the action.",
)
URL = "https://airflow.example.com/dags/aws_cost_spikes/runs/scheduled__2026-11-23T09:00:00+00:00"


def heartbeat(**changes: object) -> str:
    return heartbeat_message(replace(WELL, **changes), message_key="k").text  # type: ignore[arg-type]


def failure(*failures: Failure, fresh: Freshness | None = FRESH) -> str:
    return failure_message(failures, fresh, day=DAY, message_key="k", run_url=URL).text


def test_heartbeats_read_as_they_did(snapshot: SnapshotAssertion) -> None:
    assert {
        "well": heartbeat(),
        "quiet": heartbeat(incidents=0, tokens=0, claude_usd=Decimal(0), requests=1),
        "price unknown": heartbeat(claude_usd=None),
        "undelivered": heartbeat(undelivered=1, incidents=1),
        "not reconciled": heartbeat(reconciled=False),
    } == snapshot


def test_notices_read_as_they_did(snapshot: SnapshotAssertion) -> None:
    assert {
        "denied": failure(DENIED, Failure(task="record_run")),
        "killed": failure(Failure(task="send_alert", instances=2)),
        "only Claude": failure(Failure(task="check_explanations", error="1 of 2 spikes have no explanation")),
        "stale": failure(fresh=replace(FRESH, age=timedelta(hours=61))),
        "empty": failure(DENIED, fresh=Freshness(complete_through=None, age=None)),
        "no warehouse": failure(DENIED, fresh=None),
    } == snapshot


@pytest.mark.parametrize("changes", [{"undelivered": 3}, {"reconciled": False}])
def test_it_is_well_only_where_nothing_is_left_to_do(changes: dict[str, object]) -> None:
    assert "is well" in heartbeat()
    assert "is well" not in heartbeat(**changes)


@given(st.text(max_size=3000), st.text(min_size=1, max_size=300))
def test_no_error_makes_a_notice_that_slack_refuses_or_obeys(error: str, task: str) -> None:
    told = failure_message(
        [Failure(task=task, error=error)], FRESH, day=DAY, message_key="k", run_url=f"{URL}/{task}"
    )
    assert block_problems(told.blocks) == []
    assert len(told.text) <= slack_limits.FALLBACK_TEXT
    for hostile in ("<!", "<@", "{{", "{%"):
        assert hostile not in json.dumps(asdict(told), ensure_ascii=False)


def test_a_hostile_error_is_shown_and_not_obeyed() -> None:
    text = failure(
        Failure(task="land_costs", error="<!channel> {{ conn.x.password }} http://evil.example `x`")
    )
    assert "&lt;!channel&gt; { { conn.x.password }} http: //evil.example 'x'" in text
