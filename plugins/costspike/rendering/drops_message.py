"""The one message about costs that fell: data that is missing, an outage, or something that was switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from costspike.domain.drops import Drop
from costspike.rendering.amounts import cents_total, money
from costspike.rendering.blocks import context, section
from costspike.rendering.message import Message, metadata
from costspike.rendering.mrkdwn import mrkdwn
from costspike.rendering.names import ALL_ACCOUNTS, account_label, scope_name

_SEVERITY = "none"
_SHOWN = 10
_SPOKEN = 5
_NAME = 120
_ACCOUNT = 60
_NOTE = (
    "A fall is no spike: it has no grade, and Claude was not asked. Data may be missing, something may be down, or it "
    "was switched off. The day has been over for two days, so it is not merely late."
)


def drops_message(
    drops: Sequence[Drop], *, day: date, account_names: Mapping[str, str], message_key: str
) -> Message:
    """Return the message about the falls of a day, the largest first; at most ten are listed, the rest is summed."""
    listed, more = drops[:_SHOWN], drops[_SHOWN:]
    lines = [_line(drop, account_names) for drop in listed]
    if more:
        lines.append(f"… and {len(more)} more, together {_sum(more)} less")
    title = f"📉 AWS costs fell on {day}: {_sum(drops)} less than expected"
    return Message(
        text=f"{title}. {'; '.join(lines[:_SPOKEN])}.",
        blocks=[section(f"*{title}*"), *map(section, lines), context([_NOTE])],
        metadata=metadata(message_key, _SEVERITY),
    )


def _line(drop: Drop, names: Mapping[str, str]) -> str:
    account = drop.scope.account_id
    where = account_label(names.get(account, ""), account, _ACCOUNT) if account else ALL_ACCOUNTS
    cost, expected, lowest = (
        money(amount, drop.billing_currency)
        for amount in (drop.actual_cost, drop.expected_cost, drop.lowest_cost)
    )
    return (
        f"{mrkdwn(scope_name(drop.scope), _NAME)}, {mrkdwn(where, _NAME)}: {cost} instead of {expected} "
        f"(lowest day of the two months before: {lowest})"
    )


def _sum(drops: Sequence[Drop]) -> str:
    falls: dict[str, list[Decimal]] = {}
    for drop in drops:
        falls.setdefault(drop.billing_currency, []).append(drop.fall)
    return " and ".join(money(cents_total(parts), currency) for currency, parts in falls.items())
