"""The pipeline's word about itself: one a day, never a wrong one, and one even when the warehouse is what broke."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from costspike.adapters.warehouse.health import HealthTables
from costspike.domain.errors import UpstreamError, WarehouseBusy
from costspike.domain.health import Failure
from costspike.domain.runs import Run
from costspike.usecases.report_health import Reporting, report_health
from costspike.usecases.sender import Sending
from tests.usecases.pipeline import YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
DAY = timedelta(days=1)
SPIKE = {(YESTERDAY, "S3"): "320"}
DENIED = Failure(task="land_costs", error="Cost Explorer denied ce:GetCostAndUsage.")
OUTBOX = "SELECT notify_reason, x_state, charge_period_start FROM spike_alerts WHERE incident_id = 'pipeline'"


@pytest.fixture
def day(over: Over) -> Pipeline:
    alerts = {"channel": "C0COSTS", "heartbeat": True}
    return over(
        steady_world(spikes=SPIKE), settings=with_settings(alerts=alerts, reading={"history_months": 1})
    )


def report(
    day: Pipeline, run: Run | None = None, *failures: Failure, broken: Exception | None = None, **changes: Any
) -> dict[str, Any]:
    def tables() -> HealthTables:
        if broken:
            raise broken
        return HealthTables(day.database)

    sending = Sending(
        outbox=day.outbox,
        sender=day.sender,
        preview=lambda name, _: f"/previews/{name}.html",
        clock=day.clock,
        sleep=day.clock.sleep,
    )
    known: dict[str, Any] = {"reconciled": True, "last_try": False, "sender": day.sender}
    return report_health(
        run or day.run(),
        day.settings,
        Reporting(tables=tables, sending=lambda: sending, failures=failures, **(known | changes)),
    )


def texts(day: Pipeline) -> list[str]:
    return [message["text"] for message in day.messages]


def test_a_day_that_went_well_has_one_line(day: Pipeline) -> None:
    day.whole_day()
    assert report(day)["state"] == "sent"
    pages = day.explorer_server.billed_pages
    assert texts(day)[-1].startswith(
        f"✅ costspike is well: costs are complete through {YESTERDAY} and reconcile with the bill; "
        f"1 incident open; spent in 24 hours: ${pages / 100:.2f} on Cost Explorer ({pages} requests), $"
    )
    assert texts(day)[-1].endswith("every alert is delivered.")
    assert day.rows(OUTBOX) == [("heartbeat", "sent", YESTERDAY)]


def test_reruns_and_other_runs_of_the_day_say_nothing_more(day: Pipeline) -> None:
    day.whole_day()
    for run_id in ("", "", "manual__again"):
        report(day, day.run(run_id=run_id))
    assert len(texts(day)) == 2
    day.clock.pass_by(days=1)
    assert report(day, day.run())["state"] == "already_sent"


def test_it_is_off_unless_it_is_asked_for(day: Pipeline) -> None:
    day.settings = with_settings(day.settings, alerts={"heartbeat": False})
    day.whole_day()
    assert report(day) == {"state": "not_asked"}
    assert len(texts(day)) == 1


@pytest.mark.parametrize(
    "run",
    [
        pytest.param({"run_type": "backfill"}, id="a backfill"),
        pytest.param({"day": YESTERDAY - DAY * 2, "run_id": "manual__old"}, id="an old day"),
        pytest.param({"dry_run": True}, id="a dry run"),
    ],
)
def test_old_days_and_dry_runs_have_none(day: Pipeline, run: dict[str, Any]) -> None:
    day.whole_day()
    assert report(day, day.run(**run)) == {"state": "not_asked"}
    assert len(texts(day)) == 1


def test_an_alert_that_waits_is_said(day: Pipeline) -> None:
    day.land()
    day.check()
    day.detect()
    report(day)
    (text,) = texts(day)
    assert text.startswith("⚠️ costspike needs a look: ")
    assert text.endswith("*1 alert not delivered yet*.")


def test_what_was_not_reconciled_is_not_well(day: Pipeline) -> None:
    day.whole_day()
    report(day, reconciled=False)
    assert "needs a look" in texts(day)[-1]
    assert "is well" not in texts(day)[-1]


def test_with_a_failed_task_there_is_a_notice_and_no_heartbeat(day: Pipeline) -> None:
    day.whole_day()
    report(day, None, Failure(task="check_costs", error="reconciles does not hold for 2026-11-23"))
    notice = texts(day)[-1]
    assert notice.startswith(
        f"🛑 costspike: the run for {YESTERDAY} failed in *check_costs*. Reconciles does not hold"
    )
    assert "silence does not mean that all is well" in notice
    assert day.rows(OUTBOX) == [("pipeline_failed", "sent", YESTERDAY)]


def test_a_notice_is_sent_once_and_the_heartbeat_follows_when_it_is_mended(day: Pipeline) -> None:
    day.land()
    for _ in range(3):
        report(day, day.run(), DENIED)
    report(day, day.run(run_id="manual__again"), DENIED)
    assert len(texts(day)) == 1
    day.whole_day()
    report(day)
    assert [text[:1] for text in texts(day)] == ["🛑", texts(day)[1][:1], "✅"]


def test_a_notice_can_be_switched_off_and_then_the_heartbeat_stays_away_too(day: Pipeline) -> None:
    day.settings = with_settings(day.settings, alerts={"failure_notice": False})
    day.whole_day()
    assert report(day, None, DENIED) == {"state": "not_asked"}
    assert len(texts(day)) == 1


def test_data_of_two_days_ago_is_a_failure_though_no_task_failed(day: Pipeline) -> None:
    day.whole_day()
    day.clock.pass_by(days=2)
    report(day)
    assert texts(day)[-1] == (
        f"🛑 costspike: costs are in the warehouse only through {YESTERDAY}: the data is 57 hours old. "
        "Until this is mended, silence does not mean that all is well."
    )


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_days_that_somebody_brings_in_later_alarm_nobody_and_are_not_well(
    day: Pipeline, run_type: str
) -> None:
    day.whole_day()
    day.clock.pass_by(hours=30)
    assert report(day, day.run(run_id="later", run_type=run_type)) == {"state": "not_asked"}
    assert len(texts(day)) == 1


def test_an_empty_warehouse_is_a_failure(day: Pipeline) -> None:
    report(day)
    assert "there are no costs in the warehouse yet." in texts(day)[0]


def test_both_can_have_a_channel_of_their_own(day: Pipeline) -> None:
    day.slack_server.store.channels["C0HEALTH"] = type(day.slack_server.channel("C0COSTS"))(
        id="C0HEALTH", name="health"
    )
    day.settings = with_settings(day.settings, alerts={"heartbeat_channel": "C0HEALTH"})
    day.whole_day()
    report(day)
    assert len(day.messages) == 1
    assert day.slack_server.messages("C0HEALTH")[0]["text"].startswith("✅")


@pytest.mark.parametrize("fault", ["answer_lost", "posted_then_hang"])
@pytest.mark.parametrize("failures", [(), (DENIED,)], ids=["heartbeat", "notice"])
def test_a_lost_answer_doubles_nothing(day: Pipeline, fault: str, failures: tuple[Failure, ...]) -> None:
    day.whole_day()
    day.slack_server.faults.push(fault, method="chat.postMessage", seconds=5)
    with pytest.raises(UpstreamError):
        report(day, None, *failures)
    assert report(day, None, *failures)["state"] == "already_sent"
    assert len(texts(day)) == 2


def test_a_verdict_that_is_stored_meanwhile_leaves_its_words_alone(day: Pipeline) -> None:
    day.whole_day()
    day.slack_server.faults.push("error", method="chat.postMessage", error="not_in_channel")
    with pytest.raises(UpstreamError):
        report(day)
    day.detect()
    assert day.rows(OUTBOX) == [("heartbeat", "pending", YESTERDAY)]
    assert report(day)["state"] == "sent"


def test_its_own_words_are_no_alerts(day: Pipeline) -> None:
    day.whole_day()
    day.slack_server.faults.push("error", method="chat.postMessage", error="not_in_channel")
    with pytest.raises(UpstreamError):
        report(day)
    summary = day.spending.summarize(day.run(), outcome="success", source="cost_explorer")
    assert (summary.alerts_sent, summary.alerts_undelivered) == (1, 0)
    report(day)
    assert texts(day)[-1].endswith("every alert is delivered.")


LOCKED = WarehouseBusy("the DuckDB warehouse stayed locked for 60 s")
GONE = OSError("could not connect to postgresql://costspike:geheim@db/costs")


@pytest.mark.parametrize("broken", [LOCKED, GONE], ids=["locked", "gone"])
def test_the_notice_needs_no_warehouse(day: Pipeline, broken: Exception) -> None:
    told = report(day, None, DENIED, broken=broken)
    assert (told["state"], told["channel"]) == ("sent", "C0COSTS")
    assert "land_costs" in texts(day)[0]
    assert "The warehouse cannot be asked how far the costs go." in texts(day)[0]


def test_without_a_warehouse_the_channel_tells_what_was_sent(day: Pipeline) -> None:
    report(day, None, DENIED, broken=GONE)
    assert report(day, None, DENIED, broken=GONE)["state"] == "already_sent"
    day.land()
    assert report(day, day.run(run_id="manual__again"), DENIED)["state"] == "already_sent"
    assert len(texts(day)) == 1


def test_a_warehouse_that_is_only_busy_is_asked_again_before_it_is_a_failure(day: Pipeline) -> None:
    with pytest.raises(WarehouseBusy):
        report(day, broken=LOCKED)
    assert texts(day) == []
    with pytest.raises(WarehouseBusy):
        report(day, broken=LOCKED, last_try=True)
    assert "failed in *report_health*. The DuckDB warehouse stayed locked" in texts(day)[0]


def test_what_broke_the_warehouse_is_told_without_its_password(day: Pipeline) -> None:
    with pytest.raises(OSError, match="could not connect"):
        report(day, broken=GONE, last_try=True)
    assert "geheim" not in texts(day)[0]
    assert "could not connect" in texts(day)[0]


def test_without_slack_and_warehouse_it_does_not_pretend(day: Pipeline) -> None:
    assert report(day, None, DENIED, broken=GONE, sender=None) == {"state": "not_sent"}


def test_without_slack_a_notice_is_previewed(day: Pipeline) -> None:
    day.land()
    day.sender = None
    assert report(day, None, DENIED)["state"] == "previewed"
