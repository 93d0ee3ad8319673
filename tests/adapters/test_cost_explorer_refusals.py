"""What Cost Explorer refuses: one request, and a message that says whose fault it is."""

from typing import Any

import boto3
import pytest

from costspike.adapters.cost_explorer import CostExplorer
from costspike.domain.errors import CostspikeError, UpstreamError
from demo.servers.cost_explorer import CostExplorerServer
from tests.adapters.cost_explorer_client import SECRET, ask, explorer
from tests.servers.cost_questions import small_world

pytestmark = pytest.mark.enable_socket


def test_wrong_credentials_take_one_request_and_the_connection_is_named(
    server: CostExplorerServer, slept: list[float]
) -> None:
    with pytest.raises(UpstreamError, match="credentials of the connection 'aws_of_the_test'") as refused:
        ask(explorer(server, slept, key="AKIAWRONG"))
    assert (refused.value.reason, refused.value.retryable) == ("auth", False)
    assert (len(server.requests), slept) == (1, [])
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "code",
    [
        "ExpiredTokenException",
        "ExpiredToken",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    ],
)
def test_credentials_of_every_kind_of_wrong_are_tried_once(
    server: CostExplorerServer, slept: list[float], code: str
) -> None:
    server.faults.push("error", times=9, code=code)
    with pytest.raises(UpstreamError, match="'aws_of_the_test'") as refused:
        ask(explorer(server, slept))
    assert (refused.value.reason, refused.value.retryable) == ("auth", False)
    assert len(server.requests) == 1


def test_a_denied_action_is_named_with_the_connection(slept: list[float]) -> None:
    with CostExplorerServer(small_world(), deny=True) as server:
        with pytest.raises(
            UpstreamError, match="denied ce:GetCostAndUsage for the connection 'aws_of_the_test'"
        ) as denied:
            ask(explorer(server, slept))
        assert len(server.requests) == 1
    assert (denied.value.reason, denied.value.retryable) == ("auth", False)


def test_a_question_that_is_refused_is_asked_once(server: CostExplorerServer, slept: list[float]) -> None:
    server.faults.push("error", times=9, code="ValidationException", message="Start date is wrong")
    with pytest.raises(
        UpstreamError, match=r"'aws_of_the_test' \(ValidationException: Start date is wrong\)"
    ) as refused:
        ask(explorer(server, slept))
    assert (refused.value.reason, refused.value.retryable) == ("bad_request", False)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("DataUnavailableException", "unavailable"),
        ("InvalidNextTokenException", "bad_answer"),
        ("RequestChangedException", "bad_answer"),
    ],
)
def test_what_the_next_try_of_the_task_can_heal_is_left_to_it(
    server: CostExplorerServer, slept: list[float], code: str, reason: str
) -> None:
    server.faults.push("error", code=code)
    with pytest.raises(UpstreamError) as failed:
        ask(explorer(server, slept))
    assert (failed.value.reason, failed.value.retryable) == (reason, True)


def test_a_connection_without_credentials_is_named(
    server: CostExplorerServer, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", "/nonexistent")
    client: Any = boto3.Session(region_name="us-east-1").client("ce", endpoint_url=server.url)
    with pytest.raises(
        UpstreamError, match="no AWS credentials in the connection 'aws_of_the_test'"
    ) as refused:
        ask(CostExplorer(client, conn_id="aws_of_the_test", sleep=slept.append))
    assert (refused.value.reason, refused.value.retryable) == ("auth", False)
    assert server.requests == []


def test_the_secret_is_in_no_error(server: CostExplorerServer, slept: list[float]) -> None:
    for fault in ("throttle", "500", "reset", "malformed", "truncated"):
        server.faults.push(fault, times=5)
        with pytest.raises(CostspikeError) as failed:
            ask(explorer(server, slept))
        assert SECRET not in str(failed.value)
        server.faults.clear()
