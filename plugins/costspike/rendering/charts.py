"""Slack's native line chart of daily cost."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from costspike.rendering import slack_limits
from costspike.rendering.amounts import currency_code, to_cents
from costspike.rendering.blocks import Block
from costspike.rendering.mrkdwn import plain
from costspike.rendering.names import short_day

_FEWEST_POINTS = 2


def cost_chart(name: str, currency: str, history: Sequence[tuple[date, Decimal]]) -> Block | None:
    """Return the chart of the latest days that Slack can show, None where they make no line.

    ``name`` is plain text and is cut so that the currency stays readable.
    """
    days = sorted(dict(history).items())[-slack_limits.CHART_POINTS :]
    # A label must be unique: two days of different years can share theirs, then the later one stands.
    points = {short_day(day): amount for day, amount in days}
    if len(points) < _FEWEST_POINTS:
        return None
    unit = f"{currency_code(currency) or 'cost'} a day"
    title = f"{plain(name, slack_limits.CHART_TITLE - len(unit) - 2)}, {unit}"
    return {
        "type": "data_visualization",
        "title": plain(title, slack_limits.CHART_TITLE),
        "chart": {
            "type": "line",
            "series": [{"name": "Actual cost", "data": [_point(*point) for point in points.items()]}],
            "axis_config": {"categories": list(points), "x_label": "Day (UTC)", "y_label": unit},
        },
    }


def _point(label: str, amount: Decimal) -> dict[str, object]:
    # JSON has no decimals; this number is drawn and never calculated with.
    return {"label": label, "value": float(to_cents(amount))}
