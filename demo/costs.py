"""What the demo costs, said before anything is spent, and what it has spent at the end."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from costspike.domain import request_sets
from costspike.domain.prices import estimate_cost
from costspike.domain.reading import USD_PER_REQUEST
from costspike.domain.replies import Reply
from demo.wording import plural, usd

if TYPE_CHECKING:
    from costspike.settings import Settings
    from demo.ledger import Asked, Landed
    from demo.replay import Day

# A question about a spike and its answer, thinking included; the fact sheet is most of the question.
_TYPICAL_INPUT, _TYPICAL_OUTPUT = 4000, 2500


def claude_estimate(settings: Settings, questions: int) -> str:
    """Return what so many explanations cost, and the most that they can."""
    reply = Reply(
        text="",
        model=settings.explain.model,
        message_id="",
        stop_reason="",
        input_tokens=_TYPICAL_INPUT,
        output_tokens=_TYPICAL_OUTPUT,
    )
    each, limit = estimate_cost(reply), usd(settings.explain.daily_budget_usd)
    if each is None:
        return f"the price of {settings.explain.model} is not known, and so not what the answers cost"
    whole = (
        f"about {usd(each * questions)} for {questions} spikes" if questions else f"about {usd(each)} a spike"
    )
    return f"{whole}, {limit} at most (explain.daily_budget_usd)"


def explorer_estimate(settings: Settings, days: int) -> str:
    """Return what reading the user's own bill costs, and the most that it can."""
    own = settings.cost_explorer
    daily = USD_PER_REQUEST * _requests_at_the_coarse_grain()
    most = own.daily_budget_usd + own.history_budget_usd
    return (
        f"Cost Explorer bills {usd(USD_PER_REQUEST)} a page: {usd(daily)} a day, more with many accounts and "
        f"services, some {usd(daily * days)} for {plural(days, 'day')}, and once a dozen pages or more for the "
        f"history; {usd(most)} at most (the budgets under cost_explorer)"
    )


def explorer_spent(landed: Landed, days: Sequence[Day], *, local: bool) -> str:
    """Return what the requests came to, and what an ordinary day takes of it."""
    free = "; nothing here, since the server is local" if local else ""
    text = f"{plural(landed.requests, 'request')}, {usd(landed.usd)} at AWS's price{free}"
    daily = [day.done.requests for day in days[1:] if day.done]
    if not daily:
        return text
    fine, coarse = round(median(daily)), _requests_at_the_coarse_grain()
    text = f"{text}. After the history a day takes {plural(fine, 'request')} ({usd(fine * USD_PER_REQUEST)})"
    if fine <= coarse:
        return f"{text}."
    return (
        f"{text}; the default grain, without usage types, takes {coarse} ({usd(coarse * USD_PER_REQUEST)})."
    )


def claude_spent(asked: Asked, *, local: bool) -> str:
    """Return what the explanations came to."""
    if not asked.answered:
        return f"no explanation; {plural(asked.questions, 'question')} without an answer"
    price = "an unknown amount" if asked.usd is None else usd(asked.usd)
    tokens = f"{asked.input_tokens:,} tokens in, {asked.output_tokens:,} out"
    if local:
        return (
            f"{plural(asked.answered, 'explanation')} by the sandbox, no model was asked; {tokens}, {price} at the "
            f"price of {asked.model}, whose answers are longer"
        )
    return f"{asked.answered} of {plural(asked.questions, 'question')} answered by {asked.model}; {tokens}, {price}"


def _requests_at_the_coarse_grain() -> int:
    """Return the requests of a day by account and service: the totals, the usage, and the other charges."""
    return 2 + len(request_sets.other_charges())
