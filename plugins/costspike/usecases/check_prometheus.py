"""Say whether a Prometheus can be published to: its settings, and a sample that is written and read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from costspike.adapters.prometheus.answers import SamplesRefused
from costspike.adapters.prometheus.server_status import server_settings
from costspike.domain.day_metrics import Key
from costspike.domain.errors import UpstreamError
from costspike.domain.metric_revisions import LAST, Sample, day_start
from costspike.domain.promql import selector
from costspike.domain.server_settings import ServerSettings, days_needed, problems

if TYPE_CHECKING:
    from costspike.adapters.prometheus.client import Prometheus

PROBE = "costspike_doctor_probe"
_NOON = time(12, tzinfo=UTC)


class Finding(NamedTuple):
    """One thing that was looked at."""

    good: bool
    text: str


def check_prometheus(prometheus: Prometheus, oldest: date, now: datetime) -> Iterator[Finding]:
    """Yield what was found; ``oldest`` is the first day that is to be published.

    Writes a sample of its own, ``costspike_doctor_probe``, at that day and at yesterday.
    """
    try:
        prometheus.query("vector(1)", now.timestamp())
        server = server_settings(prometheus)
    except UpstreamError as error:
        yield Finding(good=False, text=str(error))
        return
    yield Finding(good=True, text=f"queries are answered ({_told(server)})")
    age = now - datetime.combine(oldest, _NOON)
    found = problems(server, age)
    yield from (Finding(good=False, text=text) for text in found)
    if not found and server.retention is not None:
        yield Finding(good=True, text=f"its settings take and keep days from {oldest} on")
    for day, name in ((now.date() - timedelta(days=1), "yesterday"), (oldest, "oldest")):
        yield _probe(prometheus, day, name, now)


def _probe(prometheus: Prometheus, day: date, name: str, now: datetime) -> Finding:
    """Write a sample of a day, at another second each time, and read it back."""
    second = day_start(day) + now.hour * 3600 + now.minute * 60 + now.second
    value = float(int(now.timestamp()))
    try:
        prometheus.write([Sample(Key(PROBE, (("day", name),)), second, value)])
        asked = f"last_over_time({selector(PROBE, day=name)}[{LAST}s])"
        back = [result.points[0][1] for result in prometheus.query(asked, second + 1)]
    except SamplesRefused as error:
        needed = days_needed(now - datetime.combine(day, _NOON))
        text = f"a sample of {day} is not taken: {error}; days that old need a window and a retention of {needed}d"
        return Finding(good=False, text=text)
    except UpstreamError as error:
        return Finding(good=False, text=f"a sample of {day} cannot be written: {error}")
    if value not in back:
        return Finding(good=False, text=f"a sample of {day} was taken and cannot be read back: {back}")
    return Finding(good=True, text=f"a sample of {day} is taken and can be read back")


def _told(server: ServerSettings) -> str:
    parts = [f"version {server.version}"] if server.version else []
    if server.retention is not None:
        parts.append(f"retention {server.retention.days}d")
    if server.window is not None:
        parts.append(f"out-of-order window {server.window.days}d")
    return ", ".join(parts) or "it tells nothing of its settings, as managed services do"
