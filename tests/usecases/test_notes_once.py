"""What goes on with an incident is told exactly once too: lost answers, kills, two runs, threads that are gone."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from costspike.rendering.message import Message
from costspike.usecases.sender import Posted, Sender
from tests.at_once import at_once
from tests.usecases.pipeline import PROD, Pipeline
from tests.usecases.timeline import Timeline, begin, short

Over = Callable[..., Pipeline]
Item = dict[str, Any]


@pytest.fixture
def line(over: Over) -> Timeline:
    """Return a timeline whose incident was told and has doubled since; its news is still to be sent."""
    made = begin(over)
    made.pass_day("320")
    made.pass_day("320", run=False)
    return made


@pytest.fixture
def note(line: Timeline) -> Item:
    run = line.run()
    line.pipeline.land(run)
    (item,) = line.pipeline.detect(run)
    line.news()
    return item


def answers(line: Timeline) -> int:
    return len(line.pipeline.messages) - 1


def test_a_note_is_an_item_of_its_own(line: Timeline, note: Item) -> None:
    assert note["label"] == f"grew: {PROD} S3 +$600.00"
    assert note["message_key"].startswith("note-")
    assert (note["explain"], note["alert"]) == (False, True)
    assert line.pipeline.detect(line.run()) == [note], "the same again"


@pytest.mark.parametrize("fault", ["answer_lost", "posted_then_hang", "malformed"])
def test_a_lost_answer_is_found_in_the_thread(line: Timeline, note: Item, fault: str) -> None:
    line.pipeline.slack_server.faults.push(fault, method="chat.postMessage")
    with pytest.raises(UpstreamError) as lost:
        line.pipeline.send(note, line.run())
    assert lost.value.reason == "unknown_outcome"
    assert line.reasons[-1] == ("grew", "claimed")

    done = line.pipeline.send(note, line.run())

    assert answers(line) == 1
    assert line.reasons[-1] == ("grew", "sent")
    assert (done["state"], done["ts"]) == ("already_sent", line.pipeline.messages[-1]["ts"])
    assert len(line.pipeline.slack_server.calls("conversations.replies")) == 1


@pytest.mark.parametrize("fault", ["reset", "500", "hang"])
def test_what_did_not_arrive_is_sent_by_the_next_try(line: Timeline, note: Item, fault: str) -> None:
    line.pipeline.slack_server.faults.push(fault, method="chat.postMessage")
    with pytest.raises(UpstreamError):
        line.pipeline.send(note, line.run())
    line.pipeline.send(note, line.run())
    assert answers(line) == 1


@pytest.mark.parametrize("fault", ["answer_lost", "500", "429", "hang"])
def test_a_first_message_that_cannot_be_changed_now_delays_the_note(
    line: Timeline, note: Item, fault: str
) -> None:
    line.pipeline.slack_server.faults.push(fault, method="chat.update", retry_after=3600)
    with pytest.raises(UpstreamError) as failed:
        line.pipeline.send(note, line.run())
    assert failed.value.retryable
    assert (answers(line), line.reasons[-1]) == (0, ("grew", "pending"))
    line.pipeline.send(note, line.run())
    assert answers(line) == 1
    assert line.title.startswith("📈 Ongoing · 🔴 P1 · S3 +$300")


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_first_message_that_can_never_be_changed_does_not_stop_the_note(
    line: Timeline, note: Item, error: str
) -> None:
    line.pipeline.slack_server.faults.push("error", method="chat.update", error=error)
    line.pipeline.send(note, line.run())
    assert short(line.news()) == ["↳ 📈 Grew to +$600.00"]


def test_a_first_message_is_changed_in_its_plainer_form_where_slack_takes_no_other(
    line: Timeline, note: Item
) -> None:
    line.pipeline.slack_server.faults.push("error", method="chat.update", error="invalid_blocks")
    line.pipeline.send(note, line.run())
    assert line.title.startswith("📈 Ongoing")
    assert "data_visualization" not in {block["type"] for block in line.pipeline.messages[0]["blocks"]}
    assert answers(line) == 1


def test_news_of_a_thread_that_is_gone_is_a_message_of_its_own(line: Timeline, note: Item) -> None:
    line.pipeline.slack_server.channel("C0COSTS").messages.clear()
    line.pipeline.send(note, line.run())
    (message,) = line.pipeline.messages
    assert message["text"].startswith("📈 Grew to +$600.00: S3 · production")
    assert line.reasons[-1] == ("grew", "sent")


def test_news_of_a_thread_that_is_gone_is_found_beside_it(line: Timeline, note: Item) -> None:
    line.pipeline.slack_server.channel("C0COSTS").messages.clear()
    assert line.pipeline.sender is not None
    with pytest.raises(KeyboardInterrupt):
        line.pipeline.send(note, line.run(), sender=Dying(line.pipeline.sender, "post"))
    assert line.pipeline.send(note, line.run())["state"] == "already_sent"
    assert len(line.pipeline.messages) == 1


class Dying:
    """A sender whose process is killed between Slack's answer and our record of it."""

    can_find = True

    def __init__(self, sender: Sender, method: str) -> None:
        self._sender = sender
        self._method = method

    def __getattr__(self, name: str) -> Any:
        do = getattr(self._sender, name)
        if name != self._method:
            return do

        def die(*about: Any) -> None:
            do(*about)
            raise KeyboardInterrupt

        return die


