"""The part of an alert that the bill and the rules speak for: no word of it comes from a model."""

from collections.abc import Sequence
from datetime import timedelta

from costspike.domain.spikes import Spike
from costspike.rendering.alert import Alert
from costspike.rendering.amounts import money, percent, whole_money
from costspike.rendering.blocks import fields, header, section
from costspike.rendering.charts import cost_chart
from costspike.rendering.contributors import contributor_table, fallen_line, main_contributor
from costspike.rendering.fitting import Part, Use
from costspike.rendering.links import link_line
from costspike.rendering.mentions import mention_line
from costspike.rendering.mrkdwn import mrkdwn, plain
from costspike.rendering.names import ALL_ACCOUNTS, MARKS, account_label, contributor_name, scope_name
from costspike.rendering.reasons import why_flagged

_HEADER_SERVICE = 45
_HEADER_ACCOUNT = 30
_NAME = 150
_DRIVER_NAME = 120
_WHY = 600
_LINKS = 2500
_RELATED = 5
_SHORT_AMOUNTS = 7
"""Fields of a short message: up to since when."""
_BEFORE = {"day_over_day": "the day before"}
_MONTH = 30
"""Days of the month in "if it continues"."""


def header_line(alert: Alert) -> str:
    """Return severity, service, increase, account and day; the names are cut before the amounts are."""
    spike, severity = alert.spike, alert.explained.severity
    name = plain(scope_name(spike.scope), _HEADER_SERVICE)
    account = account_label(alert.account_name, spike.scope.account_id, _HEADER_ACCOUNT)
    return f"{MARKS[severity]} {severity} · {name} {increase(spike)} · {account} · {spike.day}"


def increase(spike: Spike) -> str:
    """Return ``+$412 (+38 %)``."""
    return f"{whole_money(spike.impact, spike.billing_currency, sign=True)} ({percent(spike.impact_percent)})"


def driver_sentence(spike: Spike) -> str:
    """Return the plain sentence that names the largest part of the rise; empty where there is none."""
    driver = main_contributor(spike)
    if driver is None:
        return ""
    name = contributor_name(driver, spike.scope)
    if name == scope_name(spike.scope):
        if spike.scope.usage_type:
            return ""
        return "The costs were landed by account and service, so the rise is not split further."
    share, impact = (money(part, spike.billing_currency, sign=True) for part in (driver.delta, spike.impact))
    part = (
        f"{share} of {impact}" if driver.delta <= spike.impact else f"{share}, offset elsewhere to {impact}"
    )
    return f"Mostly {plain(name, _DRIVER_NAME)}: {part}."


def header_part(alert: Alert) -> Part:
    """Return the title."""
    return Part(use=Use.ESSENTIAL, blocks=(header(header_line(alert)),))


def amounts_part(alert: Alert) -> Part:
    """Return where and how much, in two columns."""
    return _in_columns(_amounts(alert))


def short_amounts_part(alert: Alert) -> Part:
    """Return where and how much, without what is reckoned from it."""
    return _in_columns(_amounts(alert)[:_SHORT_AMOUNTS])


def _amounts(alert: Alert) -> list[tuple[str, str]]:
    spike = alert.spike
    currency = spike.billing_currency
    account = account_label(alert.account_name, spike.scope.account_id)
    band = f"{money(spike.expected_low, currency)} to {money(spike.expected_high, currency)}"
    impact = f"{money(spike.impact, currency, sign=True)} ({percent(spike.impact_percent)})"
    state = " (estimated)" if alert.estimated else ""
    month = whole_money(spike.impact * _MONTH, currency, sign=True)
    return [
        ("Service", mrkdwn(scope_name(spike.scope), _NAME)),
        ("Account", mrkdwn("All accounts" if account == ALL_ACCOUNTS else account, _NAME)),
        (f"The day before, {spike.day - timedelta(days=1)}", money(spike.previous_cost, currency)),
        (f"Spike day, {spike.day}", money(spike.actual_cost, currency) + state),
        ("Expected", f"{money(spike.expected_cost, currency)} (band {band})"),
        ("Impact", impact),
        ("Since", _since(alert)),
        ("Typical day", money(spike.typical_cost, currency)),
        (f"If it continues for {_MONTH} days", month),
    ]


def _in_columns(labelled: Sequence[tuple[str, str]]) -> Part:
    return Part(use=Use.ESSENTIAL, blocks=(fields([f"*{label}*\n{value}" for label, value in labelled]),))


def _since(alert: Alert) -> str:
    first = alert.first_day or alert.spike.day
    return f"{first}, {alert.raised_days} days" if alert.raised_days > 1 else f"{first}, the first day"


def mention_parts(alert: Alert) -> list[Part]:
    """Return the calls of the owners, nothing where the settings name none."""
    line = mention_line(alert.mentions)
    return [Part(use=Use.ESSENTIAL, blocks=(section(f"For {line}"),))] if line else []


def why_part(alert: Alert) -> Part:
    """Return which rule flagged the day, and every gate that it passed."""
    why = mrkdwn(why_flagged(alert.spike), _WHY)
    return Part(use=Use.ESSENTIAL, blocks=(section(f"*Why this was flagged*\n{why}"),))


def related_parts(alert: Alert) -> list[Part]:
    """Return what else belongs to the incident on the same day, nothing where it is this spike alone."""
    if not alert.related:
        return []
    shown = [f"{scope_name(one.scope)} {increase(one)}" for one in alert.related[:_RELATED]]
    more = len(alert.related) - len(shown)
    listed = "; ".join([*shown, f"and {more} more"] if more else shown)
    line = f"*Also part of this incident on this day*\n{mrkdwn(listed, _WHY)}"
    return [Part(use=Use.ESSENTIAL, blocks=(section(line),))]


def chart_parts(alert: Alert) -> list[Part]:
    """Return the chart of the last days, nothing where they make no line."""
    spike = alert.spike
    history = (*alert.history, (spike.day, spike.actual_cost))
    chart = cost_chart(scope_name(spike.scope), spike.billing_currency, history)
    return [Part(use=Use.CHART, blocks=(chart,), name="chart")] if chart else []


def table_parts(alert: Alert) -> list[Part]:
    """Return what the rise is made of, nothing where it is not split."""
    table = contributor_table(alert.spike)
    before = _BEFORE.get(alert.spike.detector, "what was expected")
    title = section(f"*Where the change comes from* (before: {before})")
    return [Part(use=Use.TABLE, blocks=(title, table), name="contributors")] if table else []


def fallen_parts(alert: Alert) -> list[Part]:
    """Return what fell on the same day and is no part of the rise, nothing where nothing did."""
    line = fallen_line(alert.spike)
    text = f"*What fell on the same day* (no part of the impact)\n{mrkdwn(line, _WHY)}"
    return [Part(use=Use.TABLE, blocks=(section(text),), name="what fell")] if line else []


def link_parts(alert: Alert) -> list[Part]:
    """Return our links in one line."""
    line = link_line(alert.links, _LINKS)
    return [Part(use=Use.LINKS, blocks=(section(line),), name="links")] if line else []
