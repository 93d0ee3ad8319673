"""What a demo costs the user where it uses their own keys, said before anything is spent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.domain import request_sets
from costspike.domain.prices import estimate_cost
from costspike.domain.reading import USD_PER_REQUEST
from costspike.domain.replies import Reply

from demo.wording import usd

if TYPE_CHECKING:
    from costspike.settings import Settings

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
    whole = f"about {usd(each * questions)} for {questions} spikes" if questions else f"about {usd(each)} a spike"
    return f"{whole}, {limit} at most (explain.daily_budget_usd)"


def explorer_estimate(settings: Settings, days: int) -> str:
    """Return what reading the user's own bill costs, and the most that it can."""
    own = settings.cost_explorer
    sets = 2 + len(request_sets.other_charges())
    daily = USD_PER_REQUEST * sets
    most = own.daily_budget_usd + own.history_budget_usd
    return (
        f"Cost Explorer bills {usd(USD_PER_REQUEST)} a page: {usd(daily)} a day or more with many accounts and services, "
        f"some {usd(daily * days)} for {days} days and as much again for the history; {usd(most)} at most "
        "(the budgets under cost_explorer)"
    )
