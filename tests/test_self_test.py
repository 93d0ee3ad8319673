"""The self-test over the provider's real hooks: each fault of Slack becomes one sentence that says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from costspike.settings import Settings
from costspike.slack_senders import sender_for
from costspike.usecases.self_test import SelfTest, Step, self_test
from demo.servers.slack import SlackServer
from tests.clocks import Clock

pytestmark = pytest.mark.enable_socket

TOKEN = "xoxb-1234567890-secret-of-the-test"
NEW_TOKEN = "Copy the Bot User OAuth Token from api.slack.com/apps > the app > OAuth & Permissions"


@pytest.fixture
def server() -> Iterator[SlackServer]:
    with SlackServer(tokens={TOKEN}, channels={"C0COSTS": "cost-alerts", "C0OTHER": "other"}) as running:
        yield running


@pytest.fixture
def with_bot(server: SlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "slack", "password": TOKEN, "extra": {"base_url": server.api_url}}
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_API_DEFAULT", json.dumps(connection))


@pytest.fixture
def with_webhook(server: SlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"conn_type": "slackwebhook", "password": server.webhook_url}
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_DEFAULT", json.dumps(connection))


def run(*channels: str, clock: Clock | None = None) -> list[Step]:
    base = Settings()
    settings = base.model_copy(update={"alerts": base.alerts.model_copy(update={"timeout_seconds": 1})})
    acting = clock or Clock()
    test = SelfTest(
        conn_id="slack_api_default",
        channels=channels or ("C0COSTS",),
        timeout_seconds=1,
        clock=acting,
        sleep=acting.sleep,
    )
    return self_test(sender_for(settings), test)


def outcomes(steps: list[Step]) -> list[tuple[str, bool]]:
    return [(step.name, step.ok) for step in steps]


def fault_of(steps: list[Step]) -> Step:
    (fault,) = [step for step in steps if not step.ok]
    return fault


@pytest.mark.usefixtures("with_bot")
def test_a_healthy_way_is_walked_to_its_end(server: SlackServer) -> None:
    steps = run()
    assert outcomes(steps) == [
        ("token", True),
        ("scopes", True),
        ("post in C0COSTS", True),
        ("read back from C0COSTS", True),
    ]
    assert "app costspike in the workspace costspike demo" in steps[0].says
    (message,) = server.messages()
    assert message["text"].startswith("TEST: ")
    assert message["blocks"][0]["text"]["text"] == "🧪 TEST · costspike self-test"
    assert message["metadata"]["event_payload"]["message_key"].startswith("self-test-")


@pytest.mark.usefixtures("with_bot")
def test_every_channel_is_tested_whatever_became_of_the_one_before(server: SlackServer) -> None:
    steps = run("#unknown", "#other")
    assert outcomes(steps)[2:] == [
        ("post in #unknown", False),
        ("post in #other", True),
        ("read back from #other", True),
    ]
    assert len(server.messages("C0OTHER")) == 1


@pytest.mark.usefixtures("with_bot")
@pytest.mark.parametrize(
    ("code", "wrong", "todo"),
    [
        ("invalid_auth", "Slack does not know the token of the connection 'slack_api_default'.", NEW_TOKEN),
        ("token_revoked", "The token of the connection 'slack_api_default' was revoked.", NEW_TOKEN),
        ("account_inactive", "belongs to an app or a workspace that was removed.", "Install the app again."),
    ],
)
def test_a_wrong_token_is_named_and_nothing_is_posted(
    server: SlackServer, code: str, wrong: str, todo: str
) -> None:
    server.faults.push("error", method="auth.test", error=code)
    (step,) = run()
    assert (step.name, step.ok) == ("token", False)
    assert wrong in step.says
    assert todo in step.says
    assert server.messages() == []


@pytest.mark.usefixtures("with_bot")
@pytest.mark.parametrize(
    ("code", "wrong", "todo"),
    [
        ("not_in_channel", "The app is no member of the channel C0COSTS.", "Type /invite @costspike there."),
        ("channel_not_found", "There is no channel C0COSTS that the app can see.", "Set alerts.channel to"),
        ("is_archived", "The channel C0COSTS is archived.", "Set alerts.channel to another one"),
        ("missing_scope", "lacks the scope chat:write.", "Bot Token Scopes, and install the app again."),
        ("a_new_word", "Slack refused with a_new_word", ""),
    ],
)
def test_a_refused_message_is_explained(server: SlackServer, code: str, wrong: str, todo: str) -> None:
    server.faults.push("error", method="chat.postMessage", error=code)
    step = fault_of(run())
    assert step.name == "post in C0COSTS"
    assert wrong in step.says
    assert todo in step.says


@pytest.mark.usefixtures("with_bot")
def test_an_app_outside_the_channel_is_told_what_to_type(server: SlackServer) -> None:
    server.channel("C0COSTS").is_member = False
    assert (
        fault_of(run()).says == "The app is no member of the channel C0COSTS. Type /invite @costspike there."
    )


@pytest.mark.usefixtures("with_bot")
def test_an_app_that_may_post_without_being_a_member_cannot_read_back(server: SlackServer) -> None:
    server.faults.push("error", method="conversations.history", error="not_in_channel")
    steps = run()
    assert outcomes(steps)[2:] == [("post in C0COSTS", True), ("read back from C0COSTS", False)]
    assert "/invite @costspike" in steps[-1].says


@pytest.mark.usefixtures("with_bot")
def test_without_the_scope_to_post_nothing_is_tried(server: SlackServer) -> None:
    server.scopes = {"channels:history"}
    step = fault_of(run())
    assert step.name == "scopes"
    assert "lacks the scope chat:write" in step.says
    assert server.calls("chat.postMessage") == []


@pytest.mark.usefixtures("with_bot")
def test_without_the_scope_to_look_up_the_message_is_sent_and_the_scope_named(server: SlackServer) -> None:
    server.scopes = {"chat:write"}
    faults = [step for step in run() if not step.ok]
    assert [step.name for step in faults] == ["scopes", "read back from C0COSTS"]
    assert all("channels:history or groups:history" in step.says for step in faults)
    assert len(server.messages()) == 1


@pytest.mark.usefixtures("with_bot")
@pytest.mark.parametrize("method", ["auth.test", "chat.postMessage"])
def test_a_rate_limit_is_said_with_the_time_to_wait(server: SlackServer, method: str) -> None:
    server.faults.push("429", method=method, retry_after=120)
    assert fault_of(run()).says == (
        "Slack limits the rate of the app. Wait 120 seconds, and trigger the self-test again."
    )


@pytest.mark.usefixtures("with_bot")
@pytest.mark.parametrize("fault", ["hang", "reset", "500"])
def test_a_slack_that_cannot_be_reached_is_a_matter_of_the_network(server: SlackServer, fault: str) -> None:
    server.faults.push(fault, method="auth.test")
    (step,) = run()
    assert "Slack cannot be reached, or did not answer within 1 s." in step.says
    assert "proxy, firewall, the base_url" in step.says


@pytest.mark.usefixtures("with_bot")
def test_a_message_with_an_unknown_outcome_may_be_there(server: SlackServer) -> None:
    server.faults.push("hang", method="chat.postMessage")
    assert "the test message may be in the channel" in fault_of(run()).says


@pytest.mark.usefixtures("with_bot")
def test_a_history_without_the_message_is_looked_at_again_before_it_is_a_fault(server: SlackServer) -> None:
    clock = Clock()
    clock.now = clock.now.replace(year=2099)  # the history is asked for what came after then
    step = fault_of(run(clock=clock))
    assert "does not hold the message" in step.says
    assert clock.slept == [1.0, 1.0]


def test_without_a_connection_that_is_what_is_said() -> None:
    (step,) = run()
    assert (step.name, step.ok) == ("connection", False)
    assert "There is no connection" in step.says


@pytest.mark.usefixtures("with_webhook")
def test_a_webhook_is_posted_to_and_nothing_more(server: SlackServer) -> None:
    assert outcomes(run()) == [("post through the webhook", True)]
    assert server.messages()[0]["text"].startswith("TEST: ")


@pytest.mark.usefixtures("with_webhook")
@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("no_service", "does not exist any more. Make a new one"),
        ("channel_is_archived", "The webhook's channel is archived."),
        ("action_prohibited", "The workspace forbids the webhook"),
    ],
)
def test_a_refused_webhook_is_explained(server: SlackServer, code: str, wrong: str) -> None:
    server.faults.push("error", method="webhook", error=code)
    assert wrong in fault_of(run()).says


FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("error", "auth.test", {"error": "invalid_auth"}),
    ("error", "chat.postMessage", {"error": "missing_scope"}),
    ("error", "chat.postMessage", {"error": "internal_error"}),
    ("500", "chat.postMessage", {}),
    ("hang", "conversations.history", {}),
    ("malformed", "chat.postMessage", {}),
]


@pytest.mark.usefixtures("with_bot")
@pytest.mark.parametrize(("fault", "method", "options"), FAULTS)
def test_no_step_holds_a_secret(
    server: SlackServer, fault: str, method: str, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    server.faults.push(fault, method=method, **options)
    said = "\n".join(map(str, run())) + caplog.text
    assert "✘" in said
    assert TOKEN not in said
    assert "secret" not in said
