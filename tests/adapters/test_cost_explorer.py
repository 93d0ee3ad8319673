"""The Cost Explorer adapter: real boto3 over HTTP against a local server, with everything that can go wrong."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from costspike.adapters.cost_explorer import CostExplorer
from costspike.domain.errors import BudgetExceeded, CostspikeError, DataContractError, UpstreamError
from costspike.domain.reading import DayRange
from costspike.domain.request_sets import TOTALS, other_charges, usage
from demo.servers.cost_explorer import CostExplorerServer
from tests.servers.cost_questions import small_world

pytestmark = pytest.mark.enable_socket

SPAN = DayRange(date(2026, 11, 1), date(2026, 11, 6))
(USAGE,) = usage()
QUESTION = USAGE.parameters(SPAN)
SECRET = "aws-secret-of-the-test"


@pytest.fixture(autouse=True)
def backoffs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the random delay out of botocore, which sleeps by itself; what it retries stays its own decision."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)


@pytest.fixture
def server() -> Iterator[CostExplorerServer]:
    with CostExplorerServer(small_world(), page_rows=3, allowed_key_ids={"AKIAGOOD"}) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    return []


def explorer(
    server: CostExplorerServer, slept: list[float], *, key: str = "AKIAGOOD", attempts: int = 5
) -> CostExplorer:
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=SECRET, region_name="us-east-1")
    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=0.5, connect_timeout=0.5
    )
    client: Any = session.client("ce", endpoint_url=server.url, config=config)
    return CostExplorer(client, conn_id="aws_of_the_test", max_attempts=attempts, sleep=slept.append)


def ask(one: CostExplorer) -> list[dict[str, Any]]:
    return list(one.pages(QUESTION))


def count_groups(pages: list[dict[str, Any]]) -> int:
    return sum(len(period["Groups"]) for page in pages for period in page["ResultsByTime"])


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


def test_nobody_listens(slept: list[float]) -> None:
    with CostExplorerServer(small_world()) as server:
        one = explorer(server, slept, attempts=2)
    with pytest.raises(UpstreamError, match="could not be reached .*'aws_of_the_test'") as gone:
        ask(one)
    assert (gone.value.reason, gone.value.retryable) == ("unavailable", True)


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
