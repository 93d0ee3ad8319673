"""The cost line of a back-test with its incidents on it, as inline SVG.

The drawing is stretched to the width at hand; labels and the numbers of incidents are HTML, so that they stay
readable. Coordinates are floats; nothing here is calculated with as money.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from itertools import groupby

from costspike.domain.backtest import BackTest
from costspike.domain.incidents import Incident
from costspike.rendering.amounts import currency_code, whole_money
from costspike.rendering.axis import day_labels, round_ticks, tick_label

_WIDTH = 1000
_HEIGHT = 240
# Numbers nearer than this, in percent of the width, go into different rows.
_NEAREST_PERCENT = 2.6
_MOST_ROWS = 6
_MOST_MARKS = 40


def backtest_chart(test: BackTest, ranked: Sequence[Incident], anchor: str) -> str:
    """Return the figure; ``ranked`` are its incidents, number one first, whose rows have the id anchor-number."""
    if not test.daily:
        return '<p class="empty">There is no data on these days.</p>'
    axis = _Axis(test)
    excess = _excess(ranked)
    ticks = "".join(f"<li>{tick_label(tick)}</li>" for tick in reversed(axis.ticks))
    days = "".join(f"<li>{escape(label)}</li>" for label in day_labels(axis.days))
    unit = currency_code(test.billing_currency) or "cost"
    return (
        f'<figure class="chart wide"><figcaption>Usage cost, {escape(unit)} a day</figcaption>'
        f'<ul class="legend" aria-hidden="true"><li class="cost">cost</li><li class="extra">above the expected</li>'
        f'<li class="start">an incident begins</li></ul>'
        f'<div class="plot"><div></div>{_marks(axis, ranked, anchor)}'
        f'<ol class="amounts" aria-hidden="true">{ticks}</ol>{_svg(axis, test, ranked, excess)}'
        f'<ol class="days" aria-hidden="true">{days}</ol></div></figure>'
    )


class _Axis:
    """Where days and amounts lie."""

    def __init__(self, test: BackTest) -> None:
        self._first = test.daily[0][0]
        last = test.daily[-1][0]
        self._days = max((last - self._first).days, 1)
        self.days = [self._first + timedelta(days=n) for n in range((last - self._first).days + 1)]
        amounts = [float(cost) for _, cost in test.daily]
        self.ticks = round_ticks(min(amounts), max(amounts))

    def share(self, day: date) -> float:
        """Return where a day lies, from 0 to 1."""
        return min(max((day - self._first).days / self._days, 0.0), 1.0)

    def x(self, day: date) -> float:
        """Return the horizontal place of a day."""
        return self.share(day) * _WIDTH

    def y(self, amount: float) -> float:
        """Return the vertical place of an amount."""
        low, high = self.ticks[0], self.ticks[-1]
        return _HEIGHT * (high - min(max(amount, low), high)) / (high - low)


def _excess(incidents: Sequence[Incident]) -> dict[date, Decimal]:
    """Return what all incidents together cost on each day."""
    sums: dict[date, Decimal] = {}
    for incident in incidents:
        for one in incident.days:
            sums[one.day] = sums.get(one.day, Decimal(0)) + one.impact
    return sums


def _svg(axis: _Axis, test: BackTest, ranked: Sequence[Incident], excess: Mapping[date, Decimal]) -> str:
    grid = "".join(f"M0 {axis.y(tick):.1f}H{_WIDTH}" for tick in axis.ticks)
    starts = "".join(f"M{axis.x(one.first_day):.1f} 0V{_HEIGHT}" for one in ranked[:_MOST_MARKS])
    runs = _runs(test.daily)
    line = "".join(_line(axis, [(day, float(cost)) for day, cost in run]) for run in runs)
    extra = "".join(_band(axis, run, excess) for run in runs)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{_description(test, ranked)}"><path class="grid" d="{grid}"/>'
        f'<path class="start" d="{starts}"/><path class="extra" d="{extra}"/><path class="line" d="{line}"/></svg>'
    )


def _runs(daily: Sequence[tuple[date, Decimal]]) -> list[list[tuple[date, Decimal]]]:
    """Return the days in pieces without a gap: where nothing is known, no line is drawn."""
    numbered = groupby(enumerate(daily), key=lambda item: item[1][0] - timedelta(days=item[0]))
    return [[one for _, one in group] for _, group in numbered]


def _line(axis: _Axis, points: Sequence[tuple[date, float]]) -> str:
    # A line of no length with round ends shows a day that stands alone.
    tail = "h0" if len(points) == 1 else ""
    return "M" + "L".join(f"{axis.x(day):.1f} {axis.y(amount):.1f}" for day, amount in points) + tail


def _band(axis: _Axis, run: Sequence[tuple[date, Decimal]], excess: Mapping[date, Decimal]) -> str:
    """Return the area between the cost and what it would have been without the incidents."""
    if not any(excess.get(day) for day, _ in run):
        return ""
    above = [(day, float(cost)) for day, cost in run]
    below = [(day, float(cost - excess.get(day, Decimal(0)))) for day, cost in reversed(run)]
    return _line(axis, [*above, *below]) + "Z"


def _marks(axis: _Axis, ranked: Sequence[Incident], anchor: str) -> str:
    """Return the numbers of the incidents above the days on which they begin."""
    ends: list[float] = []
    marks: dict[int, tuple[int, float]] = {}
    by_day = sorted(enumerate(ranked[:_MOST_MARKS], 1), key=lambda item: (item[1].first_day, item[0]))
    for rank, incident in by_day:
        place = axis.share(incident.first_day) * 100
        free = [row for row, end in enumerate(ends) if place - end >= _NEAREST_PERCENT]
        row = free[0] if free else min(len(ends), _MOST_ROWS - 1)
        ends[row : row + 1] = [place]
        marks[rank] = (row, place)
    items = "".join(
        f'<li style="left:{place:.2f}%;top:{row * 1.5:.1f}em"><a href="#{anchor}-{rank}"'
        f' aria-label="Incident {rank}">{rank}</a></li>'
        for rank, (row, place) in marks.items()
    )
    return f'<ol class="marks" style="height:{len(ends) * 1.5:.1f}em">{items}</ol>'


def _description(test: BackTest, ranked: Sequence[Incident]) -> str:
    costs = [cost for _, cost in test.daily]
    low, high = (whole_money(pick(costs), test.billing_currency) for pick in (min, max))
    return escape(
        f"Line of the usage cost from {test.daily[0][0]} to {test.daily[-1][0]}, between {low} and {high} a day,"
        f" with {len(ranked)} incidents."
    )
