"""The Slack adapter over slack_sdk and HTTP: what is known after every kind of answer."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from costspike.adapters.slack import SlackChannels
from costspike.domain.errors import UpstreamError
from demo.servers.slack import SlackServer
from tests.servers.slack_posts import CHANNELS, TOKEN

pytestmark = pytest.mark.enable_socket

EVENT = "costspike_alert"
AGES_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer(tokens={TOKEN}, channels=CHANNELS) as running:
        yield running


def channels(server: SlackServer, *, token: str = TOKEN, url: str = "") -> SlackChannels:
    client = WebClient(token, base_url=url or server.api_url, timeout=1, retry_handlers=[])

    def post(payload: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.api_call("chat.postMessage", json=dict(payload)).data  # type: ignore[assignment]
        return answer

    def call(method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.api_call(method, http_verb="GET", params=dict(parameters)).data  # type: ignore[assignment]
        return answer

    def change(payload: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.api_call("chat.update", json=dict(payload)).data  # type: ignore[assignment]
        return answer

    return SlackChannels(post, call, change, conn_id="slack_of_the_test")


def message(key: str = "k1") -> dict[str, Any]:
    return {"text": f"alert {key}", "metadata": {"event_type": EVENT, "event_payload": {"message_key": key}}}


@pytest.mark.parametrize("channel", ["C0COSTS", "#cost-alerts", "cost-alerts"])
def test_a_posted_message_is_found_by_its_key(server: SlackServer, channel: str) -> None:
    slack = channels(server)
    where = slack.post(channel, message())
    assert where == ("C0COSTS", server.messages()[0]["ts"])
    assert slack.find(channel, EVENT, "k1", AGES_AGO) == where
    assert slack.find(channel, EVENT, "k2", AGES_AGO) is None
    assert slack.find(channel, "another_app", "k1", AGES_AGO) is None


def test_a_message_is_looked_for_no_further_back_than_asked(server: SlackServer) -> None:
    slack = channels(server)
    slack.post("C0COSTS", message())
    assert slack.find("C0COSTS", EVENT, "k1", datetime.now(UTC) + timedelta(minutes=1)) is None


def test_a_message_is_found_behind_many_others(server: SlackServer) -> None:
    slack = channels(server)
    where = slack.post("C0COSTS", message())
    for number in range(450):
        server.store.post(server.channel("C0COSTS"), {"text": f"chatter {number}"})
    assert slack.find("C0COSTS", EVENT, "k1", AGES_AGO) == where
    assert len(server.calls("conversations.history")) == 3


def test_the_id_of_a_channel_is_found_among_many(server: SlackServer) -> None:
    with SlackServer(channels={f"C{n:09}": f"channel-{n}" for n in range(450)}) as large:
        slack = channels(large)
        slack.post("#channel-449", message())
        assert slack.find("#channel-449", EVENT, "k1", AGES_AGO) == (
            "C000000449",
            large.messages("channel-449")[0]["ts"],
        )


REFUSED = [
    ("invalid_auth", "auth", "Correct the token of the connection 'slack_of_the_test'"),
    ("account_inactive", "auth", "slack_of_the_test"),
    ("token_revoked", "auth", "slack_of_the_test"),
    ("not_in_channel", "bad_request", "Invite the app"),
    ("is_archived", "bad_request", "not archived"),
    ("channel_not_found", "bad_request", "alerts.channel"),
    ("invalid_blocks", "bad_request", "invalid_blocks"),
    ("msg_too_long", "bad_request", "msg_too_long"),
]


@pytest.mark.parametrize(("code", "reason", "told"), REFUSED)
def test_a_refusal_is_final_known_and_takes_one_request(
    server: SlackServer, code: str, reason: str, told: str
) -> None:
    server.faults.push("error", error=code)
    with pytest.raises(UpstreamError, match=told) as refused:
        channels(server).post("C0COSTS", message())
    assert (refused.value.reason, refused.value.retryable, refused.value.system) == (reason, False, "Slack")
    assert code in str(refused.value)
    assert len(server.requests) == 1


def test_a_wrong_token_is_tried_once_and_is_in_no_error(server: SlackServer) -> None:
    with pytest.raises(UpstreamError, match=r"invalid_auth.*'slack_of_the_test'") as refused:
        channels(server, token="xoxb-secret-and-wrong").post("C0COSTS", message())
    assert "xoxb" not in str(refused.value)
    assert (refused.value.retryable, len(server.requests)) == (False, 1)


def test_a_wrong_token_is_not_tried_again_to_look_for_a_message(server: SlackServer) -> None:
    with pytest.raises(UpstreamError, match=r"invalid_auth.*'slack_of_the_test'"):
        channels(server, token="xoxb-secret-and-wrong").find("#cost-alerts", EVENT, "k1", AGES_AGO)
    assert len(server.requests) == 1


def test_a_missing_scope_is_named() -> None:
    with SlackServer(channels=CHANNELS, scopes={"chat:write"}) as server:
        slack = channels(server)
        slack.post("C0COSTS", message())
        with pytest.raises(
            UpstreamError, match=r"\(needed: channels:history\).*Give the app the scopes"
        ) as read:
            slack.find("C0COSTS", EVENT, "k1", AGES_AGO)
        server.scopes = {"channels:history"}
        with pytest.raises(UpstreamError, match=r"\(needed: chat:write\).*Give the app the scopes") as write:
            slack.post("C0COSTS", message())
    assert (
        (read.value.reason, read.value.retryable)
        == (write.value.reason, write.value.retryable)
        == ("auth", False)
    )


@pytest.mark.parametrize("fault", ["answer_lost", "posted_then_hang"])
def test_a_lost_answer_leaves_the_outcome_unknown_and_posts_once(server: SlackServer, fault: str) -> None:
    slack = channels(server)
    server.faults.push(fault, method="chat.postMessage", seconds=30)
    with pytest.raises(UpstreamError, match="looked for before it is sent again") as lost:
        slack.post("C0COSTS", message())
    assert (lost.value.reason, lost.value.retryable) == ("unknown_outcome", True)
    assert len(server.messages()) == 1
    assert slack.find("C0COSTS", EVENT, "k1", AGES_AGO) is not None


@pytest.mark.parametrize("fault", ["hang", "reset", "500", "malformed"])
def test_no_verdict_is_an_unknown_outcome_of_a_post(server: SlackServer, fault: str) -> None:
    server.faults.push(fault, method="chat.postMessage", seconds=30)
    with pytest.raises(UpstreamError) as lost:
        channels(server).post("C0COSTS", message())
    assert (lost.value.reason, lost.value.retryable) == ("unknown_outcome", True)
    assert len(server.calls("chat.postMessage")) == 1


@pytest.mark.parametrize("fault", ["hang", "reset", "500", "malformed", "answer_lost"])
def test_a_search_without_a_verdict_can_be_tried_again(server: SlackServer, fault: str) -> None:
    server.faults.push(fault, method="conversations.history", seconds=30)
    with pytest.raises(UpstreamError) as lost:
        channels(server).find("C0COSTS", EVENT, "k1", AGES_AGO)
    assert (lost.value.reason, lost.value.retryable) == ("unavailable", True)


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable"])
def test_what_slack_says_may_heal_is_tried_again(server: SlackServer, code: str) -> None:
    server.faults.push("error", error=code)
    with pytest.raises(UpstreamError) as failed:
        channels(server).post("C0COSTS", message())
    assert failed.value.retryable


def test_a_rate_limit_is_known_not_to_have_posted(server: SlackServer) -> None:
    server.faults.push("429", retry_after=3600)
    with pytest.raises(UpstreamError, match="limits the rate of the app of 'slack_of_the_test'") as limited:
        channels(server).post("C0COSTS", message())
    assert (limited.value.reason, limited.value.retryable, limited.value.retry_after) == (
        "rate_limited",
        True,
        3600,
    )


def test_nobody_listens_so_nothing_was_posted() -> None:
    with SlackServer(channels=CHANNELS) as server:
        slack = channels(server)
    with pytest.raises(UpstreamError) as gone:
        slack.post("C0COSTS", message())
    assert (gone.value.reason, gone.value.retryable) == ("unavailable", True)


def test_an_address_that_is_not_slacks_is_not_tried_again(server: SlackServer) -> None:
    with SlackServer(channels=CHANNELS) as other, pytest.raises(UpstreamError) as wrong:
        channels(server, url=f"{other.url}/not/the/api/").post("C0COSTS", message())
    assert (wrong.value.reason, wrong.value.retryable) == ("bad_request", False)
    assert "'slack_of_the_test'" in str(wrong.value)


def test_an_answer_is_found_in_its_thread_and_nowhere_else(server: SlackServer) -> None:
    slack = channels(server)
    channel, ts = slack.post("#cost-alerts", message())
    where = slack.post(channel, {**message("k2"), "thread_ts": ts})
    assert slack.find(channel, EVENT, "k2", AGES_AGO, thread_ts=ts) == where
    assert slack.find(channel, EVENT, "k2", AGES_AGO) is None, "history does not hold answers"
    assert slack.find(channel, EVENT, "k3", AGES_AGO, thread_ts=ts) is None


def test_a_message_is_changed_as_often_as_asked(server: SlackServer) -> None:
    slack = channels(server)
    where = slack.post("C0COSTS", message())
    for _ in range(2):
        slack.update(*where, {**message(), "text": "resolved"})
    (changed,) = server.messages()
    assert (changed["text"], changed["ts"]) == ("resolved", where[1])
    assert slack.find("C0COSTS", EVENT, "k1", AGES_AGO) == where, "it keeps its key"


@pytest.mark.parametrize("fault", ["answer_lost", "500", "hang", "malformed", "reset"])
def test_a_change_whose_answer_is_lost_may_be_made_again(server: SlackServer, fault: str) -> None:
    slack = channels(server)
    where = slack.post("C0COSTS", message())
    server.faults.push(fault, method="chat.update")
    with pytest.raises(UpstreamError) as lost:
        slack.update(*where, message())
    assert (lost.value.reason, lost.value.retryable) == ("unavailable", True)


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_message_that_cannot_be_changed_is_not_tried_again(server: SlackServer, error: str) -> None:
    slack = channels(server)
    where = slack.post("C0COSTS", message())
    server.faults.push("error", method="chat.update", error=error)
    with pytest.raises(UpstreamError, match=error) as refused:
        slack.update(*where, message())
    assert not refused.value.retryable


def test_a_thread_that_is_gone_is_named(server: SlackServer) -> None:
    slack = channels(server)
    with pytest.raises(UpstreamError, match="thread_not_found") as gone:
        slack.post("C0COSTS", {**message(), "thread_ts": "1.000001"})
    assert not gone.value.retryable
    with pytest.raises(UpstreamError, match="thread_not_found"):
        slack.find("C0COSTS", EVENT, "k1", AGES_AGO, thread_ts="1.000001")
