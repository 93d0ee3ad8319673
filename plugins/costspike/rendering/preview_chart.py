"""Slack's line chart as inline SVG.

The curve is stretched to the width at hand, its labels are HTML: they stay readable on a phone.
Coordinates are floats; nothing here is calculated with as money.
"""

import math
from collections.abc import Sequence
from html import escape

from costspike.rendering.blocks import Block

_WIDTH = 600
_HEIGHT = 160
_TICKS = 4
_STEPS = (1, 2, 2.5, 5, 10)
_SHOWN_DAYS = 5


def chart_figure(block: Block) -> str:
    """Return a figure with the first series of a line chart."""
    chart = block["chart"]
    points = [(str(point["label"]), float(point["value"])) for point in chart["series"][0]["data"]]
    values = [value for _, value in points]
    ticks = _ticks(min(values), max(values))
    title = escape(str(block["title"]))
    labels = "".join(f"<li>{_number(tick)}</li>" for tick in reversed(ticks))
    days = "".join(f"<li>{escape(label)}</li>" for label in _some([label for label, _ in points]))
    return (
        f'<figure class="chart"><figcaption>{title}</figcaption>'
        f'<div class="plot"><ol class="amounts" aria-hidden="true">{labels}</ol>{_svg(title, points, ticks)}'
        f'<ol class="days" aria-hidden="true">{days}</ol></div></figure>'
    )


def _svg(title: str, points: Sequence[tuple[str, float]], ticks: Sequence[float]) -> str:
    low, high = ticks[0], ticks[-1]
    step = _WIDTH / max(len(points) - 1, 1)
    xs = [at * step for at in range(len(points))]
    ys = [_HEIGHT * (high - value) / (high - low) for _, value in points]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
    grid = "".join(f"M0 {_HEIGHT * at / (len(ticks) - 1):.1f}H{_WIDTH}" for at in range(len(ticks)))
    # A line of no length with round ends is a dot that stays round however the drawing is stretched.
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(xs, ys, strict=True))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{_description(title, points)}">'
        f'<path class="grid" d="{grid}"/><path class="area" d="M0 {_HEIGHT}L{line}L{xs[-1]:.1f} {_HEIGHT}Z"/>'
        f'<path class="line" d="M{line}"/><path class="dots" d="{dots}"/></svg>'
    )


def _description(title: str, points: Sequence[tuple[str, float]]) -> str:
    lowest, highest = (pick(points, key=lambda point: point[1]) for pick in (min, max))
    (first, before), (last, after) = points[0], points[-1]
    sentence = (
        f"{len(points)} days, from {_amount(before)} on {first} to {_amount(after)} on {last};"
        f" lowest {_amount(lowest[1])} on {lowest[0]}, highest {_amount(highest[1])} on {highest[0]}."
    )
    return f"Line chart, {title}: {escape(sentence)}"


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers from at most ``low``, or zero, to at least ``high``."""
    low, high = min(low, 0.0), max(high, 0.0)
    rough = (high - low) / _TICKS or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [at * step for at in range(first, max(last, first + 1) + 1)]


def _some(labels: Sequence[str]) -> list[str]:
    if len(labels) <= _SHOWN_DAYS:
        return list(labels)
    return [labels[round(at * (len(labels) - 1) / (_SHOWN_DAYS - 1))] for at in range(_SHOWN_DAYS)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"


def _amount(value: float) -> str:
    return f"{value:,.2f}"
