"""What Slack accepts as a chart (https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block)."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

MAX_TITLE = 50
MAX_LABEL = 20
MAX_SERIES = 6
MAX_POINTS = 20
XY_CHARTS = frozenset({"line", "bar", "area"})


def chart_problems(block: Mapping[str, Any], at: str) -> Iterator[str]:
    """Yield what is wrong with a data_visualization block that has a title and a chart."""
    title, chart = block["title"], block["chart"]
    if not isinstance(title, str) or not 1 <= len(title) <= MAX_TITLE:
        yield f"must be 1 to {MAX_TITLE} characters [json-pointer:{at}/title]"
    kind = chart.get("type") if isinstance(chart, dict) else None
    if kind == "pie":
        yield from _unknown(chart, {"type", "segments"}, f"{at}/chart")
        yield from _points(chart.get("segments"), f"{at}/chart/segments", MAX_SERIES, positive=True)
    elif kind in XY_CHARTS:
        yield from _unknown(chart, {"type", "series", "axis_config"}, f"{at}/chart")
        yield from _xy_chart(chart, f"{at}/chart")
    else:
        yield f"chart type must be line, bar, area or pie [json-pointer:{at}/chart/type]"


def _xy_chart(chart: Mapping[str, Any], at: str) -> Iterator[str]:
    axis, series = chart.get("axis_config"), chart.get("series")
    if not isinstance(axis, dict) or not isinstance(axis.get("categories"), list):
        yield f"missing required field: axis_config.categories [json-pointer:{at}]"
        return
    if not isinstance(series, list) or not 1 <= len(series) <= MAX_SERIES:
        yield f"must be a list of 1 to {MAX_SERIES} series [json-pointer:{at}/series]"
        return
    yield from _axis(axis, f"{at}/axis_config")
    names = [one.get("name") for one in series]
    if len(set(names)) < len(names):
        yield f"series names must be unique [json-pointer:{at}/series]"
    for i, one in enumerate(series):
        here = f"{at}/series/{i}"
        yield from _unknown(one, {"name", "data"}, here)
        yield from _label(one.get("name"), f"{here}/name")
        yield from _points(one.get("data"), f"{here}/data", MAX_POINTS, positive=False)
        labels = [point.get("label") for point in one.get("data") or ()]
        if sorted(map(str, labels)) != sorted(map(str, axis["categories"])):
            yield f"every series must have every category once [json-pointer:{here}/data]"


def _axis(axis: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from _unknown(axis, {"categories", "x_label", "y_label"}, at)
    categories = axis["categories"]
    if not 1 <= len(categories) <= MAX_POINTS or len(set(map(str, categories))) < len(categories):
        yield f"must be 1 to {MAX_POINTS} different categories [json-pointer:{at}/categories]"
    for i, category in enumerate(categories):
        yield from _label(category, f"{at}/categories/{i}")
    for name in ("x_label", "y_label"):
        if name in axis and not (isinstance(axis[name], str) and 1 <= len(axis[name]) <= MAX_TITLE):
            yield f"must be 1 to {MAX_TITLE} characters [json-pointer:{at}/{name}]"


def _points(points: object, at: str, limit: int, *, positive: bool) -> Iterator[str]:
    if not isinstance(points, list) or not 1 <= len(points) <= limit:
        yield f"must be a list of 1 to {limit} items [json-pointer:{at}]"
        return
    for i, point in enumerate(points):
        yield from _unknown(point, {"label", "value"}, f"{at}/{i}")
        yield from _label(point.get("label"), f"{at}/{i}/label")
        value = point.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            yield f"value must be a number [json-pointer:{at}/{i}/value]"
        elif positive and value <= 0:
            yield f"value must be positive [json-pointer:{at}/{i}/value]"


def _label(label: object, at: str) -> Iterator[str]:
    if not isinstance(label, str) or not 1 <= len(label) <= MAX_LABEL:
        yield f"must be 1 to {MAX_LABEL} characters [json-pointer:{at}]"


def _unknown(value: Mapping[str, Any], known: set[str], at: str) -> Iterator[str]:
    for key in sorted(value.keys() - known):
        yield f"invalid additional property: {key} [json-pointer:{at}]"
