"""Round numbers and dates for the axes of a drawing."""

import math
from collections.abc import Sequence
from datetime import date

from costspike.rendering.names import short_day

_STEPS = (1, 2, 2.5, 5, 10)


def round_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Return some round numbers from at most ``low``, or zero, to at least ``high``."""
    low, high = min(low, 0.0), max(high, 0.0)
    rough = (high - low) / count or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [at * step for at in range(first, max(last, first + 1) + 1)]


def tick_label(value: float) -> str:
    """Return a number of an axis."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"


def day_labels(days: Sequence[date], most: int = 7) -> list[str]:
    """Return some evenly spaced days with their year, the first and the last among them."""
    chosen = (
        [days[round(at * (len(days) - 1) / (most - 1))] for at in range(most)] if len(days) > most else days
    )
    return [f"{short_day(day)}, {day.year}" for day in chosen]
