"""Series as OpenMetrics text, with stamps or without: for promtool, and for a scraper.

https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from costspike.domain.promql import quoted

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN_TYPE = "text/plain; version=0.0.4; charset=utf-8"
END = "# EOF"

Labels = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value; ``stamp`` is in Unix seconds, None for the moment of the scrape."""

    labels: Labels
    value: float
    stamp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """All points of one metric; the name of a counter is without ``_total``, which its points get."""

    name: str
    kind: Literal["gauge", "counter", "info"]
    help: str
    points: Sequence[Point]


def open_metrics(families: Iterable[Family]) -> Iterator[str]:
    """Yield the lines of an exposition; the points of a series follow each other, by time."""
    for family in families:
        yield from _family(family, family.name, family.kind)
    yield END


def plain_metrics(families: Iterable[Family]) -> Iterator[str]:
    """Yield the lines in the older text format, for those who do not ask for the newer one; without stamps."""
    for family in families:
        yield from _family(family, _point_name(family), "gauge" if family.kind == "info" else family.kind)


def _family(family: Family, name: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {_escaped_help(family.help)}"
    yield f"# TYPE {name} {kind}"
    for point in sorted(family.points, key=lambda point: (tuple(point.labels), point.stamp or 0)):
        yield f"{_point_name(family)}{_labels(point.labels)} {_number(point.value)}{_stamp(point.stamp)}"


def _point_name(family: Family) -> str:
    return family.name + {"gauge": "", "counter": "_total", "info": "_info"}[family.kind]


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f"{name}={quoted(value)}" for name, value in labels) + "}" if labels else ""


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _stamp(stamp: int | None) -> str:
    return "" if stamp is None else f" {stamp}"


def _escaped_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
