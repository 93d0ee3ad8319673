"""Planned changes and mutes over the days of an incident: recorded, marked, and told only where they end."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from costspike.domain.calendar_settings import CalendarSettings
from tests.usecases.pipeline import DEV, PROD, TODAY, Pipeline, steady_world, with_settings
from tests.usecases.timeline import Timeline, short

Over = Callable[..., Pipeline]
FIRST = "P1 AWS cost spike"
S3 = {"account": PROD, "service": "S3"}
WORDS = {"reason": "Load test", "owner": "Team Web"}


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def plan(first: int, last: int, **about: Any) -> dict[str, Any]:
    return {"scope": S3, "from": day(first), "to": day(last), **WORDS, **about}


def mute(last: int, **scope: str) -> dict[str, Any]:
    return {"scope": scope or S3, "until": day(last), **WORDS}


@pytest.fixture
def days(over: Over) -> Callable[..., Timeline]:
    def make(**calendar: Any) -> Timeline:
        settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 2})
        announced = CalendarSettings.model_validate(calendar)
        settings = settings.model_copy(update={"calendar": announced})
        return Timeline(over(steady_world(), settings=settings))

    return make


def marks(line: Timeline) -> list[tuple[Any, ...]]:
    return line.pipeline.rows(
        "SELECT x_kind, reason, x_owner, quiet_until FROM quiet_spikes ORDER BY charge_period_start"
    )


def test_a_planned_spike_is_recorded_marked_and_not_told(days: Callable[..., Timeline]) -> None:
    line = days(planned_changes=[plan(0, 1, expected_a_day=300)])
    assert line.pass_day("320") == []
    assert marks(line) == [("planned", "Load test", "Team Web", day(1))]
    assert [state for state, *_ in line.incidents] == ["open"]
    assert line.reasons == []
    assert line.pipeline.claude_server.billed == 0, "nobody asks why a person announced it"
    line.pipeline.whole_day(line.run())
    assert (line.news(), len(marks(line))) == ([], 1)


def test_beyond_its_plan_it_is_told(days: Callable[..., Timeline]) -> None:
    line = days(planned_changes=[plan(0, 9, expected_a_day=300)])
    assert line.pass_day("320") == []
    (text,) = line.pass_day("900")
    assert text.startswith(FIRST)
    assert f"on {day(1)}" in text
    assert len(marks(line)) == 1


def test_after_its_plan_it_is_told(days: Callable[..., Timeline]) -> None:
    line = days(planned_changes=[plan(0, 1)])
    assert [short(line.pass_day(cost)) for cost in ("320", "320", "900")] == [[], [], [FIRST]]


@pytest.mark.parametrize("kind", ["planned_changes", "mutes"])
def test_a_rise_that_lasts_longer_than_it_is_quiet_is_told(days: Callable[..., Timeline], kind: str) -> None:
    """The detector has got used to the level: there is no new spike to tell of."""
    line = days(**{kind: [plan(0, 9) if kind == "planned_changes" else mute(9)]})
    assert [line.pass_day("320") for _ in range(10)] == [[]] * 10
    (text,) = line.pass_day("320")
    assert text.startswith(FIRST)
    assert line.pipeline.messages[0]["blocks"][1]["text"]["text"].startswith("*Ongoing*: 11 days")
    assert line.pass_day("320") == []


def test_a_rise_that_ends_with_its_plan_is_never_told(days: Callable[..., Timeline]) -> None:
    line = days(planned_changes=[plan(0, 1)])
    assert [line.pass_day(cost) for cost in ("320", "320", "20", "20", "20", "20", "20")] == [[]] * 7


def test_a_mute_ends(days: Callable[..., Timeline], caplog: pytest.LogCaptureFixture) -> None:
    line = days(mutes=[mute(1)])
    assert [short(line.pass_day(cost)) for cost in ("320", "600")] == [[], []]
    assert [kind for kind, *_ in marks(line)] == ["muted", "muted"]
    assert "Mutes that have ended" not in caplog.text
    with caplog.at_level(logging.WARNING):
        assert short(line.pass_day("900")) == [FIRST]
    assert caplog.text.count("Mutes that have ended") == 1


def test_a_mute_hides_no_other_scope(days: Callable[..., Timeline]) -> None:
    line = days(mutes=[mute(9)])
    (text,) = line.pass_day({(PROD, "S3"): "320", (DEV, "EC2"): "530"})
    assert "EC2" in text
    assert len(marks(line)) == 1


def test_an_incident_that_was_told_falls_silent_and_is_still_ended(days: Callable[..., Timeline]) -> None:
    line = days()
    assert short(line.pass_day("320")) == [FIRST]
    settings = line.pipeline.settings
    muted = CalendarSettings.model_validate({"mutes": [mute(1)]})
    line.pipeline.settings = settings.model_copy(update={"calendar": muted})
    assert line.pass_day("2000") == [], "neither growth nor a worse grade"
    assert [short(line.pass_day("20")) for _ in range(4)] == [[], [], [], ["↳ ✅ Resolved"]]


def test_growth_that_a_mute_kept_back_is_told_when_it_ends(days: Callable[..., Timeline]) -> None:
    line = days(mutes=[mute(1)])
    line.pipeline.settings = line.pipeline.settings.model_copy(update={"calendar": CalendarSettings()})
    line.pass_day("320")
    line.pipeline.settings = line.pipeline.settings.model_copy(
        update={"calendar": CalendarSettings.model_validate({"mutes": [mute(1)]})}
    )
    assert line.pass_day("400") == []
    assert short(line.pass_day("900")) == ["↳ 📈 Grew to +$1,560.00"]


def test_what_waits_and_is_muted_by_then_does_not_go_out(days: Callable[..., Timeline]) -> None:
    line = days()
    slack, line.pipeline.sender = line.pipeline.sender, None
    line.pass_day("320")
    assert line.reasons == [("first_notification", "pending")]
    line.pipeline.sender = slack
    muted = CalendarSettings.model_validate({"mutes": [mute(9)]})
    line.pipeline.settings = line.pipeline.settings.model_copy(update={"calendar": muted})
    line.pipeline.whole_day(line.run())
    assert (line.news(), line.reasons) == ([], [])
    line.pipeline.settings = line.pipeline.settings.model_copy(update={"calendar": CalendarSettings()})
    line.pipeline.whole_day(line.run())
    assert short(line.news()) == [FIRST], "the mute is taken back"


@pytest.mark.parametrize(("charge_type", "alerts"), [("Fee", 0), ("Tax", 0), ("Usage", 1)])
def test_the_fees_of_a_months_first_day_never_alert(over: Over, charge_type: str, alerts: int) -> None:
    """Not even the first time: fees are landed apart from usage, which alone is judged."""
    first = date(2026, 11, 1)
    fee = (
        first,
        PROD,
        "AWS Support (Business)",
        "Dollar",
        "",
        charge_type,
        "900",
        "900",
        None,
        "1",
        "",
        "USD",
    )
    world = steady_world()
    world.add_rows([fee])
    pipeline = over(world, settings=with_settings(reading={"history_months": 2}))
    run = pipeline.run(first)
    pipeline.land(run)
    assert len(pipeline.rows("SELECT 1 FROM cloud_costs WHERE billed_cost = 900")) == 1
    assert len(pipeline.detect(run)) == alerts
