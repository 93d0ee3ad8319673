"""Many spikes in one message: those of a day that has too many to send each, and those that are minor."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from costspike.rendering import slack_limits
from costspike.rendering.alert import Alert
from costspike.rendering.alert_message import PROVISIONAL
from costspike.rendering.amounts import cents_total, money, percent
from costspike.rendering.blocks import Block, context, header, section, table
from costspike.rendering.contributors import main_contributor
from costspike.rendering.fitting import fits
from costspike.rendering.links import Link, link_line
from costspike.rendering.mentions import mention_line
from costspike.rendering.message import Message, metadata
from costspike.rendering.mrkdwn import mrkdwn, plain
from costspike.rendering.names import MARKS, account_label, contributor_name, scope_name

# What is read on a narrow screen without scrolling comes first.
_HEADING = ("Severity", "Service", "Impact", "Change", "Account", "Mostly")
_RIGHT_ALIGNED = (False, False, True, True, False, False)
_DAY = "Day"
_CELL = 50
_SPOKEN = 5
_PARAGRAPH = 2500
_NO_SEVERITY = "none"
# In a digest only these call their owners.
_SEVERE = ("P1", "P2")


def digest_message(
    alerts: Sequence[Alert], *, day: date, message_key: str, shown: int = 20, links: Sequence[Link] = ()
) -> Message:
    """Return one message for all alerts of a day or of a week, the most severe and largest first.

    At most ``shown`` are listed, fewer where Slack could not take them; the rest is counted and summed.
    Impacts are simply added up: a detector never puts a dollar of a rise into two of them.
    """
    ranked = sorted(alerts, key=_rank)
    rows = [_row(alert) for alert in ranked[: min(max(shown, 0), slack_limits.TABLE_ROWS - 1)]]
    blocks = _blocks(ranked, rows, day, links)
    while rows and not fits(blocks):
        rows.pop()
        blocks = _blocks(ranked, rows, day, links)
    worst = ranked[0].explained.severity if ranked else _NO_SEVERITY
    return Message(
        text=mrkdwn(_spoken(ranked, day), slack_limits.FALLBACK_TEXT),
        blocks=blocks,
        metadata=metadata(message_key, worst),
    )


def _rank(alert: Alert) -> tuple[str, Decimal, str]:
    return alert.explained.severity, -alert.spike.impact, alert.spike.spike_id


def _blocks(
    ranked: Sequence[Alert], rows: Sequence[tuple[str, ...]], day: date, links: Sequence[Link]
) -> list[Block]:
    blocks = [header(_title(ranked, day))]
    if ranked:
        blocks.append(section(mrkdwn(_severities(ranked), _PARAGRAPH)))
    if rows:
        blocks.append(_table(ranked, rows))
    if more := ranked[len(rows) :]:
        blocks.append(section(f"… and {len(more)} more, {mrkdwn(_sum(more), _PARAGRAPH)}."))
    severe = [alert for alert in ranked if alert.explained.severity in _SEVERE]
    if called := mention_line(one for alert in severe for one in alert.mentions):
        blocks.append(section(f"For {called}"))
    if line := link_line(links, _PARAGRAPH):
        blocks.append(section(line))
    blocks.append(context([mrkdwn(note, _PARAGRAPH) for note in _notes(ranked)]))
    return blocks


def _title(ranked: Sequence[Alert], day: date) -> str:
    if not ranked:
        return f"No AWS cost spikes on {day}"
    spikes = "spike" if len(ranked) == 1 else "spikes"
    days = sorted({alert.spike.day for alert in ranked})
    when = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
    return f"{MARKS[ranked[0].explained.severity]} {len(ranked)} AWS cost {spikes} {when}: {_sum(ranked)}"


def _table(ranked: Sequence[Alert], rows: Sequence[tuple[str, ...]]) -> Block:
    """Return the table; the day is a column of its own where it is not the same for all."""
    if len({alert.spike.day for alert in ranked}) == 1:
        return table([_HEADING, *rows], right_aligned=_RIGHT_ALIGNED)
    dated = [(*row, f"{alert.spike.day}") for row, alert in zip(rows, ranked, strict=False)]
    return table([(*_HEADING, _DAY), *dated], right_aligned=(*_RIGHT_ALIGNED, False))


def _severities(ranked: Sequence[Alert]) -> str:
    counted = Counter(alert.explained.severity for alert in ranked)
    return " · ".join(f"{MARKS[severity]} {number} {severity}" for severity, number in counted.items())


def _sum(alerts: Sequence[Alert]) -> str:
    impacts: dict[str, list[Decimal]] = {}
    for alert in alerts:
        impacts.setdefault(alert.spike.billing_currency, []).append(alert.spike.impact)
    return " and ".join(money(cents_total(parts), currency, sign=True) for currency, parts in impacts.items())


def _row(alert: Alert) -> tuple[str, ...]:
    spike, severity = alert.spike, alert.explained.severity
    driver = main_contributor(spike)
    return (
        f"{MARKS[severity]} {severity}",
        plain(scope_name(spike.scope), _CELL),
        money(spike.impact, spike.billing_currency, sign=True),
        percent(spike.impact_percent),
        plain(account_label(alert.account_name, spike.scope.account_id), _CELL),
        plain(contributor_name(driver, spike.scope) if driver else "", _CELL),
    )


def _notes(ranked: Sequence[Alert]) -> list[str]:
    notes = ["From billing data."]
    if any(alert.estimated for alert in ranked):
        notes.append(PROVISIONAL)
    return notes


def _spoken(ranked: Sequence[Alert], day: date) -> str:
    named = [
        f"{alert.explained.severity} {plain(scope_name(alert.spike.scope), _CELL)},"
        f" {plain(account_label(alert.account_name, alert.spike.scope.account_id), _CELL)},"
        f" {money(alert.spike.impact, alert.spike.billing_currency, sign=True)}"
        for alert in ranked[:_SPOKEN]
    ]
    more = len(ranked) - len(named)
    listed = "; ".join([*named, f"and {more} more"] if more else named)
    return f"{_title(ranked, day).lstrip('🔴🟠🟡🔵 ')}. {listed}{'.' if listed else ''}"
