"""What a spike's rise is made of, and what fell beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from costspike.domain.spikes import Contributor, Spike
from costspike.rendering.amounts import cents_total, money, percent, to_cents
from costspike.rendering.blocks import Block, table
from costspike.rendering.mrkdwn import plain
from costspike.rendering.names import (
    EVERYTHING_ELSE,
    contributor_name,
    fallen_name,
    is_remainder,
    scope_name,
)

_SHOWN = 6
_TOP = 3
_NAME = 70
_HEADING = ("Contributor", "Before", "After", "Change", "Change in %")
_NO_PERCENT = "n/a"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    before: Decimal
    after: Decimal
    delta: Decimal

    @property
    def change(self) -> str:
        if self.before > 0:
            return percent(self.delta / self.before * 100)
        # "new" is a claim about one thing; the rest of the bill and a credit are not new.
        return _NO_PERCENT if self.name == EVERYTHING_ELSE or self.before < 0 else percent(None)


def main_contributor(spike: Spike) -> Contributor | None:
    """Return the largest named part of the rise, None where nothing is split off."""
    return next((part for part in spike.contributors if not is_remainder(part)), None)


def contributor_table(spike: Spike) -> Block | None:
    """Return the table, None where the spike has no named part.

    Every column adds up to its total as it is shown, to the cent: the row of everything else is the
    difference between the spike's own amounts and the rows above it.
    """
    rows = _rows(spike, _SHOWN)
    if not rows:
        return None
    if len(rows) > 1:
        rows.append(
            _Row(name="Total", before=spike.expected_cost, after=spike.actual_cost, delta=spike.impact)
        )
    cells = [_HEADING, *(_cells(row, spike.billing_currency) for row in rows)]
    return table(cells, right_aligned=(False, True, True, True, True))


def contributor_line(spike: Spike) -> str:
    """Return the largest named parts of the rise with their dollars, empty where they were landed too coarsely.

    Plain text. With everything else, which is named where it is not nothing, they add up to the impact.
    """
    rows = _rows(spike, _TOP)
    is_whole = len(rows) == 1 and rows[0].name == scope_name(spike.scope)
    if not rows or (is_whole and not spike.scope.usage_type):
        return ""
    return "; ".join(
        f"{plain(row.name, _NAME)} {money(row.delta, spike.billing_currency, sign=True)}"
        for row in rows
        if row.delta or row.name != EVERYTHING_ELSE
    )


def fallen_line(spike: Spike) -> str:
    """Return what fell on the day of the rise, with the dollars before and after; empty where nothing did.

    Plain text. The amounts are in no sum of the message.
    """
    return "; ".join(_fall(part, spike) for part in spike.fallen)


def _fall(part: Contributor, spike: Spike) -> str:
    before, after, delta = (
        money(amount, spike.billing_currency) for amount in (part.before, part.after, part.delta)
    )
    return f"{plain(fallen_name(part, spike.scope), _NAME)} {delta} ({before} to {after})"


def _rows(spike: Spike, most: int) -> list[_Row]:
    """Return the named parts, at most so many, and the row of everything else; nothing without a named part."""
    named = [part for part in spike.contributors if not is_remainder(part)][:most]
    rows = [
        _Row(name=contributor_name(part, spike.scope), before=part.before, after=part.after, delta=part.delta)
        for part in named
    ]
    rest = _rest(spike, rows)
    return [*rows, rest] if rows and (rest.before or rest.after or rest.delta) else rows


def _rest(spike: Spike, rows: Sequence[_Row]) -> _Row:
    return _Row(
        name=EVERYTHING_ELSE,
        before=to_cents(spike.expected_cost) - cents_total(row.before for row in rows),
        after=to_cents(spike.actual_cost) - cents_total(row.after for row in rows),
        delta=to_cents(spike.impact) - cents_total(row.delta for row in rows),
    )


def _cells(row: _Row, currency: str) -> tuple[str, ...]:
    return (
        plain(row.name, _NAME),
        money(row.before, currency),
        money(row.after, currency),
        money(row.delta, currency, sign=True),
        row.change,
    )
