"""Who did what around the onset: which events of CloudTrail to look for, and their counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from costspike.domain.evidence.records import EvidenceRow
from costspike.domain.facts import Value

SOURCE = "cloudtrail"
TITLE = "Management events in CloudTrail around the onset"
KEPT = timedelta(days=90)
GLOBAL_REGION = "us-east-1"

_DAY = timedelta(days=1)
_MAX_ROWS = 8
_MAX_RESOURCES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMap:
    """Which event names can explain a rise of a service; ``always`` are looked for whatever the service is."""

    services: Mapping[str, tuple[str, ...]]
    default: tuple[str, ...]
    always: tuple[str, ...]
    global_services: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One question to CloudTrail: it takes one attribute and answers for one region."""

    region: str
    event_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementEvent:
    """One event as CloudTrail tells it; ``at`` is UTC. Names are text from outside."""

    name: str
    source: str
    user: str
    at: datetime
    region: str
    error_code: str = ""
    resources: tuple[str, ...] = ()


@dataclass(slots=True)
class _Group:
    events: list[ManagementEvent] = field(default_factory=list)


def lookups(service: str, regions: Sequence[str], events: EventMap, limit: int) -> tuple[Lookup, ...]:
    """Return what to look for, the most telling first, at most ``limit`` of them.

    Services that log in one region only are looked for there; so are sign-ins and changes of rights.
    """
    names = events.services.get(service, events.default)
    where = (GLOBAL_REGION,) if service in events.global_services else tuple(regions)
    found = [Lookup(region=region, event_name=name) for region in where for name in names]
    found += [Lookup(region=GLOBAL_REGION, event_name=name) for name in events.always]
    return tuple(dict.fromkeys(found))[:limit]


def window(first_day: date, day: date, now: datetime) -> tuple[datetime, datetime] | None:
    """Return when to look: from the day before the incident to the end of the spike's day, None if it is gone."""
    end = datetime.combine(day + _DAY, time(), UTC)
    start = max(datetime.combine(first_day - _DAY, time(), UTC), now - KEPT)
    return (start, min(end, now)) if start < min(end, now) else None


def event_rows(
    events: Iterable[ManagementEvent], *, capped: frozenset[Lookup] = frozenset()
) -> tuple[EvidenceRow, ...]:
    """Return counts by event, user and region, the fewest first within the most telling: never single dumps.

    What a person or a deployment did once is more telling than what a scheduler does a hundred times a day.

    Args:
        events: as they were found, in any order.
        capped: the lookups of which only the newest events were read.
    """
    groups: dict[tuple[str, str, str], _Group] = {}
    for event in events:
        groups.setdefault((event.name, event.user, event.region), _Group()).events.append(event)
    ordered = sorted(groups.items(), key=lambda item: (len(item[1].events), item[0]))
    capped_names = {(one.region, one.event_name) for one in capped}
    return tuple(
        _row(key, group.events, at_least=(key[2], key[0]) in capped_names)
        for key, group in ordered[:_MAX_ROWS]
    )


def _row(key: tuple[str, str, str], events: Sequence[ManagementEvent], *, at_least: bool) -> EvidenceRow:
    name, user, region = key
    times = sorted(event.at for event in events)
    resources = dict.fromkeys(one for event in events for one in event.resources)
    failed = sum(bool(event.error_code) for event in events)
    values: dict[str, Value] = {
        "event": name,
        "event_source": events[0].source,
        "user": user or None,
        "region": region,
        "event_count": str(len(events)),
        "count_is_a_minimum": at_least,
        "failed_count": str(failed),
        "first_at": f"{times[0]:%Y-%m-%dT%H:%MZ}",
        "last_at": f"{times[-1]:%Y-%m-%dT%H:%MZ}",
        "first_day": f"{times[0]:%Y-%m-%d}",
    }
    for number, resource in enumerate(list(resources)[:_MAX_RESOURCES], 1):
        values[f"resource_{number}"] = resource
    values["resource_count"] = str(len(resources))
    return EvidenceRow(label=TITLE, values=values)
