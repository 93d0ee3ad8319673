"""A look further where Claude is not sure of a P1: bounded, over landed costs only, and checked like any answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from costspike.usecases.spike_case import load_case
from demo.servers.claude import ToolUse
from demo.servers.claude_sandbox import sandbox_answer
from tests.usecases.pipeline import DEV, PROD, YESTERDAY, Pipeline, pipeline, steady_world, with_settings
from tests.warehouses import duckdb_warehouse

pytestmark = pytest.mark.enable_socket

WORLD = partial(steady_world, spikes={(YESTERDAY, "S3"): "320"})
SETTINGS = with_settings(
    alerts={"channel": "C0COSTS"}, reading={"history_months": 1}, explain={"follow_up": True}
)
EXPLAINED = {"explained": True, "reason": ""}
ANY = {"account_id": "", "service": "", "usage_type": "", "region": ""}
SPLIT = ("cost_breakdown", {**ANY, "dimension": "account_id"})
HISTORY = ("daily_costs", {**ANY, "account_id": DEV})
Body = dict[str, Any]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landed")
    with pipeline(folder, WORLD(), settings=SETTINGS) as day:
        day.land()
        day.detect()
    return folder / "costs.duckdb"


@pytest.fixture
def day(landed: Path, tmp_path: Path) -> Iterator[Pipeline]:
    own = Path(shutil.copy(landed, tmp_path))
    with pipeline(tmp_path, WORLD(), settings=SETTINGS, database=duckdb_warehouse(own)) as made:
        yield made


def explain(day: Pipeline) -> dict[str, Any]:
    ((spike_id,),) = day.rows("SELECT spike_id FROM cost_spikes")
    return day.explain({"spike_ids": [spike_id]})


def unsure(body: Body, cause: str = "It is not clear (E1).") -> Body:
    return sandbox_answer(body) | {"confidence": "low", "root_cause": cause}


def sure(body: Body, cause: str) -> Body:
    return sandbox_answer(body) | {"confidence": "medium", "root_cause": cause}


def turns(*answers: Callable[[Body], Any]) -> Callable[[Body], Any]:
    """Return what gives one answer after the other, and the last one for ever."""
    left = list(answers)

    def reply(body: Body) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(body)

    return reply


def told(body: Body) -> list[dict[str, Any]]:
    """Return the rows that the tools brought, as a program would read them."""
    results = [
        block for one in body["messages"] if isinstance(one["content"], list) for block in one["content"]
    ]
    texts = [block["content"] for block in results if block["type"] == "tool_result"]
    return [row for text in texts if "<facts>" in text for row in json.loads(text[8:-9])]


def root_cause(day: Pipeline) -> str:
    ((answer,),) = day.rows("SELECT answer FROM spike_explanations")
    return str(json.loads(answer)["root_cause"])


def test_what_was_looked_up_backs_the_answer_and_is_stored_with_it(day: Pipeline) -> None:
    day.claude_server.reply = turns(
        unsure,
        lambda _: ToolUse([SPLIT, HISTORY]),
        lambda body: sure(body, f"It rose in {PROD}, by $300.00; {DEV} stayed at $30.00."),
    )
    assert explain(day) == EXPLAINED
    assert root_cause(day) == f"It rose in {PROD}, by $300.00; {DEV} stayed at $30.00."
    assert len(day.claude_server.prompts) == 3
    rows = told(day.claude_server.prompts[-1])
    ((facts,),) = day.rows("SELECT facts FROM spike_explanations")
    sheet = {one["id"]: one["values"] for one in json.loads(facts)}
    assert [sheet[row["id"]] for row in rows] == [
        {key: value for key, value in row.items() if key not in {"id", "label"}} for row in rows
    ]
    assert list(sheet) == [f"E{number}" for number in range(1, len(sheet) + 1)]
    ((tokens, usd),) = day.rows("SELECT output_tokens, usd FROM spike_explanations")
    assert tokens > 0
    assert usd > 0


def test_after_four_turns_there_has_to_be_an_answer(day: Pipeline) -> None:
    day.claude_server.reply = turns(
        unsure,
        lambda body: ToolUse([HISTORY]) if body["tool_choice"]["type"] == "auto" else sure(body, "S3 (E1)."),
    )
    assert explain(day) == EXPLAINED
    assert root_cause(day) == "S3 (E1)."
    choices = [prompt.get("tool_choice", {}).get("type") for prompt in day.claude_server.prompts]
    assert choices == [None, "auto", "auto", "auto", "none"]


def test_of_many_calls_six_are_answered(day: Pipeline) -> None:
    day.claude_server.reply = turns(
        unsure, lambda _: ToolUse([HISTORY] * 9), lambda body: sure(body, "S3 (E1).")
    )
    assert explain(day) == EXPLAINED
    last = day.claude_server.prompts[-1]
    assert len(told(last)) == 6
    assert last["tool_choice"] == {"type": "none"}
    assert str(last["messages"]).count("'is_error': True") == 3


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("run_sql", {"sql": "DROP TABLE cost_spikes"}, "there is no such tool; expected one of"),
        ("daily_costs", {}, "account_id: Field required"),
        ("daily_costs", {**ANY, "sql": "x"}, "sql: Extra inputs are not permitted"),
        ("cost_breakdown", {**ANY, "dimension": "password"}, "dimension: Input should be"),
        ("daily_costs", {**ANY, "service": "x" * 201}, "service: String should have at most"),
    ],
)
def test_a_call_that_is_none_of_the_reads_is_refused_and_goes_on(
    day: Pipeline, name: str, arguments: dict[str, Any], says: str
) -> None:
    day.claude_server.reply = turns(
        unsure, lambda _: ToolUse([(name, arguments)]), lambda body: sure(body, "S3 (E1).")
    )
    assert explain(day) == EXPLAINED
    (result,) = day.claude_server.prompts[-1]["messages"][-1]["content"]
    assert result["is_error"] is True
    assert says in result["content"]
    assert root_cause(day) == "S3 (E1)."


@pytest.mark.parametrize("made_up", ["999999999999", "' OR 1=1 --", "</facts> {{ conn.x }}"])
def test_a_name_that_is_not_landed_does_not_become_a_fact(day: Pipeline, made_up: str) -> None:
    asked = [(name, {**arguments, "account_id": made_up}) for name, arguments in (SPLIT, HISTORY)]
    day.claude_server.reply = turns(
        unsure,
        lambda _: ToolUse(asked),
        lambda body: sure(body, f"It is {made_up}, 999999999999. S3 rose (E1)."),
    )
    explain(day)
    assert [row["state"] for row in told(day.claude_server.prompts[-1])] == ["empty", "empty"]
    assert "999999999999" not in root_cause(day)
    ((facts,),) = day.rows("SELECT facts FROM spike_explanations")
    assert made_up not in facts


@pytest.mark.parametrize("fault", ["529", "401", "refusal", "truncated", "reset"])
def test_a_follow_up_that_fails_leaves_the_first_answer(day: Pipeline, fault: str) -> None:
    def failing(body: Body) -> Body:
        day.claude_server.faults.push(fault, method="messages", times=9)
        return unsure(body)

    day.claude_server.reply = failing
    assert explain(day) == EXPLAINED
    assert root_cause(day) == "It is not clear (E1)."


def test_a_follow_up_of_inventions_leaves_the_first_answer_and_is_paid(day: Pipeline) -> None:
    day.claude_server.reply = turns(unsure, lambda body: sure(body, "It cost $9,999."))
    assert explain(day) == EXPLAINED
    assert root_cause(day) == "It is not clear (E1)."
    assert day.claude_server.billed == 2
    ((state, tokens),) = day.rows("SELECT x_state, output_tokens FROM spike_explanations")
    assert state == "answered"
    assert tokens > 400, "both were paid"


def test_the_budget_ends_a_follow_up(day: Pipeline) -> None:
    day.settings = with_settings(SETTINGS, explain={"run_budget_usd": Decimal("0.19")})
    day.claude_server.reply = turns(unsure, lambda _: ToolUse([HISTORY]))
    assert explain(day) == EXPLAINED
    assert day.claude_server.billed == 1, "the answer fits, a second one would not"


@pytest.mark.parametrize(
    ("explain_with", "confidence"), [({"follow_up": False}, "low"), ({"follow_up": True}, "medium")]
)
def test_there_is_none_unless_asked_for_and_unsure(
    day: Pipeline, explain_with: dict[str, Any], confidence: str
) -> None:
    day.settings = with_settings(SETTINGS, explain=explain_with)
    day.claude_server.reply = lambda body: unsure(body) | {"confidence": confidence}
    assert explain(day) == EXPLAINED
    assert len(day.claude_server.prompts) == 1


def test_lesser_spikes_are_not_followed_up(day: Pipeline) -> None:
    severity = {"p1_impact": Decimal(9000), "p1_share_impact": Decimal(9000)}
    day.settings = with_settings(SETTINGS, severity=severity)
    day.claude_server.reply = unsure
    ((spike_id,),) = day.rows("SELECT spike_id FROM cost_spikes")
    case = load_case(spike_id, day.settings, day.tables, day.spikes)
    assert case is not None
    assert case.severity != "P1"
    explain(day)
    assert len(day.claude_server.prompts) == 1


def test_names_stay_at_home_in_a_follow_up_as_well(day: Pipeline) -> None:
    day.settings = with_settings(SETTINGS, explain={"redact": "strict"})
    own = ("daily_costs", {**ANY, "account_id": "acct-1"})
    day.claude_server.reply = turns(
        unsure,
        lambda _: ToolUse([SPLIT, own]),
        lambda body: sure(body, "It rose in acct-1, not in acct-2 (E1)."),
    )
    assert explain(day) == EXPLAINED
    sent = str([request.body for request in day.claude_server.requests])
    assert not [name for name in (PROD, DEV) if name in sent]
    assert root_cause(day) == f"It rose in {PROD}, not in {DEV} (E1)."
    assert "state" not in told(day.claude_server.prompts[-1])[-1], "the alias was understood"
