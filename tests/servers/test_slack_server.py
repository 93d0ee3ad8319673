"""The local Slack, called by the real slack_sdk clients."""

import http.client
import json

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.webhook import WebhookClient

from demo.servers.slack import SlackServer
from tests.servers.slack_posts import METADATA, bot_of, history, post, refused, section


def test_a_posted_message_is_in_the_channel(bot: WebClient, slack: SlackServer) -> None:
    blocks = [section("*hi*")]
    answer = bot.chat_postMessage(channel="#cost-alerts", text="hello", blocks=blocks, metadata=METADATA)

    (message,) = slack.messages("cost-alerts")
    assert answer["channel"] == "C0COSTS"
    assert answer["ts"] == message["ts"]
    assert (message["text"], message["blocks"], message["metadata"]) == ("hello", blocks, METADATA)
    assert slack.messages("C0OTHER") == []


def test_json_in_strings_is_decoded(bot: WebClient, slack: SlackServer) -> None:
    arguments = {
        "channel": "C0COSTS",
        "blocks": json.dumps([section("hi")]),
        "metadata": json.dumps(METADATA),
    }
    bot.api_call("chat.postMessage", json=arguments)
    bot.api_call("chat.postMessage", data=arguments)

    assert [m["blocks"] for m in slack.messages()] == [[section("hi")]] * 2
    assert [m["metadata"] for m in slack.messages()] == [METADATA] * 2


def test_timestamps_are_different_and_grow(bot: WebClient) -> None:
    stamps = [post(bot) for _ in range(5)]
    assert sorted(set(stamps), key=float) == stamps


def test_history_is_newest_first_and_shows_metadata_on_request(bot: WebClient) -> None:
    first, second = post(bot, metadata=METADATA), post(bot)

    assert [m["ts"] for m in history(bot)] == [second, first]
    assert all("metadata" not in m for m in history(bot))
    assert history(bot, include_all_metadata=True)[1]["metadata"] == METADATA


def test_history_keeps_to_its_period_and_excludes_the_ends_unless_told(bot: WebClient) -> None:
    first, second, third = (post(bot) for _ in range(3))

    assert [m["ts"] for m in history(bot, oldest=first)] == [third, second]
    assert [m["ts"] for m in history(bot, latest=third)] == [second, first]
    assert [m["ts"] for m in history(bot, oldest=first, latest=third)] == [second]
    assert [m["ts"] for m in history(bot, oldest=first, latest=second, inclusive=True)] == [second, first]


