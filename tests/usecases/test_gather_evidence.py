"""Evidence around an explanation: all sources are heard, none can stop the others or the alert."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from costspike.domain.errors import BudgetExceeded, UpstreamError
from costspike.domain.evidence.records import Evidence, EvidenceRow
from costspike.usecases.gather_evidence import EvidenceSource
from tests.usecases.pipeline import TODAY, YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
SPIKE = {(YESTERDAY, "S3"): "320"}
OWN = ("effect_split", "new_resources", "past_incidents", "month")


@dataclass
class Source:
    """A source that says, or raises, what it is told to."""

    name: str
    says: Any
    asked: int = 0
    order: list[str] = field(default_factory=list)

    def collect(self, *_: Any) -> Evidence:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        found: Evidence = self.says() if callable(self.says) else self.says
        return found

    @property
    def source(self) -> EvidenceSource:
        return EvidenceSource(name=self.name, title=f"Title of {self.name}", collect=self.collect)


def told(name: str) -> Evidence:
    row = EvidenceRow(label="Told", values={"told_by": name})
    return Evidence(source=name, title=name, state="found", rows=(row,))


def refusal(reason: Any = "auth") -> UpstreamError:
    return UpstreamError("key 4711 denied", system="CloudTrail", reason=reason, retryable=False)


def day_with(over: Over, *sources: Source, **world: Any) -> Pipeline:
    settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 1})
    made = over(
        steady_world(spikes=SPIKE, **world),
        settings=settings,
        more_sources=tuple(one.source for one in sources),
    )
    made.land()
    return made


def sheet(day: Pipeline) -> list[dict[str, Any]]:
    """Return the rows that were sent to Claude last."""
    content = day.claude_server.prompts[-1]["messages"][-1]["content"]
    text = content if isinstance(content, str) else content[0]["text"]
    rows: list[dict[str, Any]] = json.loads(text.split("<facts>")[1].split("</facts>")[0])
    return rows


def test_the_warehouse_alone_gives_every_source_a_row(over: Over) -> None:
    day = day_with(over)
    (item,) = day.detect()
    assert day.explain(item)["explained"]
    rows = sheet(day)
    assert [row["id"] for row in rows] == [f"E{number}" for number in range(1, len(rows) + 1)]
    by_label = {row["label"]: row for row in rows}
    split = by_label["The impact split into usage, unit price and commitments"]
    assert split["state"] == "unavailable", "the coarse grain has no quantities"
    month = next(row for row in rows if "month_to_date_cost" in row)
    assert (month["month_end_without_incident_cost"], month["month_end_if_it_goes_on_cost"]) == (
        "600.00",
        "3000.00",
    )
    assert by_label["An earlier incident of the same part of the bill"]["state"] == "empty"
    stored = day.rows("SELECT evidence_source, x_state FROM spike_evidence ORDER BY evidence_source")
    assert sorted(name for name, _ in stored) == sorted(OWN)
    ((facts,),) = day.rows("SELECT facts FROM spike_explanations")
    assert [fact["id"] for fact in json.loads(facts)] == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("says", "state", "note"),
    [
        pytest.param(refusal(), "denied", "CloudTrail denied it", id="denied"),
        pytest.param(refusal("unavailable"), "unavailable", "(unavailable)", id="down"),
        pytest.param(refusal("rate_limited"), "unavailable", "(rate_limited)", id="throttled"),
        pytest.param(BudgetExceeded("no"), "skipped", "the budget", id="no budget"),
        pytest.param(ZeroDivisionError("4711"), "unavailable", "ZeroDivisionError", id="a bug"),
    ],
)
def test_a_source_that_fails_stops_no_other_and_says_so(over: Over, says: Any, state: str, note: str) -> None:
    bad, good = Source("bad", says), Source("good", told("good"))
    day = day_with(over, bad, good)
    (item,) = day.detect()
    assert day.explain(item)["explained"]
    rows = sheet(day)
    (silent,) = [row for row in rows if row["label"] == "Title of bad"]
    assert silent["state"] == state
    assert note in silent["note"]
    assert "4711" not in json.dumps(rows), "the words of the other system stay in the log"
    assert rows[-1]["told_by"] == "good"
    day.send(item)
    assert len(day.messages) == 1


def test_a_second_try_asks_only_what_failed(over: Over) -> None:
    bad, good = Source("bad", refusal()), Source("good", told("good"))
    day = day_with(over, bad, good)
    (item,) = day.detect()
    day.claude_server.faults.push("401")
    assert not day.explain(item)["explained"]
    bad.says = told("bad")
    assert day.explain(item, day.run(is_first_try=False))["explained"]
    assert (bad.asked, good.asked) == (2, 1)
    assert [row.get("told_by") for row in sheet(day)[-2:]] == ["bad", "good"]


def test_other_evidence_is_no_other_question(over: Over) -> None:
    first = Source("a", told("a"))
    day = day_with(over, first)
    (item,) = day.detect()
    day.explain(item)
    day.more_sources = ()
    assert day.explain(item, day.run(run_id="again"))["explained"]
    assert day.claude_server.billed == 1


def test_when_the_time_is_up_the_rest_is_not_asked(over: Over) -> None:
    day: Pipeline

    def slow() -> Evidence:
        day.clock.sleep(1000)
        return told("slow")

    late = Source("late", told("late"))
    day = day_with(over, Source("slow", slow), late)
    (item,) = day.detect()
    assert day.explain(item)["explained"]
    assert late.asked == 0
    assert "time for evidence was up" in sheet(day)[-1]["note"]


def test_an_earlier_incident_of_the_scope_is_told_with_its_cause(over: Over) -> None:
    first = TODAY - timedelta(days=20)
    settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 2})
    day = over(steady_world(80, spikes={(YESTERDAY, "S3"): "900", (first, "S3"): "250"}), settings=settings)
    day.land()
    for when in (first, YESTERDAY):
        (item,) = day.detect(day.run(when))
        assert day.explain(item, day.run(when))["explained"]
    (row,) = [one for one in sheet(day) if one["label"].startswith("An earlier incident")]
    assert (row["first_day"], row["days"]) == (first.isoformat(), "1")
    assert row["explained_as"] == "unknown"
    assert row["outcome"] == "the cost went back to what was expected"


def test_quantities_at_the_finer_grain_split_the_impact(over: Over) -> None:
    world = steady_world(spikes=SPIKE)
    settings = with_settings(
        alerts={"channel": "C0COSTS"},
        reading={"history_months": 1},
        cost_explorer={"grain": "account_service_usage_type"},
    )
    day = over(world, settings=settings)
    day.land()
    (item,) = day.detect()
    assert day.explain(item)["explained"]
    split = next(row for row in sheet(day) if "unit_price_effect_cost" in row)
    assert split["unit_price_effect_cost"] == "300.00", "the quantity is one a day throughout"
    assert split["sum_of_the_four_cost"] == "300.00"
