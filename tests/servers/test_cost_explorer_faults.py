"""What can go wrong at the local Cost Explorer, and what the real boto3 client makes of it."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from demo.servers.cost_explorer import CostExplorerServer
from tests.servers.cost_questions import BY_ACCOUNT_AND_SERVICE, connect, groups, question, small_world

if TYPE_CHECKING:
    from types_boto3_ce import CostExplorerClient


@pytest.mark.parametrize(
    ("fault", "options", "code"),
    [
        pytest.param("throttle", {}, "ThrottlingException", id="throttled"),
        pytest.param("throttle", {"code": "LimitExceededException"}, "LimitExceededException", id="limit"),
        pytest.param("429", {"retry_after": 2}, "TooManyRequestsException", id="429"),
        pytest.param("500", {}, "InternalFailure", id="500"),
        pytest.param("503", {}, "ServiceUnavailable", id="503"),
        pytest.param("error", {"code": "BillExpirationException"}, "BillExpirationException", id="any error"),
    ],
)
def test_an_error_fault_meets_one_request(
    ce: "CostExplorerClient",
    cost_explorer: CostExplorerServer,
    fault: str,
    options: dict[str, Any],
    code: str,
) -> None:
    cost_explorer.faults.push(fault, **options)
    with pytest.raises(ClientError) as refused:
        ce.get_cost_and_usage(**question())

    assert refused.value.response["Error"]["Code"] == code
    headers = refused.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers.get("retry-after") == (str(options["retry_after"]) if "retry_after" in options else None)
    assert ce.get_cost_and_usage(**question())
    assert (len(cost_explorer.cost_requests), cost_explorer.billed_pages) == (2, 1)


@pytest.mark.parametrize(
    ("fault", "error", "billed"),
    [
        pytest.param("hang", ReadTimeoutError, 0, id="no answer in time"),
        pytest.param("reset", ConnectionClosedError, 0, id="connection closed"),
        pytest.param("answer_lost", ConnectionClosedError, 1, id="billed, then lost"),
    ],
)
def test_a_connection_fault_is_seen_by_the_client(
    ce: "CostExplorerClient",
    cost_explorer: CostExplorerServer,
    fault: str,
    error: type[Exception],
    billed: int,
) -> None:
    cost_explorer.faults.push(fault)
    with pytest.raises(error):
        ce.get_cost_and_usage(**question())
    assert cost_explorer.billed_pages == billed


@pytest.mark.parametrize("fault", ["malformed", "truncated"])
def test_botocore_takes_a_broken_body_for_an_empty_answer(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer, fault: str
) -> None:
    # It neither parses strictly nor holds the body against Content-Length: the reader has to look.
    cost_explorer.faults.push(fault)
    assert set(ce.get_cost_and_usage(**question())) == {"ResponseMetadata"}
    assert cost_explorer.billed_pages == 1


def test_a_fault_can_be_meant_for_one_action(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.faults.push("500", method="GetDimensionValues")
    assert ce.get_cost_and_usage(**question())
    assert len(cost_explorer.faults) == 1


def test_a_misspelt_fault_is_not_a_healthy_server(cost_explorer: CostExplorerServer) -> None:
    with pytest.raises(ValueError, match="unknown fault 'throtle'"):
        cost_explorer.faults.push("throtle")


def test_stopping_wakes_up_a_hanging_answer(session: boto3.Session) -> None:
    cost_explorer = CostExplorerServer(small_world()).start()
    cost_explorer.faults.push("hang", seconds=3600)
    with pytest.raises(ReadTimeoutError):
        connect(session, cost_explorer).get_cost_and_usage(**question())
    cost_explorer.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = cost_explorer.url


def test_a_page_can_come_without_results(ce: "CostExplorerClient", cost_explorer: CostExplorerServer) -> None:
    cost_explorer.faults.push("no_results")
    assert "ResultsByTime" not in ce.get_cost_and_usage(**question())


def test_a_day_can_be_missing(ce: "CostExplorerClient", cost_explorer: CostExplorerServer) -> None:
    cost_explorer.faults.push("missing_day", day="2026-11-03")
    days = [r["TimePeriod"]["Start"][-2:] for r in ce.get_cost_and_usage(**question())["ResultsByTime"]]
    assert days == ["01", "02", "04", "05"]


@pytest.mark.parametrize("value", ["", "NaN", "Infinity", "abc"])
def test_an_amount_can_be_no_number(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer, value: str
) -> None:
    cost_explorer.faults.push("bad_amount", value=value)
    answer = ce.get_cost_and_usage(**question(GroupBy=BY_ACCOUNT_AND_SERVICE))
    assert groups([answer])[0][2] == value


def test_a_group_can_come_twice_or_with_two_currencies(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.faults.push("duplicate_group")
    cost_explorer.faults.push("mixed_currency_in_group")
    asked = question(GroupBy=BY_ACCOUNT_AND_SERVICE, Metrics=["UnblendedCost", "AmortizedCost"])

    twice = groups([ce.get_cost_and_usage(**asked)])
    assert twice[0] == twice[1]
    metrics = ce.get_cost_and_usage(**asked)["ResultsByTime"][0]["Groups"][0]["Metrics"]
    assert [metrics["UnblendedCost"]["Unit"], metrics["AmortizedCost"]["Unit"]] == ["USD", "EUR"]


def test_a_token_can_lead_to_itself_forever(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.faults.push("repeat_token")
    token = ce.get_cost_and_usage(**question())["NextPageToken"]
    again = [ce.get_cost_and_usage(**question(NextPageToken=token))["NextPageToken"] for _ in range(3)]
    assert again == [token] * 3


def test_a_retry_of_the_client_meets_the_next_fault_or_none(
    session: boto3.Session, cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.faults.push("reset")
    assert connect(session, cost_explorer, attempts=2).get_cost_and_usage(**question())["ResultsByTime"]
    assert len(cost_explorer.cost_requests) == 2
