"""The settings of a Prometheus server that decide what it takes and keeps, and what to say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

RECEIVER = "--web.enable-remote-write-receiver"
WINDOW = "storage.tsdb.out_of_order_time_window"
RETENTION = "--storage.tsdb.retention.time"
_PARTS = re.compile(r"(\d+)(ms|[ywdhms])")
_SECONDS = {"y": 365 * 86_400, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What a server tells of itself; None where it does not, as managed ones do not.

    ``retention`` is how long samples are kept, ``window`` how far behind its newest sample one may be.
    """

    version: str = ""
    receiver: bool | None = None
    retention: timedelta | None = None
    window: timedelta | None = None


def duration(text: str) -> timedelta | None:
    """Return a duration of Prometheus (450d, 1h30m), None where the text is none."""
    parts = _PARTS.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in parts))


def retention_of(text: str) -> timedelta | None:
    """Return the time part of what a server calls its retention (``3y or 10GiB``), None where it has none."""
    found = [duration(part) for part in text.split(" or ")]
    return next((part for part in found if part), None)


def days_needed(age: timedelta) -> int:
    """Return the days that a setting should have for samples of this age: a day of reserve on top."""
    return age.days + 2


def problems(server: ServerSettings, age: timedelta) -> list[str]:
    """Return what keeps samples of this age out, each with the setting that would let them in."""
    days, found = days_needed(age), []
    if server.receiver is False:
        found.append(f"the server takes no remote write: start it with {RECEIVER}")
    if server.window is not None and server.window < age:
        found.append(
            f"{WINDOW} is {_days(server.window)}: set it to {days}d for days that are {age.days} days old"
        )
    if server.retention is not None and server.retention < age:
        found.append(
            f"{RETENTION} is {_days(server.retention)}: older samples are taken and then deleted; "
            f"set it to {days}d or more"
        )
    return found


def _days(span: timedelta) -> str:
    return f"{span.total_seconds() / 86_400:.4g}d"
