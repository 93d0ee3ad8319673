"""The Cost Explorer adapter: real boto3 over HTTP against a local server that fails in every way."""

from typing import Any

import pytest

from costspike.domain.errors import BudgetExceeded, DataContractError, UpstreamError
from costspike.domain.request_sets import TOTALS, other_charges, usage
from demo.servers.cost_explorer import CostExplorerServer
from tests.adapters.cost_explorer_client import QUESTION, SPAN, ask, count_groups, explorer
from tests.servers.cost_questions import small_world

pytestmark = pytest.mark.enable_socket


def test_all_pages_are_read_with_the_same_question(server: CostExplorerServer, slept: list[float]) -> None:
    one = explorer(server, slept)
    pages = ask(one)
    assert count_groups(pages) == 20
    assert one.requests == len(pages) == server.billed_pages == 7
    first, *later = server.cost_requests
    assert first == QUESTION
    assert all(
        {name: value for name, value in body.items() if name != "NextPageToken"} == first for body in later
    )


@pytest.mark.parametrize(
    "each", [TOTALS, *usage(["222222222222"]), *other_charges()], ids=lambda each: each.name
)
def test_every_request_set_is_one_that_cost_explorer_takes(
    server: CostExplorerServer, slept: list[float], each: Any
) -> None:
    pages = list(explorer(server, slept).pages(each.parameters(SPAN)))
    assert (
        len({period["TimePeriod"]["Start"] for page in pages for period in page["ResultsByTime"]})
        == SPAN.days
    )


def test_pages_are_asked_for_one_at_a_time(server: CostExplorerServer, slept: list[float]) -> None:
    pages = explorer(server, slept).pages(QUESTION)
    next(pages)
    assert server.billed_pages == 1


def test_a_repeated_token_ends_in_an_error_and_not_never(
    server: CostExplorerServer, slept: list[float]
) -> None:
    server.faults.push("repeat_token")
    one = explorer(server, slept)
    with pytest.raises(DataContractError, match="same page token again after 2 pages"):
        ask(one)
    assert one.requests == 2


def test_the_request_beyond_the_allowance_is_not_made(server: CostExplorerServer, slept: list[float]) -> None:
    one = explorer(server, slept)
    one.allowance = 3
    with pytest.raises(BudgetExceeded, match=r"allows 3 more requests .*cost_explorer\.daily_budget_usd"):
        ask(one)
    assert (one.requests, server.billed_pages) == (3, 3)


def test_an_allowance_of_nothing_asks_nothing(server: CostExplorerServer, slept: list[float]) -> None:
    one = explorer(server, slept)
    one.allowance = 0
    with pytest.raises(BudgetExceeded):
        ask(one)
    assert server.requests == []


@pytest.mark.parametrize("fault", ["throttle", "429", "500", "503", "reset", "answer_lost"])
def test_what_waiting_heals_is_tried_again(
    server: CostExplorerServer, slept: list[float], fault: str
) -> None:
    server.faults.push(fault, times=4)
    one = explorer(server, slept)
    assert count_groups(ask(one)) == 20
    assert (one.requests, len(server.requests)) == (7, 11)


@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("throttle", {}, "rate_limited"),
        ("throttle", {"code": "LimitExceededException"}, "rate_limited"),
        ("429", {}, "rate_limited"),
        ("500", {}, "unavailable"),
        ("503", {}, "unavailable"),
        ("reset", {}, "unavailable"),
    ],
)
def test_no_request_is_tried_more_than_five_times(
    server: CostExplorerServer, slept: list[float], fault: str, options: dict[str, str], reason: str
) -> None:
    server.faults.push(fault, times=20, **options)
    one = explorer(server, slept)
    with pytest.raises(UpstreamError) as failed:
        ask(one)
    assert (failed.value.reason, failed.value.retryable, failed.value.system) == (
        reason,
        True,
        "Cost Explorer",
    )
    assert (one.requests, len(server.requests)) == (0, 5)


def test_silence_is_given_up(server: CostExplorerServer, slept: list[float]) -> None:
    server.faults.push("hang", times=2, seconds=30)
    with pytest.raises(UpstreamError, match=r"'aws_of_the_test' \(ReadTimeoutError") as silent:
        ask(explorer(server, slept, attempts=2))
    assert (silent.value.reason, silent.value.retryable) == ("unavailable", True)
    assert len(server.requests) == 2


def test_retry_after_is_waited_for(server: CostExplorerServer, slept: list[float]) -> None:
    server.faults.push("throttle", retry_after=7)
    server.faults.push("503", retry_after=3)
    assert count_groups(ask(explorer(server, slept))) == 20
    assert slept == [7, 3]


def test_there_is_no_wait_after_the_last_try(server: CostExplorerServer, slept: list[float]) -> None:
    server.faults.push("429", times=9, retry_after=2)
    with pytest.raises(UpstreamError):
        ask(explorer(server, slept, attempts=3))
    assert slept == [2, 2]


def test_a_long_retry_after_is_left_to_the_next_try_of_the_task(
    server: CostExplorerServer, slept: list[float]
) -> None:
    server.faults.push("throttle", retry_after=3600)
    with pytest.raises(UpstreamError, match="asked to wait 3600 s") as limited:
        ask(explorer(server, slept))
    assert (limited.value.retryable, limited.value.retry_after) == (True, 3600)
    assert (len(server.requests), slept) == (1, [])


@pytest.mark.parametrize("nonsense", ["soon", "nan", "inf", "-5", "Wed, 25 Nov 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_of_seconds_is_ignored(
    server: CostExplorerServer, slept: list[float], nonsense: str
) -> None:
    server.faults.push("throttle", retry_after=nonsense)
    assert count_groups(ask(explorer(server, slept))) == 20
    assert slept == []


@pytest.mark.parametrize("fault", ["malformed", "truncated", "no_results"])
def test_an_answer_without_results_is_an_error_and_was_paid(
    server: CostExplorerServer, slept: list[float], fault: str
) -> None:
    server.faults.push(fault)
    one = explorer(server, slept)
    with pytest.raises(
        UpstreamError, match=r"without ResultsByTime .*endpoint of the connection 'aws_of_the_test'"
    ) as bad:
        ask(one)
    assert (bad.value.reason, bad.value.retryable, one.requests) == ("bad_answer", True, 1)


@pytest.mark.parametrize("body", ["[]", "null", "5", '{"ResultsByTime": "x"}', '{"ResultsByTime": [[]]}'])
def test_an_answer_of_another_shape_is_an_error_that_names_the_connection(
    server: CostExplorerServer, slept: list[float], body: str
) -> None:
    server.faults.push("malformed", body=body)
    with pytest.raises(UpstreamError, match=r"could not be .*understood .*'aws_of_the_test'") as odd:
        ask(explorer(server, slept))
    assert odd.value.retryable


def test_nobody_listens(slept: list[float]) -> None:
    with CostExplorerServer(small_world()) as server:
        one = explorer(server, slept, attempts=2)
    with pytest.raises(UpstreamError, match=r"could not be reached .*'aws_of_the_test'") as gone:
        ask(one)
    assert (gone.value.reason, gone.value.retryable) == ("unavailable", True)
