"""A wrong key or token is refused once in a run, not once a spike; whoever mends it is never made to wait."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from costspike.domain.runs import Run
from demo.world import World
from tests.usecases.pipeline import TODAY, TOKEN, Pipeline, usage_row, with_settings

Over = Callable[..., Pipeline]
ACCOUNTS = ["111111111111", "222222222222", "333333333333"]
EXPLAINED = {"explained": True, "reason": ""}


@pytest.fixture
def day(over: Over) -> Pipeline:
    """Three accounts, each with a service of its own that rose."""
    rows = [
        usage_row(
            TODAY - timedelta(days=back), account, f"Service {account[:1]}", "400" if back == 1 else "100"
        )
        for back in range(1, 36)
        for account in ACCOUNTS
    ]
    settings = with_settings(
        alerts={"channel": "C0COSTS", "max_items": 10, "least_full_severity": "P4"},
        reading={"history_months": 1},
    )
    made = over(World.from_rows(rows, names={}, today=TODAY), settings=settings)
    made.land()
    return made


@pytest.fixture
def items(day: Pipeline) -> list[dict[str, Any]]:
    found = day.detect()
    assert len(found) == len(ACCOUNTS)
    return found


def instance(run: Run, number: int) -> Run:
    """Return the run as the mapped task instance with this number sees it."""
    return replace(run, claimant=f"dag/{run.run_id}/task/{number}")


def explain_all(day: Pipeline, items: list[dict[str, Any]], run: Run) -> list[Mapping[str, Any]]:
    return [day.explain(item, instance(run, number)) for number, item in enumerate(items)]


def send_all(day: Pipeline, items: list[dict[str, Any]], run: Run) -> list[str]:
    """Return what became of each alert, or why it was not sent."""
    return [_sent(day, item, instance(run, number)) for number, item in enumerate(items)]


def _sent(day: Pipeline, item: dict[str, Any], run: Run) -> str:
    try:
        return str(day.send(item, run)["state"])
    except UpstreamError as error:
        return f"{error.reason}, {'later' if error.retryable else 'never'}: {error}"


def test_a_wrong_key_takes_one_request_and_every_alert_goes_out(
    day: Pipeline, items: list[dict[str, Any]]
) -> None:
    day.claude_server.allowed_keys = {"sk-another"}
    run = day.run()
    results = explain_all(day, items, run)
    assert len(day.claude_server.requests) == 1
    assert all("anthropic_default" in result["reason"] for result in results), results
    assert day.rows("SELECT DISTINCT x_state, reason FROM spike_explanations") == [
        ("failed", results[0]["reason"])
    ]
    assert send_all(day, items, run) == ["sent"] * 3
    assert len(day.messages) == 3
    assert all("connection 'anthropic_default'" in str(message) for message in day.messages)


def test_a_wrong_token_takes_one_request_and_every_alert_is_kept(
    day: Pipeline, items: list[dict[str, Any]]
) -> None:
    day.slack_server.tokens = {"xoxb-another"}
    problems = send_all(day, items, day.run())
    assert len(day.slack_server.requests) == 1
    assert all("connection 'slack_api_default'" in problem for problem in problems), problems
    ((state, kept),) = day.rows("SELECT DISTINCT x_state, problem FROM spike_alerts")
    assert (state, {f"auth, never: {kept}"}) == ("pending", set(problems))
    day.slack_server.tokens = {TOKEN}
    assert send_all(day, items, day.run(run_id="the next day's")) == ["sent"] * 3
    assert len(day.messages) == 3


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"is_first_try": False}, id="a task that was cleared or is tried again"),
        pytest.param({"run_id": "manual__again"}, id="another run"),
        pytest.param({"started": timedelta(seconds=1)}, id="a run that began again"),
        pytest.param({"later": timedelta(minutes=2, seconds=1)}, id="after two minutes"),
    ],
)
def test_whoever_mends_it_and_runs_it_again_is_not_stopped(
    day: Pipeline, items: list[dict[str, Any]], again: dict[str, Any]
) -> None:
    first, began = day.run(), day.clock()
    day.claude_server.allowed_keys, day.slack_server.tokens = {"sk-another"}, {"xoxb-another"}
    day.explain(items[0], instance(first, 0))
    _sent(day, items[0], instance(first, 0))
    day.claude_server.allowed_keys, day.slack_server.tokens = None, {TOKEN}
    day.clock.now += again.pop("later", timedelta())
    changes = {"started": began + again.pop("started", timedelta())} | again
    run = day.run(**changes)
    assert [day.explain(item, instance(run, n)) for n, item in enumerate(items)] == [EXPLAINED] * 3
    assert send_all(day, items, run) == ["sent"] * 3


@pytest.mark.parametrize("fault", ["404", "529"])
def test_what_is_no_refusal_of_the_key_is_asked_by_each(
    day: Pipeline, items: list[dict[str, Any]], fault: str
) -> None:
    day.claude_server.faults.push(fault, method="messages", times=2)
    results = explain_all(day, items, day.run())
    assert results[-1] == EXPLAINED


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found"])
def test_a_refusal_of_the_channel_is_told_by_slack_to_each(
    day: Pipeline, items: list[dict[str, Any]], error: str
) -> None:
    day.slack_server.faults.push("error", method="chat.postMessage", error=error)
    run = day.run()
    with pytest.raises(UpstreamError):
        day.send(items[0], instance(run, 0))
    assert send_all(day, items[1:], run) == ["sent"] * 2


def test_a_key_that_may_not_use_one_model_is_asked_about_another(
    day: Pipeline, items: list[dict[str, Any]]
) -> None:
    day.claude_server.faults.push("403", method="messages")
    run = day.run()
    assert not day.explain(items[0], instance(run, 0))["explained"]
    own = day.settings.explain
    other = {"model": "claude-haiku-5-5", "model_p1": "claude-haiku-5-5"}
    assert {own.model, own.model_p1} != set(other.values())
    day.settings = with_settings(day.settings, explain=other)
    assert day.explain(items[1], instance(run, 1)) == EXPLAINED


def test_a_message_that_may_be_there_is_not_posted_again_while_nobody_can_look(
    day: Pipeline, items: list[dict[str, Any]]
) -> None:
    day.slack_server.faults.push("answer_lost", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        day.send(items[1])
    day.clock.pass_by(hours=1)
    day.slack_server.tokens = {"xoxb-another"}
    run = day.run(run_id="another")
    asked = len(day.slack_server.requests)
    send_all(day, items, run)
    assert len(day.slack_server.requests) == asked + 1
    day.slack_server.tokens = {TOKEN}
    states = send_all(day, items, day.run(run_id="the next one"))
    assert states == ["sent", "already_sent", "sent"]
    assert len(day.messages) == 3
