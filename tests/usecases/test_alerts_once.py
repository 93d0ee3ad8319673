"""An alert is never lost and never doubled: every way in which sending can go wrong, against a real Slack protocol."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from costspike.usecases.sender import Posted
from tests.at_once import at_once
from tests.usecases.pipeline import PROD, TODAY, YESTERDAY, Pipeline, steady_world, with_settings

ONE_DAY = timedelta(days=1)
SPIKE = {(YESTERDAY, "S3"): "320"}


@pytest.fixture
def day(over) -> Pipeline:
    made: Pipeline = over(steady_world(spikes=SPIKE))
    made.land()
    return made


def states(day: Pipeline) -> list[str]:
    return [state for (state,) in day.rows("SELECT x_state FROM spike_alerts ORDER BY spike_id")]


@pytest.mark.parametrize("fault", ["answer_lost", "posted_then_hang", "malformed"])
def test_a_lost_answer_is_found_again_not_posted_again(day, fault):
    (item,) = day.detect()
    day.slack_server.faults.push(fault, method="chat.postMessage")

    with pytest.raises(UpstreamError) as lost:
        day.send(item)
    assert lost.value.reason == "unknown_outcome"
    assert lost.value.retryable
    assert states(day) == ["claimed"]

    done = day.send(item)

    assert len(day.messages) == 1
    assert states(day) == ["sent"]
    assert done["ts"] == day.messages[0]["ts"]


@pytest.mark.parametrize("fault", ["reset", "500", "hang"])
def test_what_did_not_arrive_is_sent_by_the_next_try(day, fault):
    (item,) = day.detect()
    day.slack_server.faults.push(fault, method="chat.postMessage")

    with pytest.raises(UpstreamError):
        day.send(item)
    day.send(item)

    assert len(day.messages) == 1


class DiesAfterPosting:
    """A sender whose process is killed between Slack's answer and our record of it."""

    can_find = True

    def __init__(self, sender):
        self._sender = sender

    def post(self, channel, message):
        self._sender.post(channel, message)
        raise KeyboardInterrupt

    def find(self, *args):
        return self._sender.find(*args)


def test_a_kill_between_post_and_record_does_not_double(day):
    (item,) = day.detect()
    with pytest.raises(KeyboardInterrupt):
        day.send(item, sender=DiesAfterPosting(day.sender))

    assert day.send(item)["state"] == "already_sent"
    assert len(day.messages) == 1


def test_another_run_takes_over_a_claim_that_was_left_behind(day):
    (item,) = day.detect()
    with pytest.raises(KeyboardInterrupt):
        day.send(item, sender=DiesAfterPosting(day.sender))
    other = day.run(run_id="manual__other")

    day.send(item, other)

    assert sum(day.clock.slept) >= 1  # it waited until the claim was surely abandoned
    assert len(day.messages) == 1
    assert states(day) == ["sent"]


def test_two_runs_at_once_send_one_message(day):
    (item,) = day.detect()
    runs = [day.run(run_id=f"run {n}") for n in range(4)]

    def send(run):
        try:
            return day.send(item, run)["state"]
        except UpstreamError as error:
            return error.reason

    outcomes = at_once([partial(send, run) for run in runs])

    assert len(day.messages) == 1
    assert outcomes.count("sent") == 1
    assert [type(outcome) for outcome in outcomes] == [str] * 4


