"""The landed days as OpenMetrics, with the stamps that publishing would give them: a large first history."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from costspike.domain.day_metrics import known_names, metric_of
from costspike.domain.day_series import day_series
from costspike.domain.metric_revisions import revisions
from costspike.rendering.open_metrics import Family, Point, open_metrics

if TYPE_CHECKING:
    from costspike.adapters.prometheus.day_samples import DaySamples
    from costspike.adapters.warehouse.publication import Publication
    from costspike.domain.prometheus_settings import PrometheusSettings

log = logging.getLogger(__name__)


def export_metrics(
    publication: Publication,
    settings: PrometheusSettings,
    start: date,
    end: date,
    samples: DaySamples | None,
) -> Iterator[str]:
    """Yield the lines of the days of [start, end).

    Where blocks and a server have a sample at one stamp, the older value stays, without a word. So with
    ``samples`` the days that Prometheus holds any series of are left out; ``publish_metrics`` corrects those.
    """
    read = publication.read(start, end, zero_days=settings.zero_days)
    wanted = day_series(read.values, read.days, max_series=settings.max_series, zero_days=settings.zero_days)
    if samples is not None:
        names = known_names({key.name for series in wanted.values() for key in series})
        found = samples.values(names, wanted)
        held = {day for day in wanted if found[day]}
        log.info("%s of %s days are left out: Prometheus holds them.", len(held), len(wanted))
        wanted = {day: series for day, series in wanted.items() if day not in held}
    points: dict[str, list[Point]] = defaultdict(list)
    for day, series in wanted.items():
        for sample in revisions(day, series, {}):
            points[sample.key.name].append(
                Point(labels=sample.key.labels, value=sample.value, stamp=sample.stamp)
            )
    return open_metrics(
        Family(name=name, kind="gauge", help=metric_of(name).help, points=points[name])
        for name in sorted(points)
    )
