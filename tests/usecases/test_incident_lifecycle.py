"""One incident from first sight to its final figure: days, what AWS says of them, and exactly what is told."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from costspike.adapters.warehouse.database import Database
from tests.usecases.pipeline import DEV, PROD, Pipeline
from tests.usecases.timeline import Timeline, begin, short

Over = Callable[..., Pipeline]
FIRST = "P1 AWS cost spike"


@pytest.fixture
def days(over: Over) -> Callable[..., Timeline]:
    def make(database: Database | None = None, **sections: Any) -> Timeline:
        return begin(over, sections=sections, database=database)

    return make


# What S3 costs on each day (20 is usual), what AWS restates by which factor, and what is told on the day.
STORIES: dict[str, list[tuple[str, dict[int, str], list[str]]]] = {
    "a spike of a day, resolved when it was quiet for four": [
        ("320", {}, [FIRST]),
        ("20", {}, []),
        ("20", {}, []),
        ("20", {}, []),
        ("20", {}, ["↳ ✅ Resolved"]),
        ("20", {}, []),
    ],
    "one that lasts is one message, with an answer whenever the total has doubled": [
        ("320", {}, [FIRST]),
        ("320", {}, ["↳ 📈 Grew to +$600.00"]),
        ("320", {}, []),
        ("320", {}, ["↳ 📈 Grew to +$1,200.00"]),
        ("320", {}, []),
    ],
    "restated to half": [
        ("420", {}, [FIRST]),
        ("20", {0: "0.5"}, ["↳ ✏️ Corrected"]),
        ("20", {}, []),
    ],
    "restated away": [
        ("320", {}, [FIRST]),
        ("20", {0: "0.0625"}, ["↳ ✏️ Withdrawn"]),
        ("20", {}, []),
        ("20", {}, []),
        ("20", {}, []),
        ("20", {}, []),
    ],
    "restated away and back": [
        ("320", {}, [FIRST]),
        ("20", {0: "0.0625"}, ["↳ ✏️ Withdrawn"]),
        ("20", {0: "16"}, ["↳ 🆕 Open again"]),
        ("20", {}, []),
    ],
    "restated by a little": [
        ("320", {}, [FIRST]),
        ("20", {0: "1.01"}, []),
    ],
    "seen late, by a restatement": [
        ("20", {}, []),
        ("20", {0: "16"}, [FIRST]),
    ],
    "a worse grade": [
        ("70", {}, ["P3 AWS cost spike", "↳ Details of the P3 spike"]),
        ("1500", {}, ["↳ 🔴 Now P1, was P3"]),
        ("20", {}, []),
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_each_day_tells_exactly_its_news(days: Callable[..., Timeline], story: str) -> None:
    line = days()
    for number, (cost, restated, expected) in enumerate(STORIES[story]):
        assert short(line.pass_day(cost, restated=restated)) == expected, f"day {number}"
        line.pipeline.whole_day(line.run())
        assert line.news() == [], f"day {number}, run again"
    assert {state for _, state in line.reasons} == {"sent"}


def test_the_whole_of_an_incident_in_either_engine(days: Callable[..., Timeline], database: Database) -> None:
    line = days(database)
    told = [text for cost in ("320", "320", "20", "20", "20", "20") for text in line.pass_day(cost)]
    first, last = line.day(0), line.day(1)
    assert told[1:] == [
        (
            f"↳ 📈 Grew to +$600.00: S3 · production ({PROD}). +$600.00 in all for 2 days, {first} to {last},"
            " +$300.00 when it was told last."
        ),
        (
            f"↳ ✅ Resolved: S3 · production ({PROD}). The cost is back at what was expected. It was above it for"
            f" 2 days, {first} to {last}, +$600.00 in all."
        ),
    ]
    assert line.title == f"✅ Resolved · 🔴 P1 · S3 +$300 (+1,500 %) · production ({PROD}) · {first}"
    assert line.pipeline.messages[0]["text"].startswith(
        f"Resolved: 2 days, {first} to {last}, +$600.00 in all. P1 AWS cost spike"
    )
    assert line.incidents == [("resolved", first, last, 2, Decimal(600))]
    ((incident,),) = line.pipeline.rows("SELECT DISTINCT incident_id FROM cost_spikes")
    assert line.pipeline.rows("SELECT incident_id, peak_impact, severity FROM incidents") == [
        (incident, Decimal(300), "P1")
    ]


def test_a_level_that_stays_is_settled(days: Callable[..., Timeline]) -> None:
    line = days(incidents={"settle_days": 7, "update_factor": 100.0})
    told = [text for _ in range(9) for text in line.pass_day("320")]
    assert short(told) == [FIRST, "↳ 🏁 Settled"]
    assert f"for 8 days, {line.day(0)} to {line.day(7)}, +$2,400.00 in all." in told[1]
    assert line.title.startswith("🏁 Settled · 🔴 P1 · S3")


def test_a_correction_says_old_and_new(days: Callable[..., Timeline]) -> None:
    line = days()
    line.pass_day("420")
    (text,) = line.pass_day(restated={0: "0.5"})
    assert text.endswith(
        f"AWS restated {line.day(0)}: $420.00 became $210.00. "
        f"It is +$190.00 in all instead of +$400.00, for 1 day, {line.day(0)}."
    )
    assert line.title.startswith("✏️ Corrected · 🟠 P2 · S3 +$400")


def test_two_causes_are_two_threads(days: Callable[..., Timeline]) -> None:
    line = days()
    both = {(PROD, "S3"): "320", (DEV, "EC2"): "530"}
    assert short(line.pass_day(both)) == [FIRST, FIRST]
    assert sorted(short(line.pass_day(both))) == ["↳ 📈 Grew to +$1,000.00", "↳ 📈 Grew to +$600.00"]
    parents = {message["thread_ts"] for message in line.pipeline.messages}
    assert len(parents) == 2


def test_claude_is_asked_once_an_incident_and_again_for_a_worse_grade(days: Callable[..., Timeline]) -> None:
    line = days()
    line.pass_day("70")
    line.pass_day("70")
    assert line.pipeline.claude_server.billed == 1
    (text,) = line.pass_day("2000")
    assert line.pipeline.claude_server.billed == 2
    assert "Likely cause, by AI" in text
    for _ in range(4):
        line.pass_day("20")
    assert line.pipeline.claude_server.billed == 2
    assert line.reasons[-1] == ("resolved", "sent")


def test_what_nobody_was_told_of_is_not_gone_on_with(days: Callable[..., Timeline]) -> None:
    line = days()
    line.pass_day("320", run_type="backfill", run=False)
    for _ in range(5):
        line.pass_day(run=False)
    line.pipeline.whole_day(line.run(line.day(0), run_type="backfill"))
    assert line.pass_day() == []
    assert [state for state, *_ in line.incidents] == ["resolved"]
    assert line.reasons == []


def test_a_new_rise_of_an_incident_that_nobody_was_told_of_is_told(days: Callable[..., Timeline]) -> None:
    line = days()
    for _ in range(6):
        line.pass_day("320", run=False)
    line.pipeline.whole_day(line.run(line.day(0), run_type="backfill"))
    assert line.news() == []
    (text,) = line.pass_day("2000")
    assert text.startswith("P1 AWS cost spike")
    (title, status) = (block["text"]["text"] for block in line.pipeline.messages[0]["blocks"][:2])
    assert title.startswith("🔴 P1")
    assert status.startswith("*Ongoing*: 7 days"), "it began before it was told"


def test_a_silent_backfill_leaves_the_news_to_the_next_run(days: Callable[..., Timeline]) -> None:
    line = days(alerts={"channel": "C0COSTS", "max_age_days": 0})
    line.pass_day("320")
    for _ in range(4):
        line.pass_day(run=False)
    line.pipeline.whole_day(line.run(run_type="backfill"))
    assert line.news() == []
    assert short(line.pass_day()) == ["↳ ✅ Resolved"]


def test_what_waits_is_decided_again_and_told_once(days: Callable[..., Timeline]) -> None:
    line = days()
    line.pass_day("320")
    slack, line.pipeline.sender = line.pipeline.sender, None
    line.pass_day("320")
    assert line.reasons == [("first_notification", "sent"), ("grew", "pending")]
    line.pass_day("20")
    line.pipeline.sender = slack
    for _ in range(2):
        line.pass_day("20", run=False)
    assert short(line.pass_day("20")) == ["↳ ✅ Resolved"], "nobody is told of the growth after the end"


def test_days_are_one_incident_however_the_first_message_waited(days: Callable[..., Timeline]) -> None:
    line = days()
    slack, line.pipeline.sender = line.pipeline.sender, None
    line.pass_day("320")
    line.pass_day("320")
    assert line.reasons == [("first_notification", "pending")]
    line.pipeline.sender = slack
    (text,) = line.pass_day("320")
    assert text.startswith(FIRST)
    assert line.pipeline.messages[0]["blocks"][1]["text"]["text"].startswith("*Ongoing*: 3 days")
    assert short(line.pass_day("20")) == []
