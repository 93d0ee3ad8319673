"""The current state as metrics for a scraper; counters are sums over the warehouse, whichever worker answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from costspike.domain.day_metrics import COST
from costspike.domain.day_series import day_series
from costspike.rendering.open_metrics import Family, Point

if TYPE_CHECKING:
    from costspike.adapters.warehouse.current import Current, CurrentState, Spent
    from costspike.domain.prometheus_settings import PrometheusSettings

LATEST_COST = "costspike_latest_day_cost"
_SEVERITIES = ("P1", "P2", "P3", "P4")


def current_metrics(state: CurrentState, settings: PrometheusSettings) -> Sequence[Family]:
    """Return the families; those about which nothing is known yet are left out."""
    now = state.read()
    families = [
        *_costs(now, settings.max_series),
        _gauge(
            "costspike_latest_day_timestamp_seconds",
            "Midnight (UTC) that begins the newest day.",
            _newest(now),
        ),
        _gauge("costspike_last_success_timestamp_seconds", "When each step last succeeded.", _successes(now)),
        _gauge("costspike_open_incidents", "Incidents that are open.", _by("severity", _open(now))),
        _gauge(
            "costspike_undelivered_alerts",
            "Alerts that have not gone out, and why.",
            _by("reason", now.alerts_undelivered),
        ),
        _counter("costspike_alerts_sent", "Alerts that were sent.", [((), now.alerts_sent)]),
        _counter(
            "costspike_api_requests", "Paid requests to Cost Explorer.", _counts(("purpose",), now.requests)
        ),
        _counter(
            "costspike_api_spend_usd", "US dollars for these requests.", _dollars(("purpose",), now.requests)
        ),
        _counter("costspike_claude_tokens", "Tokens.", _counts(("direction", "model"), now.tokens)),
        _counter(
            "costspike_claude_spend_usd", "US dollars for these tokens.", _dollars(("model",), now.claude)
        ),
    ]
    return [family for family in families if family.points]


def _costs(now: Current, max_series: int) -> Iterable[Family]:
    """Yield the costs of the newest day, as many as are published of a day, by currency."""
    if now.newest is None:
        return
    found = day_series(now.costs, [now.newest], max_series=max_series, zero_days=0)[now.newest]
    for name in sorted({key.name for key in found}):
        points = [Point(labels=key.labels, value=value) for key, value in found.items() if key.name == name]
        full = LATEST_COST + name.removeprefix(COST)
        yield Family(name=full, kind="gauge", help="Usage cost of the newest landed day.", points=points)


def _newest(now: Current) -> Iterable[Point]:
    if now.newest is not None:
        midnight = datetime.combine(now.newest, time(), UTC)
        yield Point(labels=(), value=midnight.timestamp())


def _successes(now: Current) -> Iterable[Point]:
    for step, moment in (("land_costs", now.read_at), ("run", now.run_succeeded_at)):
        if moment is not None:
            yield Point(labels=(("step", step),), value=moment.timestamp())


def _open(now: Current) -> Mapping[str, int]:
    return dict.fromkeys(_SEVERITIES, 0) | now.open_incidents


def _by(label: str, counts: Mapping[str, int]) -> list[Point]:
    return [Point(labels=((label, name),), value=float(count)) for name, count in counts.items()]


def _counts(labels: Sequence[str], spent: Iterable[Spent]) -> list[tuple[tuple[tuple[str, str], ...], float]]:
    return [(tuple(zip(labels, one.names, strict=True)), float(one.count)) for one in spent]


def _dollars(
    labels: Sequence[str], spent: Iterable[Spent]
) -> list[tuple[tuple[tuple[str, str], ...], float]]:
    return [
        (tuple(zip(labels, one.names, strict=True)), float(one.usd)) for one in spent if one.usd is not None
    ]


def _gauge(name: str, text: str, points: Iterable[Point]) -> Family:
    return Family(name=name, kind="gauge", help=text, points=list(points))


def _counter(name: str, text: str, values: Iterable[tuple[tuple[tuple[str, str], ...], float]]) -> Family:
    points = [Point(labels=labels, value=float(value)) for labels, value in values]
    return Family(name=name, kind="counter", help=text, points=points)
