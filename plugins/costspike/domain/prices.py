"""What an answer cost, from its tokens and the published prices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costspike.domain.replies import Reply

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """US dollars for a million tokens; ``cache_write`` is that of the five-minute cache.

    The price holds for prompts of at most ``prompt_limit`` tokens, for all where it is None.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal
    cache_write: Decimal
    prompt_limit: int | None = None


# https://platform.claude.com/docs/en/about-claude/pricing, the first-party API, global inference.
PRICES_AS_OF = date(2026, 11, 24)
PRICES: Mapping[str, ModelPrice] = {
    "claude-sonnet-5-5": ModelPrice(
        input=Decimal(2), output=Decimal(10), cache_read=Decimal("0.10"), cache_write=Decimal("2.50")
    ),
    "claude-opus-5-5": ModelPrice(
        input=Decimal(4), output=Decimal(20), cache_read=Decimal("0.20"), cache_write=Decimal(5)
    ),
    "claude-haiku-5-5": ModelPrice(
        input=Decimal("0.10"),
        output=Decimal("0.50"),
        cache_read=Decimal("0.01"),
        cache_write=Decimal("0.125"),
        prompt_limit=100_000,
    ),
    "claude-opus-4-8": ModelPrice(
        input=Decimal(5), output=Decimal(25), cache_read=Decimal("0.50"), cache_write=Decimal("6.25")
    ),
}


def estimate_cost(reply: Reply, prices: Mapping[str, ModelPrice] = PRICES) -> Decimal | None:
    """Return the US dollars of one answer, unrounded; None, never zero, where the price is not known.

    A model id may carry its date (``claude-sonnet-5-5-20261007``). Cloud platforms have prices and ids
    of their own, so theirs are unknown.
    """
    price = prices.get(reply.model) or prices.get(re.sub(r"-\d{8}$", "", reply.model))
    prompt = reply.input_tokens + reply.cache_read_tokens + reply.cache_write_tokens
    if price is None or (price.prompt_limit is not None and prompt > price.prompt_limit):
        return None
    return (
        reply.input_tokens * price.input
        + reply.output_tokens * price.output
        + reply.cache_read_tokens * price.cache_read
        + reply.cache_write_tokens * price.cache_write
    ) / _MILLION