def test_history_that_may_not_be_read_makes_a_possible_repeat_not_a_lost_alert(day):
    (item,) = day.detect()
    day.slack_server.scopes = {"chat:write"}
    day.slack_server.faults.push("reset", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        day.send(item)

    day.send(item)

    (message,) = day.messages
    assert message["text"].startswith("(possible repeat)")


def test_a_rate_limit_is_no_unknown_outcome(day):
    (item,) = day.detect()
    day.slack_server.faults.push("429", method="chat.postMessage", retry_after=3600)

    with pytest.raises(UpstreamError) as limited:
        day.send(item)

    assert (limited.value.reason, limited.value.retry_after) == ("rate_limited", 3600)
    assert states(day) == ["pending"]


@pytest.mark.parametrize(
    ("error", "named"),
    [
        ("invalid_auth", "slack_api_default"),
        ("channel_not_found", "alerts.channel"),
        ("not_in_channel", "Invite"),
    ],
)
def test_a_refusal_is_one_request_and_says_what_to_do(day, error, named):
    (item,) = day.detect()
    day.slack_server.faults.push("error", method="chat.postMessage", error=error)

    with pytest.raises(UpstreamError, match=named) as refused:
        day.send(item)

    assert not refused.value.retryable
    assert len(day.slack_server.calls("chat.postMessage")) == 1
    assert states(day) == ["pending"]


def test_blocks_that_a_workspace_does_not_take_go_out_plainer(day):
    (item,) = day.detect()
    day.slack_server.faults.push("error", method="chat.postMessage", error="invalid_blocks")

    day.send(item)

    (message,) = day.messages
    assert "data_visualization" not in {block["type"] for block in message["blocks"]}


def test_without_slack_the_alert_is_kept_and_goes_out_when_slack_comes(day, over):
    (item,) = day.detect()
    slack, day.sender = day.sender, None

    assert day.send(item)["state"] == "previewed"
    assert states(day) == ["pending"]

    day.sender = slack
    day.clock.pass_by(days=1)
    day.world.today = TODAY + ONE_DAY
    (again,) = day.detect(day.run(TODAY))
    assert again["message_key"] == item["message_key"]
    day.send(again)
    assert len(day.messages) == 1


class Webhook:
    """A webhook tells nothing back."""

    can_find = False

    def __init__(self):
        self.posted = []

    def post(self, channel, message):
        self.posted.append(message)
        return Posted(channel="", ts="")

    def find(self, channel, message_key, since):
        return None


def test_a_webhook_sends_once_when_all_goes_well(day):
    (item,) = day.detect()
    webhook = Webhook()

    day.send(item, sender=webhook)
    day.send(item, sender=webhook)

    assert len(webhook.posted) == 1


def many_spikes(over, max_items: int) -> Pipeline:
    spikes = {(YESTERDAY, service): "900" for service in ("EC2", "S3")}
    rows = list(steady_world(spikes=spikes).rows())
    rows += [
        row._replace(account_id=f"{n:012d}") for n in range(3, 6) for row in rows if row.account_id == PROD
    ]
    world = steady_world()
    world.set_rows(rows)
    made: Pipeline = over(
        world, settings=with_settings(alerts={"channel": "C0COSTS", "max_items": max_items})
    )
    made.land()
    return made


def parents(day: Pipeline) -> list[Any]:
    """Return the messages that are no answers in a thread."""
    return [one for one in day.messages if one.get("thread_ts", one["ts"]) == one["ts"]]


def test_spikes_beyond_the_limit_share_one_digest(over):
    day = many_spikes(over, max_items=3)

    items = day.detect()

    assert [len(item["spike_ids"]) for item in items] == [1, 1, 1, 5]
    for item in items:
        day.send(item)
    assert len(parents(day)) == 4
    assert len(day.messages) == 4 + 5  # the details of the digest, in its thread
    assert set(states(day)) == {"sent"}
    assert day.detect() == items  # the same list, in the same order, after all was sent
    for item in items:
        day.send(item)
    assert len(parents(day)) == 4
    assert len(day.messages) == 4 + 5  # the details of the digest, in its thread


def test_a_digest_whose_answer_was_lost_is_found_again(over):
    day = many_spikes(over, max_items=1)
    digest = day.detect()[-1]
    day.slack_server.faults.push("answer_lost", method="chat.postMessage")
    with pytest.raises(UpstreamError):
        day.send(digest)

    again = next(item for item in day.detect() if item["message_key"] == digest["message_key"])
    day.send(again)

    assert len(parents(day)) == 1


def test_a_backfill_of_old_days_is_silent_and_stores_its_verdicts(over):
    old = TODAY - 30 * ONE_DAY
    day = over(steady_world(days=120, spikes={(old, "S3"): "320"}))

    assert day.whole_day(day.run(old, run_type="backfill")) == []
    assert day.messages == []
    assert day.rows("SELECT COUNT(*) FROM cost_spikes") == [(1,)]
    assert day.rows("SELECT COUNT(*) FROM spike_alerts") == [(0,)]


def test_a_backfill_alerts_when_it_is_asked_to(over):
    old = TODAY - 30 * ONE_DAY
    loud = with_settings(alerts={"channel": "C0COSTS", "in_backfill": True})
    day = over(steady_world(days=120, spikes={(old, "S3"): "320"}), settings=loud)

    day.whole_day(day.run(old, run_type="backfill"))

    assert len(day.messages) == 1


def test_a_backfill_alerts_for_young_days(over):
    day = over(steady_world(spikes=SPIKE))

    day.whole_day(day.run(YESTERDAY, run_type="backfill"))

    assert len(day.messages) == 1


def test_a_spike_that_is_withdrawn_before_anybody_was_told_is_not_sent(day):
    (item,) = day.detect()
    day.world.restate(YESTERDAY, PROD, "S3", Decimal("0.0625"))
    day.clock.pass_by(hours=1)
    day.land()
    assert day.detect() == []

    assert day.send(item)["state"] in {"already_sent", "withdrawn"}
    assert day.messages == []
