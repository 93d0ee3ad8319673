"""The Claude adapter, with the real SDK over real HTTP against a local server."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from costspike.adapters.claude import CallLimits, Claude
from costspike.domain.errors import ExplanationRejected, UpstreamError
from costspike.domain.explanation import Explanation, parse_answer
from costspike.domain.replies import UnusableReply
from demo.servers.claude import ClaudeServer
from tests.explanation_cases import answer

KEY = "sk-ant-secret-of-the-test"
SCHEMA = Explanation.model_json_schema()
LIMITS = CallLimits(timeout_seconds=5, max_wait_seconds=20)

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(answer=lambda _: answer().model_dump(mode="json")) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    return []


def claude(server: ClaudeServer, slept: list[float], limits: CallLimits = LIMITS, key: str = KEY) -> Claude:
    client = anthropic.Anthropic(api_key=key, base_url=server.url)
    return Claude(
        client, conn_id="anthropic_test", model="claude-sonnet-5-5", limits=limits, sleep=slept.append
    )


def asked(server: ClaudeServer, slept: list[float], limits: CallLimits = LIMITS) -> Any:
    return claude(server, slept, limits).ask("You explain.", "<facts>[]</facts>", SCHEMA)


def test_answer_arrives_with_its_usage(server: ClaudeServer, slept: list[float]) -> None:
    reply = asked(server, slept)
    assert parse_answer(reply.text) == answer()
    assert (reply.model, reply.stop_reason) == ("claude-sonnet-5-5", "end_turn")
    assert reply.input_tokens > 0
    assert reply.output_tokens > 0
    assert reply.message_id.startswith("msg_")
    assert reply.request_id.startswith("req_")
    assert slept == []


def test_request_is_structured_cacheable_and_without_removed_parameters(
    server: ClaudeServer, slept: list[float]
) -> None:
    asked(server, slept)
    (body,) = server.prompts
    assert body["system"] == [
        {"type": "text", "text": "You explain.", "cache_control": {"type": "ephemeral"}},
    ]
    assert body["max_tokens"] == 8000
    assert body["output_config"]["effort"] == "medium"
    assert body["output_config"]["format"]["type"] == "json_schema"
    schema = body["output_config"]["format"]["schema"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == set(Explanation.model_fields)
    assert not {"temperature", "thinking", "tools"} & body.keys()


def test_thinking_in_front_of_the_answer_is_no_trouble(server: ClaudeServer, slept: list[float]) -> None:
    server.faults.push("thinking_first")
    assert parse_answer(asked(server, slept).text) == answer()


@pytest.mark.parametrize(
    ("fault", "reason", "advice"),
    [
        ("400", "bad_request", "Check the model, max_tokens and effort"),
        ("401", "auth", "valid API key into the connection 'anthropic_test'"),
        ("402", "auth", "Add credit"),
        ("403", "auth", "Allow the key of the connection 'anthropic_test' to use model 'claude-sonnet-5-5'"),
        ("404", "bad_request", "instead of 'claude-sonnet-5-5'"),
        ("413", "bad_request", "too large"),
    ],
)
def test_what_waiting_cannot_heal_is_tried_once(
    server: ClaudeServer, slept: list[float], fault: str, reason: str, advice: str
) -> None:
    server.faults.push(fault, times=5)
    with pytest.raises(UpstreamError, match=advice) as caught:
        asked(server, slept)
    assert (caught.value.reason, caught.value.retryable, caught.value.system) == (reason, False, "Claude")
    assert fault in str(caught.value)
    assert "request req_" in str(caught.value)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize("fault", ["429", "500", "529", "html502", "reset", "malformed"])
def test_what_waiting_heals_is_tried_again(server: ClaudeServer, slept: list[float], fault: str) -> None:
    server.faults.push(fault, times=2)
    assert parse_answer(asked(server, slept).text) == answer()
    assert (len(server.requests), slept) == (3, [0.5, 1.0])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("429", "rate_limited"),
        ("500", "unavailable"),
        ("529", "unavailable"),
        ("html502", "unavailable"),
        ("reset", "unavailable"),
        ("malformed", "bad_answer"),
    ],
)
def test_what_does_not_heal_in_time_is_left_to_airflow(
    server: ClaudeServer, slept: list[float], fault: str, reason: str
) -> None:
    server.faults.push(fault, times=9)
    with pytest.raises(UpstreamError) as caught:
        asked(server, slept)
    assert (caught.value.reason, caught.value.retryable) == (reason, True)
    assert (len(server.requests), slept) == (3, [0.5, 1.0])


def test_short_retry_after_is_waited_for(server: ClaudeServer, slept: list[float]) -> None:
    server.faults.push("429", retry_after=7)
    asked(server, slept)
    assert slept == [7.0]


def test_long_retry_after_is_handed_on_at_once(server: ClaudeServer, slept: list[float]) -> None:
    server.faults.push("429", retry_after=3600)
    with pytest.raises(UpstreamError) as caught:
        asked(server, slept)
    assert (caught.value.retryable, caught.value.retry_after) == (True, 3600)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize("nonsense", ["soon", "nan", "inf", "-5"])
def test_retry_after_that_is_no_number_of_seconds_is_ignored(
    server: ClaudeServer, slept: list[float], nonsense: str
) -> None:
    server.faults.push("429", retry_after=nonsense)
    asked(server, slept)
    assert slept == [0.5]


def test_silence_is_given_up_after_the_timeout(server: ClaudeServer, slept: list[float]) -> None:
    server.faults.push("hang", times=2, seconds=30)
    with pytest.raises(UpstreamError, match=r"did not answer within 0\.2 s") as caught:
        asked(server, slept, CallLimits(timeout_seconds=0.2, attempts=2))
    assert (caught.value.reason, caught.value.retryable) == ("unavailable", True)
    assert (len(server.requests), slept) == (2, [0.5])


def test_nobody_listens(slept: list[float]) -> None:
    with ClaudeServer() as server:
        gone = claude(server, slept)
    with pytest.raises(
        UpstreamError, match=r"no connection to Claude .* host of the connection 'anthropic_test'"
    ):
        gone.ask("", "x", SCHEMA)
    assert slept == [0.5, 1.0]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("truncated", "was cut off at max_tokens=8000. Raise it, or lower the effort."),
        ("thinking_only", "was cut off at max_tokens=8000."),
        ("refusal", "is a refusal \\(category cyber\\)"),
        ("refusal_text", "is a refusal \\(category cyber\\)"),
        ("empty", "is empty"),
    ],
)
def test_unusable_answer_is_rejected_and_still_booked(
    server: ClaudeServer, slept: list[float], fault: str, told: str
) -> None:
    server.faults.push(fault)
    with pytest.raises(UnusableReply, match=told) as caught:
        asked(server, slept)
    assert isinstance(caught.value, ExplanationRejected)
    assert caught.value.reply.output_tokens > 0
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize("fault", ["bad_json", "wrong_schema"])
def test_answer_off_the_schema_is_a_reply_that_does_not_parse(
    server: ClaudeServer, slept: list[float], fault: str
) -> None:
    server.faults.push(fault)
    reply = asked(server, slept)
    assert reply.output_tokens > 0
    with pytest.raises(ExplanationRejected, match="breaks the schema"):
        parse_answer(reply.text)


def test_sdk_does_not_retry_on_its_own(server: ClaudeServer, slept: list[float]) -> None:
    server.faults.push("529")
    with pytest.raises(UpstreamError):
        asked(server, slept, CallLimits(attempts=1))
    assert len(server.requests) == 1


def test_client_without_a_key_is_told_to_get_one(
    server: ClaudeServer, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    client = anthropic.Anthropic(base_url=server.url)
    with pytest.raises(UpstreamError, match="Put an API key into the connection 'anthropic_test'") as caught:
        Claude(client, conn_id="anthropic_test", model="m", limits=LIMITS, sleep=slept.append).ask(
            "", "x", SCHEMA
        )
    assert (caught.value.reason, caught.value.retryable) == ("auth", False)
    assert server.requests == []


@pytest.mark.parametrize("fault", ["401", "403", "429", "500", "reset", "truncated"])
def test_key_is_in_no_error(server: ClaudeServer, slept: list[float], fault: str) -> None:
    server.faults.push(fault, times=3)
    with pytest.raises((UpstreamError, ExplanationRejected)) as caught:
        asked(server, slept)
    assert KEY not in str(caught.value)


def test_bedrock_client_asks_the_same_way(server: ClaudeServer, slept: list[float]) -> None:
    client = anthropic.AnthropicBedrock(
        aws_access_key="AKIAEXAMPLE",
        aws_secret_key="secret",
        aws_region="eu-west-1",
        base_url=server.url,
    )
    bedrock = Claude(
        client, conn_id="c", model="eu.anthropic.claude-sonnet-5-5", limits=LIMITS, sleep=slept.append
    )
    # The local server has no Bedrock route: what counts is that the request got there, signed, once.
    with pytest.raises(UpstreamError):
        bedrock.ask("You explain.", "x", SCHEMA)
    (request,) = server.requests
    assert request.path == "/model/eu.anthropic.claude-sonnet-5-5/invoke"
    assert "output_config" in json.loads(request.body)
