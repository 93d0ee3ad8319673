"""The harder ways in which sending can go wrong: search that fails, slow senders, and a Slack that goes away."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from costspike.usecases.sender import Posted
from tests.usecases.pipeline import YESTERDAY, Pipeline, steady_world, with_settings
from tests.verdicts import store

Over = Callable[..., Pipeline]
SPIKE = {(YESTERDAY, "S3"): "320"}


@pytest.fixture
def day(over: Over) -> Pipeline:
    settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 1})
    made = over(steady_world(spikes=SPIKE), settings=settings)
    made.land()
    return made


@pytest.fixture
def item(day: Pipeline) -> Any:
    (found,) = day.detect()
    return found


def state(day: Pipeline) -> str:
    ((found,),) = day.rows("SELECT x_state FROM spike_alerts")
    return str(found)


def lose_the_answer(day: Pipeline, item: Any) -> None:
    day.slack_server.faults.push("answer_lost", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        day.send(item)
    assert len(day.messages) == 1


@pytest.mark.parametrize("fault", ["500", "reset", "hang", "429"])
def test_a_search_that_failed_for_hours_does_not_forget_the_first_attempt(
    day: Pipeline, item: Any, fault: str
) -> None:
    lose_the_answer(day, item)
    for _ in range(4):
        day.clock.pass_by(hours=1)
        day.slack_server.faults.push(fault, method="conversations.history", seconds=30)
        with pytest.raises(UpstreamError) as failed:
            day.send(item)
        assert failed.value.retryable
    day.clock.pass_by(hours=1)
    assert day.send(item)["state"] == "already_sent"
    assert len(day.messages) == 1


def test_days_later_the_message_is_still_found(day: Pipeline, item: Any) -> None:
    lose_the_answer(day, item)
    day.clock.pass_by(days=3)
    assert day.send(item, day.run(run_id="another"))["state"] == "already_sent"
    assert len(day.messages) == 1


@dataclass
class Slow:
    """A sender that is overtaken while it gets ready to post."""

    inner: Any
    meanwhile: Callable[[], object]
    can_find: bool = True
    posted: list[str] = field(default_factory=list)

    def post(self, channel: str, message: Any) -> Posted:
        self.posted.append(channel)
        return self.inner.post(channel, message)  # type: ignore[no-any-return]

    def find(self, *about: Any) -> Posted | None:
        found: Posted | None = self.inner.find(*about)
        self.meanwhile()
        return found


def test_a_sender_that_was_overtaken_does_not_post(day: Pipeline, item: Any) -> None:
    day.slack_server.faults.push("reset", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        day.send(item)

    def overtake() -> None:
        day.clock.pass_by(hours=1)
        day.send(item, day.run(run_id="the faster one"))

    slow = Slow(day.sender, overtake)
    with pytest.raises(UpstreamError, match="another run has taken the message over") as overtaken:
        day.send(item, sender=slow)  # type: ignore[arg-type]
    assert overtaken.value.retryable
    assert slow.posted == []
    assert len(day.messages) == 1
    assert state(day) == "sent"
    assert day.send(item)["state"] == "already_sent"


def test_an_unknown_outcome_survives_a_time_without_slack(day: Pipeline, item: Any) -> None:
    lose_the_answer(day, item)
    slack, day.sender = day.sender, None
    assert day.send(item)["state"] == "previewed"
    day.sender = slack
    assert day.send(item)["state"] == "already_sent"
    assert len(day.messages) == 1


def test_a_repeat_that_was_refused_is_still_a_possible_repeat(day: Pipeline, item: Any) -> None:
    lose_the_answer(day, item)
    day.slack_server.scopes = {"chat:write"}
    day.slack_server.faults.push("error", method="chat.postMessage", error="not_in_channel")
    with pytest.raises(UpstreamError):
        day.send(item)
    day.send(item)
    assert day.messages[-1]["text"].startswith("(possible repeat)")
    assert len(day.messages) == 2


def test_once_looked_for_in_vain_it_is_no_possible_repeat(day: Pipeline, item: Any) -> None:
    day.slack_server.faults.push("reset", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        day.send(item)
    day.send(item)
    (message,) = day.messages
    assert "possible repeat" not in message["text"]


def test_the_outbox_keeps_the_form_that_slack_took(day: Pipeline, item: Any) -> None:
    day.slack_server.faults.push("error", method="chat.postMessage", error="invalid_blocks")
    day.send(item)
    ((stored,),) = day.rows("SELECT message FROM spike_alerts")
    assert "data_visualization" not in stored
    assert "+$300.00" in stored


def test_a_lost_answer_of_the_plainer_form_is_found_too(day: Pipeline, item: Any) -> None:
    day.slack_server.faults.push("error", method="chat.postMessage", error="invalid_blocks")
    day.slack_server.faults.push("answer_lost", method="chat.postMessage")
    with pytest.raises(UpstreamError) as lost:
        day.send(item)
    assert lost.value.reason == "unknown_outcome"
    day.send(item)
    assert len(day.messages) == 1


def test_why_an_alert_is_still_here_is_kept_with_it(day: Pipeline, item: Any) -> None:
    day.slack_server.faults.push("error", method="chat.postMessage", error="is_archived")
    with pytest.raises(UpstreamError):
        day.send(item)
    ((problem, message, attempts),) = day.rows("SELECT problem, message, attempts FROM spike_alerts")
    assert "is_archived" in problem
    assert "+$300.00" in message
    assert attempts == 1
    day.send(item)
    assert day.rows("SELECT problem, attempts FROM spike_alerts") == [("", 2)]


def test_a_withdrawn_spike_that_comes_back_is_told_once(day: Pipeline, item: Any) -> None:
    (spike,) = day.spikes.spikes_of(YESTERDAY)
    known: dict[str, Any] = {"channel": "C0COSTS", "detected_at": day.clock()}
    store(day.spikes, YESTERDAY, [], **known)
    assert day.send(item)["state"] == "withdrawn"
    store(day.spikes, YESTERDAY, [spike], **known)
    assert day.send(item)["state"] == "sent"
    assert len(day.messages) == 1
    assert "possible repeat" not in day.messages[0]["text"]


def test_a_message_in_flight_elsewhere_is_left_to_the_next_try(day: Pipeline, item: Any) -> None:
    def post_forever(*_: Any) -> Posted:
        raise KeyboardInterrupt

    hanging = Slow(day.sender, lambda: None)
    hanging.post = post_forever  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        day.send(item, sender=hanging)  # type: ignore[arg-type]
    day.settings = with_settings(day.settings, alerts={"max_wait_seconds": 5})
    with pytest.raises(UpstreamError, match="another run is still sending") as busy:
        day.send(item, day.run(run_id="another"))
    assert busy.value.retryable
    assert sum(day.clock.slept) < 10
    day.clock.pass_by(minutes=2)
    day.send(item, day.run(run_id="another"))
    assert len(day.messages) == 1


def test_the_alert_is_in_the_channel_of_its_first_attempt(day: Pipeline, item: Any) -> None:
    lose_the_answer(day, item)
    day.settings = with_settings(day.settings, alerts={"channel": "#elsewhere"})
    day.clock.pass_by(minutes=10)
    again = day.send(day.detect()[0])
    assert (again["state"], again["channel"]) == ("already_sent", "C0COSTS")


def test_an_alert_without_an_explanation_says_why(day: Pipeline, item: Any) -> None:
    day.send(item)
    assert "was not asked for" in str(day.messages[0]["blocks"])


def test_sending_takes_no_longer_than_slack(day: Pipeline, item: Any) -> None:
    began = day.clock()
    day.send(item)
    assert day.clock() - began < timedelta(seconds=1)
