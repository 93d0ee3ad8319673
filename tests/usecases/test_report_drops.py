"""Costs that fell are told once, when their day is complete, in words that call them no spike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from costspike.adapters.warehouse.drop_tables import DropTables
from costspike.domain.calendar_settings import Mute
from costspike.domain.detection import DetectionSettings
from costspike.domain.errors import UpstreamError
from costspike.domain.runs import Run
from costspike.domain.scope_patterns import NarrowPattern
from costspike.usecases.report_drops import Dropping, report_drops
from costspike.usecases.sender import Sending
from tests.usecases.pipeline import PROD, TODAY, YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
DAY = timedelta(days=1)
FELL = TODAY - DAY * 3
STORED = "SELECT charge_period_start, sub_account_id, service_name, actual_cost FROM cost_drops"
OUTBOX = "SELECT notify_reason, x_state FROM spike_alerts"


@pytest.fixture
def landed(over: Over) -> Pipeline:
    """Return a pipeline whose S3 in production cost nothing three days ago, and half of itself yesterday."""
    world = steady_world(spikes={(FELL, "S3"): "0", (YESTERDAY, "S3"): "10"})
    settings = with_settings(
        alerts={"channel": "C0COSTS"}, detection={"drops": True}, reading={"history_months": 1}
    )
    day = over(world, settings=settings)
    day.land()
    return day


def report(day: Pipeline, run: Run | None = None) -> dict[str, int]:
    sending = Sending(
        outbox=day.outbox,
        sender=day.sender,
        preview=lambda name, _: f"/previews/{name}.html",
        clock=day.clock,
        sleep=day.clock.sleep,
    )
    dropping = Dropping(tables=day.tables, drops=DropTables(day.database), sending=sending)
    return report_drops(run or day.run(), day.settings, dropping)


def test_a_fall_is_stored_and_told_once_and_the_newest_day_is_left_alone(landed: Pipeline) -> None:
    assert report(landed) == {"drops": 1, "messages": 1}
    assert landed.rows(STORED) == [(FELL, PROD, "S3", 0)]
    (message,) = landed.messages
    assert message["text"] == (
        f"📉 AWS costs fell on {FELL}: $20.00 less than expected. "
        f"S3, production ({PROD}): $0.00 instead of $20.00 (lowest day of the two months before: $20.00)."
    )
    for run_id in ("", "manual__again"):
        assert report(landed, landed.run(run_id=run_id)) == {"drops": 1, "messages": 0}
    assert len(landed.messages) == 1
    assert landed.rows(OUTBOX) == [("costs_fell", "sent")]


def test_what_was_restated_is_no_drop_any_more(landed: Pipeline) -> None:
    report(landed)
    landed.rows(
        f"UPDATE cloud_costs SET effective_cost = 20 WHERE charge_period_start = DATE '{FELL}' RETURNING 1"
    )
    assert report(landed) == {"drops": 0, "messages": 0}
    assert landed.rows(STORED) == []


def test_it_is_told_only_where_somebody_wants_it(landed: Pipeline) -> None:
    asked = landed.settings
    landed.settings = with_settings(asked, detection={"drops": DetectionSettings().drops})
    report(landed)
    landed.settings = asked
    report(landed, landed.run(dry_run=True))
    assert landed.rows(STORED) == []
    report(landed, landed.run(FELL, run_type="backfill"))
    mute = Mute(scope=NarrowPattern(service="S3"), reason="Moves.", owner="storage", until=FELL)
    landed.settings = with_settings(asked, calendar={"mutes": (mute,)})
    assert report(landed) == {"drops": 1, "messages": 0}
    assert len(landed.rows(STORED)) == 1
    assert landed.messages == []
    ended = mute.model_copy(update={"until": FELL - DAY})
    landed.settings = with_settings(asked, calendar={"mutes": (ended,)})
    assert report(landed) == {"drops": 1, "messages": 1}


def test_a_day_without_a_run_is_told_by_the_next_one_and_a_message_that_failed_too(landed: Pipeline) -> None:
    landed.clock.pass_by(days=1)
    landed.slack_server.faults.push("500", method="chat.postMessage")
    later = landed.run(TODAY)
    with pytest.raises(UpstreamError):
        report(landed, later)
    assert landed.rows(OUTBOX) == [("costs_fell", "claimed")]
    assert report(landed, landed.run(TODAY))["messages"] >= 1
    assert sum(str(FELL) in message["text"] for message in landed.messages) == 1
