"""What is left of an answer once it is checked, and what the answers to one question cost together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.explanations import Outcome
from costspike.domain.answer_checks import check_answer, is_worth_showing
from costspike.domain.errors import ExplanationRejected
from costspike.domain.explanation import parse_answer

if TYPE_CHECKING:
    from costspike.domain.explanation import Explanation
    from costspike.domain.facts import Fact
    from costspike.domain.prices import PriceList
    from costspike.domain.replies import Reply

_MAX_PROBLEMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """``answer`` is None where too little is left; ``problems`` are for Claude to read, ``reason`` for people."""

    answer: Explanation | None
    flags: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    reason: str = ""


def checked(text: str, facts: Sequence[Fact]) -> Checked:
    """Return the answer if enough of it is left, else what was wrong with it."""
    try:
        answer, flags = check_answer(parse_answer(text), facts)
    except ExplanationRejected as error:
        return Checked(answer=None, problems=(str(error),), reason=str(error))
    if is_worth_showing(answer, flags):
        return Checked(answer=answer, flags=flags)
    reason = f"too much of Claude's answer could not be verified ({len(flags)} findings)."
    return Checked(answer=None, flags=flags, problems=flags[:_MAX_PROBLEMS], reason=reason)


def outcome_of(checked_answer: Checked, replies: Sequence[Reply], prices: PriceList) -> Outcome:
    """Return an answer with what all replies cost together; the price is unknown once any of them is."""
    costs = [prices.cost(reply) for reply in replies]
    return Outcome(
        explanation=checked_answer.answer,
        flags=checked_answer.flags,
        reason=checked_answer.reason,
        request_id=replies[-1].request_id if replies else "",
        input_tokens=sum(
            one.input_tokens + one.cache_read_tokens + one.cache_write_tokens for one in replies
        ),
        output_tokens=sum(one.output_tokens for one in replies),
        usd=None if not costs or None in costs else sum(filter(None, costs), Decimal(0)),
    )
