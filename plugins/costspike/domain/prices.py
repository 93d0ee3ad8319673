"""What an answer cost, from its tokens and the published prices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from costspike.domain.replies import Reply

_MILLION = Decimal(1_000_000)
# Writing the five-minute cache costs a quarter more than reading the prompt.
_CACHE_WRITE = Decimal("1.25")


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


@dataclass(frozen=True, slots=True)
class PriceList:
    """Known prices by model id. A model id may carry its date (``claude-sonnet-5-5-20261007``)."""

    prices: Mapping[str, ModelPrice]

    def of(self, model: str, prompt_tokens: int) -> ModelPrice | None:
        """Return the price of a model for a prompt of that length; None, never zero, where it is not known."""
        price = self.prices.get(model) or self.prices.get(re.sub(r"-\d{8}$", "", model))
        if price is None or (price.prompt_limit is not None and prompt_tokens > price.prompt_limit):
            return None
        return price

    def cost(self, reply: Reply) -> Decimal | None:
        """Return the US dollars of one answer, unrounded; None, never zero, where the price is not known."""
        prompt = reply.input_tokens + reply.cache_read_tokens + reply.cache_write_tokens
        price = self.of(reply.model, prompt)
        if price is None:
            return None
        return (
            reply.input_tokens * price.input
            + reply.output_tokens * price.output
            + reply.cache_read_tokens * price.cache_read
            + reply.cache_write_tokens * price.cache_write
        ) / _MILLION

    def at(self, percent: Decimal) -> "PriceList":
        """Return the prices at so many percent: a Message Batch is half the price."""
        factor = percent / 100
        return PriceList(
            {
                model: replace(
                    price,
                    input=price.input * factor,
                    output=price.output * factor,
                    cache_read=price.cache_read * factor,
                    cache_write=price.cache_write * factor,
                )
                for model, price in self.prices.items()
            }
        )


def price_list(own: Mapping[str, tuple[Decimal, Decimal]] | None = None) -> PriceList:
    """Return the published prices, and those of the settings: dollars for a million tokens in and out.

    Cloud platforms have prices and model ids of their own, so theirs are unknown unless they are set. For a
    price that was set, the cache costs what the prompt does.
    """
    added = {
        model: ModelPrice(input=into, output=out, cache_read=into, cache_write=into * _CACHE_WRITE)
        for model, (into, out) in (own or {}).items()
    }
    return PriceList({**PRICES, **added})


def planned_cost(model: str, prompt_tokens: int, max_tokens: int, prices: PriceList) -> Decimal | None:
    """Return what an answer may cost at most: the whole prompt written to the cache, every token used."""
    price = prices.of(model, prompt_tokens)
    if price is None:
        return None
    dearest = max(price.input, price.cache_write)
    return (prompt_tokens * dearest + max_tokens * price.output) / _MILLION


def estimate_cost(reply: Reply, prices: Mapping[str, ModelPrice] = PRICES) -> Decimal | None:
    """Return the US dollars of one answer by the published prices, None where they are not known."""
    return PriceList(prices).cost(reply)