def test_history_comes_in_pages(bot: WebClient) -> None:
    stamps = [post(bot) for _ in range(5)]
    found, cursor = [], None
    while cursor != "":
        answer = bot.conversations_history(channel="C0COSTS", limit=2, cursor=cursor)
        found += [m["ts"] for m in answer["messages"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert found == stamps[::-1]


def test_a_reply_is_in_its_thread_and_not_in_the_history(bot: WebClient) -> None:
    parent = post(bot, "parent")
    reply = post(bot, "reply", thread_ts=parent, metadata=METADATA)
    post(bot, "another")

    assert [m["text"] for m in history(bot)] == ["another", "parent"]
    assert history(bot)[1]["reply_count"] == 1
    thread = bot.conversations_replies(channel="C0COSTS", ts=parent, include_all_metadata=True)["messages"]
    assert [m["ts"] for m in thread] == [parent, reply]
    assert thread[1]["metadata"] == METADATA


def test_an_update_changes_the_message_and_nothing_else(bot: WebClient, slack: SlackServer) -> None:
    ts = post(bot, "before", metadata=METADATA)
    bot.chat_update(channel="C0COSTS", ts=ts, text="after")

    (message,) = slack.messages()
    assert (message["ts"], message["text"], message["metadata"]) == (ts, "after", METADATA)
    assert "edited" in message
    with pytest.raises(SlackApiError) as error:
        bot.chat_update(channel="C0COSTS", ts="1.0", text="after")
    assert refused(error) == "message_not_found"


def test_who_am_i_where_is_it_and_which_channels(bot: WebClient) -> None:
    ts = post(bot)
    link = bot.chat_getPermalink(channel="C0COSTS", message_ts=ts)["permalink"]
    first = bot.conversations_list(limit=1)

    assert bot.auth_test()["user_id"] == "U0BOT"
    assert bot.auth_test().headers["x-oauth-scopes"] == "channels:history,channels:read,chat:write"
    assert link.endswith(f"/archives/C0COSTS/p{ts.replace('.', '')}")
    assert [c["id"] for page in first for c in page["channels"]] == ["C0COSTS", "C0OTHER"]


def test_a_webhook_posts_to_the_first_channel(slack: SlackServer) -> None:
    answer = WebhookClient(slack.webhook_url, retry_handlers=[]).send(text="hi", blocks=[section("hi")])
    assert (answer.status_code, answer.body) == (200, "ok")
    assert [m["text"] for m in slack.messages()] == ["hi"]

    unknown = WebhookClient(f"{slack.url}/services/T0/B0/NO", retry_handlers=[]).send(text="hi")
    empty = WebhookClient(slack.webhook_url, retry_handlers=[]).send(text="")
    assert (unknown.status_code, unknown.body) == (404, "no_service")
    assert (empty.status_code, empty.body) == (400, "no_text")


@pytest.mark.parametrize(
    ("token", "error"),
    [pytest.param("", "not_authed", id="none"), pytest.param("xoxb-no", "invalid_auth", id="wrong")],
)
def test_a_token_is_needed(slack: SlackServer, token: str, error: str) -> None:
    with pytest.raises(SlackApiError) as raised:
        bot_of(slack, token).auth_test()
    assert refused(raised) == error


def test_a_missing_scope_is_named(slack: SlackServer, bot: WebClient) -> None:
    slack.scopes = {"chat:write"}
    post(bot)
    with pytest.raises(SlackApiError) as raised:
        history(bot)
    assert refused(raised) == "missing_scope"
    assert (raised.value.response["needed"], raised.value.response["provided"]) == (
        "channels:history",
        "chat:write",
    )


def test_a_channel_must_exist_be_open_and_have_the_bot_in_it(slack: SlackServer, bot: WebClient) -> None:
    def attempt(channel: str) -> str:
        with pytest.raises(SlackApiError) as raised:
            bot.chat_postMessage(channel=channel, text="hello")
        return refused(raised)

    assert attempt("#nowhere") == "channel_not_found"
    slack.channel("other").is_member = False
    assert attempt("other") == "not_in_channel"
    slack.channel("C0COSTS").is_archived = True
    assert attempt("C0COSTS") == "is_archived"
    with pytest.raises(SlackApiError) as raised:
        bot.conversations_history(channel="#cost-alerts")
    assert refused(raised) == "channel_not_found"


def test_a_rate_limit_says_when_to_come_back(bot: WebClient, slack: SlackServer) -> None:
    slack.faults.push("429", method="chat.postMessage", retry_after=3)
    bot.auth_test()
    with pytest.raises(SlackApiError) as raised:
        post(bot)
    assert (raised.value.response.status_code, raised.value.response.headers["Retry-After"]) == (429, "3")
    assert refused(raised) == "ratelimited"
    assert slack.messages() == []


def test_a_refusal_can_be_ordered(bot: WebClient, slack: SlackServer) -> None:
    slack.faults.push("error", error="account_inactive")
    with pytest.raises(SlackApiError) as raised:
        post(bot)
    assert refused(raised) == "account_inactive"


@pytest.mark.parametrize(
    ("fault", "error", "posted"),
    [
        pytest.param("reset", http.client.RemoteDisconnected, 0, id="closed before the effect"),
        pytest.param("answer_lost", http.client.RemoteDisconnected, 1, id="posted, then closed"),
        pytest.param("hang", TimeoutError, 0, id="no answer in time"),
        pytest.param("posted_then_hang", TimeoutError, 1, id="posted, then no answer in time"),
        pytest.param("500", SlackApiError, 0, id="500"),
        pytest.param("malformed", SlackApiError, 1, id="broken answer"),
    ],
)
def test_a_fault_tells_nothing_about_whether_the_message_is_there(
    slack: SlackServer, bot: WebClient, fault: str, error: type[Exception], posted: int
) -> None:
    slack.faults.push(fault, method="chat.postMessage")
    with pytest.raises(error):
        post(bot)
    assert len(slack.messages()) == posted


def test_a_blind_retry_after_a_lost_answer_posts_twice(slack: SlackServer, bot: WebClient) -> None:
    slack.faults.push("answer_lost")
    at_once = FixedValueRetryIntervalCalculator(fixed_internal=0.0)
    bot.retry_handlers = [ConnectionErrorRetryHandler(1, at_once)]
    post(bot)
    assert len(slack.messages()) == 2
    assert len(slack.calls("chat.postMessage")) == 2