@pytest.mark.parametrize("method", ["update", "reply"])
def test_a_kill_after_slack_answered_doubles_nothing(line: Timeline, note: Item, method: str) -> None:
    assert line.pipeline.sender is not None
    with pytest.raises(KeyboardInterrupt):
        line.pipeline.send(note, line.run(), sender=Dying(line.pipeline.sender, method))
    line.pipeline.send(note, line.run())
    assert answers(line) == 1
    assert line.title.startswith("📈 Ongoing")


def test_another_run_takes_over_what_a_killed_one_left(line: Timeline, note: Item) -> None:
    assert line.pipeline.sender is not None
    with pytest.raises(KeyboardInterrupt):
        line.pipeline.send(note, line.run(), sender=Dying(line.pipeline.sender, "reply"))
    line.pipeline.send(note, line.run(run_id="manual__other"))
    assert answers(line) == 1


def test_a_killed_note_is_not_told_again_by_the_next_day(line: Timeline, note: Item) -> None:
    assert line.pipeline.sender is not None
    with pytest.raises(KeyboardInterrupt):
        line.pipeline.send(note, line.run(), sender=Dying(line.pipeline.sender, "reply"))
    line.pipeline.clock.pass_by(hours=1)
    line.pass_day("20")
    assert answers(line) == 1
    assert line.reasons == [("first_notification", "sent"), ("grew", "sent")]


def test_two_runs_at_once_answer_once(line: Timeline, note: Item) -> None:
    runs = [line.run(run_id=f"run {n}") for n in range(4)]

    def send(run: Any) -> str:
        try:
            return str(line.pipeline.send(note, run)["state"])
        except UpstreamError as error:
            return error.reason

    outcomes = at_once([partial(send, run) for run in runs])
    assert answers(line) == 1
    assert outcomes.count("sent") == 1
    assert [type(outcome) for outcome in outcomes] == [str] * 4


def test_replies_that_may_not_be_read_make_a_possible_repeat(line: Timeline, note: Item) -> None:
    line.pipeline.slack_server.scopes = {"chat:write"}
    line.pipeline.slack_server.faults.push("reset", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        line.pipeline.send(note, line.run())
    line.pipeline.send(note, line.run())
    assert line.pipeline.messages[-1]["text"].startswith("(possible repeat)")


def test_a_late_note_does_not_hide_newer_news_in_the_first_message(line: Timeline, note: Item) -> None:
    line.pipeline.slack_server.faults.push("answer_lost", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        line.pipeline.send(note, line.run())
    line.pipeline.slack_server.channel("C0COSTS").messages.pop()  # it never was there
    line.pass_day("20", restated={0: "0.0625", 1: "0.0625"})
    assert line.title.startswith("✏️ Withdrawn")
    assert {state for _, state in line.reasons} == {"sent"}


class Webhook:
    """A webhook: nothing comes back, nothing can be found, answered or changed."""

    can_find = False

    def __init__(self) -> None:
        self.texts: list[str] = []

    def post(self, channel: str, message: Message) -> Posted:
        self.texts.append(message.text)
        return Posted(channel="", ts="")

    def find(self, channel: str, message_key: str, since: datetime) -> Posted | None:
        return None


def test_a_webhook_tells_the_beginning_and_the_end(over: Over) -> None:
    webhook = Webhook()
    line = begin(over, sender=webhook)
    for cost in ("320", "320", "20", "20", "20", "20"):
        line.pass_day(cost)
    assert short(webhook.texts) == ["P1 AWS cost spike", "✅ Resolved"]
    assert f"S3 · production ({PROD})" in webhook.texts[1]


def test_a_webhook_takes_an_alert_back_and_says_where_that_was_wrong(over: Over) -> None:
    webhook = Webhook()
    line = begin(over, sender=webhook)
    line.pass_day("320")
    line.pass_day("20", restated={0: "0.0625"})
    assert short(webhook.texts) == ["P1 AWS cost spike", "✏️ Withdrawn"]
    line.pass_day("20", restated={0: "16"})
    assert short(webhook.texts[2:]) == ["🆕 Open again"]
    assert "The days were judged again, and it stands after all: +$300.00 in all" in webhook.texts[2]


def test_a_bot_that_became_a_webhook_sends_the_news_as_a_message(line: Timeline, note: Item) -> None:
    webhook = Webhook()
    line.pipeline.send(note, line.run(), sender=webhook)  # type: ignore[arg-type]
    assert short(webhook.texts) == ["📈 Grew to +$600.00"]


def test_incidents_of_a_digest_are_gone_on_with_in_its_thread(over: Over) -> None:
    line = begin(over, sections={"alerts": {"channel": "C0COSTS", "max_items": 1}})
    costs = {(PROD, "S3"): "320", (PROD, "EC2"): "900"}
    line.pass_day(costs)
    digest = line.pipeline.messages[1]
    line.pass_day(costs)
    line.pass_day(restated={0: "0.0625", 1: "0.0625"})
    threads = {message["text"].split(":")[0]: message["thread_ts"] for message in line.pipeline.messages[2:]}
    assert threads["✏️ Withdrawn"] == digest["ts"]
    assert line.pipeline.messages[1]["blocks"] == digest["blocks"], "it tells of others too"
