"""The ways to Slack through the provider's hooks and operator, as a deployment has them."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState

from costspike.domain.errors import UpstreamError
from costspike.operators import ShortRateLimitHandler, SpikeAlertOperator
from costspike.rendering.message import Message
from costspike.settings import Settings
from costspike.slack_senders import ApiSender, WebhookSender, _webhook, sender_for
from costspike.usecases.sender import Posted, Sender
from demo.servers.slack import SlackServer
from tests.servers.slack_posts import CHANNELS, TOKEN, chart, section

pytestmark = pytest.mark.enable_socket

AGES_AGO = datetime(2026, 1, 1, tzinfo=UTC)
LEAK = "{{ conn.slack_api_default.password }} {{ var.value.secret }} {% for x in y %}"


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer(tokens={TOKEN}, channels=CHANNELS) as running:
        yield running


@pytest.fixture
def bot(server: SlackServer, monkeypatch: pytest.MonkeyPatch) -> Sender:
    return bot_of(server, monkeypatch)


def bot_of(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch, token: str = TOKEN, timeout: int = 1
) -> Sender:
    connection = {"conn_type": "slack", "password": token, "extra": {"base_url": server.api_url}}
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_API_DEFAULT", json.dumps(connection))
    settings = Settings()
    alerts = settings.alerts.model_copy(update={"timeout_seconds": timeout})
    sender = sender_for(settings.model_copy(update={"alerts": alerts}))
    assert isinstance(sender, ApiSender)
    return sender


def message(text: str = "an alert", key: str = "k1") -> Message:
    metadata = {"event_type": "costspike_alert", "event_payload": {"message_key": key}}
    return Message(text=text, blocks=[section(text), chart()], metadata=metadata)


def test_a_message_arrives_as_it_was_rendered(server: SlackServer, bot: Sender) -> None:
    posted = bot.post("#cost-alerts", message())
    (arrived,) = server.messages()
    assert posted == Posted(channel="C0COSTS", ts=arrived["ts"])
    assert (arrived["text"], arrived["blocks"]) == ("an alert", message().blocks)
    (call,) = server.calls("chat.postMessage")
    assert set(call) == {"channel", "text", "blocks", "metadata", "unfurl_links", "unfurl_media"}


def test_templates_in_a_message_are_never_rendered(server: SlackServer, bot: Sender) -> None:
    bot.post("C0COSTS", message(LEAK))
    (arrived,) = server.messages()
    assert arrived["text"] == LEAK
    assert SpikeAlertOperator.template_fields == ()


def test_an_operator_without_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="without a text cannot be sent"):
        SpikeAlertOperator(task_id="post", payload={"channel": "C0COSTS", "text": ""}, timeout=1)


def test_a_message_is_found_by_its_key(bot: Sender) -> None:
    posted = bot.post("#cost-alerts", message())
    assert bot.find("#cost-alerts", "k1", AGES_AGO) == posted
    assert bot.find("C0COSTS", "k2", AGES_AGO) is None


def test_a_lost_answer_is_not_repeated_by_the_sdk(server: SlackServer, bot: Sender) -> None:
    server.faults.push("answer_lost", method="chat.postMessage")
    with pytest.raises(UpstreamError) as lost:
        bot.post("C0COSTS", message())
    assert lost.value.reason == "unknown_outcome"
    assert (len(server.calls("chat.postMessage")), len(server.messages())) == (1, 1)


def test_a_server_error_is_not_repeated_by_the_sdk(server: SlackServer, bot: Sender) -> None:
    server.faults.push("500", method="chat.postMessage")
    with pytest.raises(UpstreamError) as failed:
        bot.post("C0COSTS", message())
    assert failed.value.reason == "unknown_outcome"
    assert len(server.calls("chat.postMessage")) == 1


def test_silence_ends_after_the_timeout_of_the_settings(server: SlackServer, bot: Sender) -> None:
    server.faults.push("hang", seconds=30)
    began = time.monotonic()
    with pytest.raises(UpstreamError):
        bot.post("C0COSTS", message())
    assert time.monotonic() - began < 5
    assert len(server.calls("chat.postMessage")) == 1


@pytest.mark.parametrize("asked", ["0", "1"])
def test_a_short_rate_limit_is_waited_out(server: SlackServer, bot: Sender, asked: str) -> None:
    server.faults.push("429", retry_after=asked)
    bot.post("C0COSTS", message())
    assert (len(server.calls("chat.postMessage")), len(server.messages())) == (2, 1)


def test_a_rate_limit_of_an_hour_does_not_hold_the_worker(server: SlackServer, bot: Sender) -> None:
    server.faults.push("429", times=9, retry_after=3600)
    began = time.monotonic()
    with pytest.raises(UpstreamError) as limited:
        bot.post("C0COSTS", message())
    with pytest.raises(UpstreamError):
        bot.find("C0COSTS", "k1", AGES_AGO)
    assert time.monotonic() - began < 5
    assert (limited.value.reason, limited.value.retryable, limited.value.retry_after) == (
        "rate_limited",
        True,
        3600,
    )
    assert len(server.requests) == 2


def test_a_rate_limit_that_comes_again_is_left_to_airflow(server: SlackServer, bot: Sender) -> None:
    server.faults.push("429", times=9, retry_after=0)
    with pytest.raises(UpstreamError) as limited:
        bot.post("C0COSTS", message())
    assert limited.value.reason == "rate_limited"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": ["7"]}, [7.0]),
        ({"retry-after": ["3"]}, [3.0]),
        ({}, [1.0]),
        ({"Retry-After": ["soon"]}, [1.0]),
    ],
)
def test_the_wait_is_what_slack_asks_for(headers: dict[str, str | list[str]], waited: list[float]) -> None:
    slept: list[float] = []
    handler, state = ShortRateLimitHandler(20, sleep=slept.append), RetryState()
    request = HttpRequest(method="POST", url="", headers={})
    response = HttpResponse(status_code=429, headers=headers)
    assert handler.can_retry(state=state, request=request, response=response)
    handler.prepare_for_next_attempt(state=state, request=request, response=response)
    assert slept == waited
    assert not handler.can_retry(state=state, request=request, response=response)


def test_a_wrong_token_takes_one_request_and_the_connection_is_named(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UpstreamError, match=r"invalid_auth.*'slack_api_default'") as refused:
        bot_of(server, monkeypatch, token="xoxb-wrong").post("C0COSTS", message())
    assert (refused.value.retryable, len(server.requests)) == (False, 1)
    assert "xoxb" not in str(refused.value)


def test_a_connection_without_a_token_is_named_and_not_tried_again(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        UpstreamError, match="connection 'slack_api_default' for Slack cannot be used"
    ) as refused:
        bot_of(server, monkeypatch, token="").post("C0COSTS", message())
    assert (refused.value.reason, refused.value.retryable) == ("auth", False)
    assert server.requests == []


@pytest.fixture
def webhook(server: SlackServer, monkeypatch: pytest.MonkeyPatch) -> Sender:
    return webhook_of(server.webhook_url, monkeypatch)


def webhook_of(url: str, monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SLACK_DEFAULT", json.dumps({"conn_type": "slackwebhook", "password": url})
    )
    # The choice of the way is tested with the DAG: outside of a task an absent connection needs a database.
    return WebhookSender(_webhook("slack_default", 1))


def test_a_webhook_posts_to_its_own_channel_and_tells_nothing(server: SlackServer, webhook: Sender) -> None:
    assert webhook.post("#ignored", message(LEAK)) == Posted(channel="", ts="")
    (arrived,) = server.messages("C0COSTS")
    assert arrived["text"] == LEAK
    assert "metadata" not in server.calls("webhook")[0]
    assert not webhook.can_find
    assert webhook.find("#ignored", "k1", AGES_AGO) is None


@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("answer_lost", {}, "unknown_outcome"),
        ("hang", {"seconds": 30}, "unknown_outcome"),
        ("500", {}, "unknown_outcome"),
        ("429", {"retry_after": 3600}, "rate_limited"),
    ],
)
def test_what_waiting_heals_at_a_webhook_is_left_to_airflow(
    server: SlackServer, webhook: Sender, fault: str, options: dict[str, Any], reason: str
) -> None:
    server.faults.push(fault, **options)
    with pytest.raises(UpstreamError) as failed:
        webhook.post("", message())
    assert (failed.value.reason, failed.value.retryable) == (reason, True)
    assert len(server.calls("webhook")) == 1


@pytest.mark.parametrize("error", ["invalid_blocks", "channel_is_archived"])
def test_a_refusal_of_a_webhook_is_final_and_names_the_connection(
    server: SlackServer, webhook: Sender, error: str
) -> None:
    server.faults.push("error", error=error)
    with pytest.raises(UpstreamError, match=rf"'slack_default'.*{error}") as refused:
        webhook.post("", message())
    assert (refused.value.reason, refused.value.retryable) == ("bad_request", False)
    assert len(server.calls("webhook")) == 1


def test_a_webhook_that_does_not_exist_is_named_without_its_secret(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UpstreamError, match=r"'slack_default' refused") as refused:
        webhook_of(f"{server.url}/services/T0/B0/SECRET", monkeypatch).post("", message())
    assert not refused.value.retryable
    assert "SECRET" not in str(refused.value)


def test_an_answer_and_a_change_go_through_the_providers_hook(server: SlackServer, bot: Sender) -> None:
    first = bot.post("#cost-alerts", message())
    answer = bot.reply(first, message(LEAK, "k2"))
    bot.update(first, message("resolved"))
    changed, reply = server.messages()
    assert (changed["text"], reply["text"], reply["thread_ts"]) == ("resolved", LEAK, first.ts)
    assert changed["blocks"] == message("resolved").blocks
    assert bot.find_reply(first, "k2", AGES_AGO) == answer
    assert bot.find_reply(first, "k1", AGES_AGO) == first, "a thread begins with its first message"
    assert bot.find_reply(first, "k3", AGES_AGO) is None


def test_a_webhook_answers_with_a_message_of_its_own(
    server: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SLACK_DEFAULT",
        json.dumps({"conn_type": "slackwebhook", "password": server.webhook_url}),
    )
    webhook = WebhookSender(_webhook("slack_default", 1))
    nowhere = Posted(channel="", ts="")
    assert webhook.reply(nowhere, message()) == nowhere
    webhook.update(nowhere, message("resolved"))
    (posted,) = server.messages()
    assert (posted["text"], "thread_ts" in posted) == ("an alert", False)
    assert webhook.find_reply(nowhere, "k1", AGES_AGO) is None
