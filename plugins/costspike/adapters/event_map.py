"""The map from services to the CloudTrail events that can explain their rise: a data file of this package."""

import functools
from importlib import resources

import yaml

from costspike.domain.evidence.management_events import EventMap


@functools.cache
def load_event_map() -> EventMap:
    """Return the map, read from disk once a process."""
    file = resources.files("costspike") / "data" / "cloudtrail_events.yaml"
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    return EventMap(
        services={str(name): tuple(events) for name, events in found["services"].items()},
        default=tuple(found["default"]),
        always=tuple(found["always"]),
        global_services=frozenset(found["global_services"]),
    )
