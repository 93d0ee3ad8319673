"""What an answer cost."""

from decimal import Decimal

import pytest

from costspike.domain.prices import PRICES, estimate_cost
from costspike.domain.replies import Reply


def reply(**changes: object) -> Reply:
    fields: dict[str, object] = {
        "text": "{}",
        "model": "claude-sonnet-5-5",
        "message_id": "msg_1",
        "stop_reason": "end_turn",
        "input_tokens": 3000,
        "output_tokens": 2500,
    }
    return Reply(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "dollars"),
    [
        ("claude-sonnet-5-5", "0.031"),
        ("claude-sonnet-5-5-20261007", "0.031"),
        ("claude-opus-5-5", "0.062"),
        ("claude-haiku-5-5", "0.00155"),
        ("claude-opus-4-8", "0.0775"),
    ],
)
def test_cost_of_a_spike(model: str, dollars: str) -> None:
    assert estimate_cost(reply(model=model)) == Decimal(dollars)


@pytest.mark.parametrize("model", ["claude-opus-6", "eu.anthropic.claude-sonnet-5-5", ""])
def test_unknown_model_costs_unknown_not_nothing(model: str) -> None:
    assert estimate_cost(reply(model=model)) is None


def test_cached_tokens_have_prices_of_their_own() -> None:
    cached = reply(input_tokens=0, output_tokens=0, cache_read_tokens=1_000_000, cache_write_tokens=1_000_000)
    assert estimate_cost(cached) == Decimal("2.60")


def test_prompt_beyond_the_price_tier_costs_unknown() -> None:
    assert (
        estimate_cost(reply(model="claude-haiku-5-5", input_tokens=60_000, cache_read_tokens=40_001)) is None
    )


def test_output_is_dearer_than_input_everywhere() -> None:
    assert all(price.cache_read < price.input < price.cache_write < price.output for price in PRICES.values())
