"""The local Message Batches, asked by the real anthropic SDK and by the provider's trigger."""

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from demo.servers.claude import ClaudeServer

PARAMS: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "x"}],
}


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    with ClaudeServer(answer=lambda body: body["messages"][0]["content"]) as running:
        yield running


@pytest.fixture
def batches(server: ClaudeServer) -> Iterator[Any]:
    with anthropic.Anthropic(api_key="sk-test", base_url=server.url, max_retries=0, timeout=2) as client:
        yield client.messages.batches


def asked(*ids: str, **params: Any) -> list[dict[str, Any]]:
    return [{"custom_id": one, "params": PARAMS | params} for one in ids]


def test_a_batch_ends_with_a_result_for_each_request_in_an_order_of_its_own(
    server: ClaudeServer, batches: Any
) -> None:
    server.batches.fate = {"a": "succeeded", "b": "expired", "c": "errored"}.__getitem__
    made = batches.create(requests=asked("a", "b", "c"))
    assert (made.processing_status, made.request_counts.processing) == ("in_progress", 3)
    states = [batches.retrieve(made.id) for _ in range(2)]
    assert [one.processing_status for one in states] == ["in_progress", "ended"]
    counts = states[1].request_counts
    assert (counts.succeeded, counts.expired, counts.errored, counts.processing) == (1, 1, 1, 0)
    results = {one.custom_id: one.result for one in batches.results(made.id)}
    assert list(results) == ["c", "b", "a"]
    assert results["a"].message.content[0].text == "x"
    assert results["a"].message.usage.service_tier == "batch"
    assert results["c"].error.error.type == "api_error"
    assert server.billed == 1


def test_batches_are_listed_newest_first_page_by_page(server: ClaudeServer, batches: Any) -> None:
    made = [batches.create(requests=asked("a")).id for _ in range(5)]
    assert [one.id for one in batches.list(limit=2)] == made[::-1]


def test_a_cancelled_batch_ends_without_answers(server: ClaudeServer, batches: Any) -> None:
    server.batches.looks = None
    made = batches.create(requests=asked("a"))
    assert batches.retrieve(made.id).processing_status == "in_progress"
    assert batches.cancel(made.id).processing_status == "canceling"
    assert batches.retrieve(made.id).request_counts.canceled == 1


def test_what_is_wrong_with_params_is_found_out_later_and_with_ids_at_once(batches: Any) -> None:
    made = batches.create(requests=asked("a", temperature=1))
    batches.retrieve(made.id), batches.retrieve(made.id)
    (one,) = batches.results(made.id)
    assert "temperature" in one.result.error.error.message
    for wrong in ([], asked("a", "a"), asked("a b"), [{"custom_id": "a"}]):
        with pytest.raises(anthropic.BadRequestError):
            batches.create(requests=wrong)
    with pytest.raises(anthropic.NotFoundError):
        batches.retrieve("msgbatch_other")
