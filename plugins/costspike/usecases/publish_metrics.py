"""Publish the landed days to Prometheus: compare, append what differs, read it back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from costspike.adapters.prometheus.answers import SamplesRefused
from costspike.domain.day_metrics import known_names
from costspike.domain.day_series import Series, day_series
from costspike.domain.errors import UpstreamError
from costspike.domain.metric_revisions import as_wanted, missing, revisions
from costspike.domain.server_settings import RECEIVER, RETENTION, WINDOW, ServerSettings, days_needed

if TYPE_CHECKING:
    from costspike.adapters.prometheus.day_samples import DaySamples
    from costspike.adapters.warehouse.publication import Publication
    from costspike.domain.runs import Run
    from costspike.settings import Settings

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_NOON = time(12, tzinfo=UTC)
_POLL_SECONDS = 2.0
# The first day of a retention is deleted in pieces; what is that old is not worth a sample.
_RESERVE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """The two sides of publishing, and what the server says of itself."""

    publication: Publication
    samples: DaySamples
    server: ServerSettings
    sleep: Callable[[float], None]


@dataclass(slots=True)
class Published:
    """What publishing did. ``refused`` says which days the server did not take, and which setting would."""

    days: int = 0
    changed_days: int = 0
    samples: int = 0
    refused: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "days": self.days,
            "changed_days": self.changed_days,
            "samples": self.samples,
            "refused": self.refused,
        }


def publish_metrics(
    run: Run,
    settings: Settings,
    publishing: Publishing,
) -> Published:
    """Make Prometheus say what the warehouse says of every day that is over; a second time writes nothing.

    Raises:
        SamplesRefused: not even the newest day was taken; the text names the setting that would take it.
        UpstreamError: the server failed, or what was written cannot be read. What was written stays written,
            and the next run goes on from there.
    """
    own, today, done = settings.prometheus, run.now.date(), Published()
    samples, server = publishing.samples, publishing.server
    read = publishing.publication.read(today - _DAY * own.publish_days, today, zero_days=own.zero_days)
    wanted = day_series(read.values, read.days, max_series=own.max_series, zero_days=own.zero_days)
    done.days = len(wanted)
    wanted = _within_retention(wanted, server, run.now, done)
    names = known_names({key.name for series in wanted.values() for key in series})
    found = samples.values(names, wanted)
    changed = [day for day in sorted(wanted, reverse=True) if not as_wanted(wanted[day], found[day])]
    if run.dry_run:
        log.info("A dry run: %s of %s days differ and are not written.", len(changed), len(wanted))
        return done
    written: list[date] = []
    for position, day in enumerate(changed):
        try:
            done.samples += _write(samples, names, day, wanted[day], found[day])
        except SamplesRefused as refusal:
            _refused(refusal, changed[position:], server, run.now, done, fatal=day == max(wanted))
            break
        written.append(day)
    done.changed_days = len(written)
    _read_back(samples, names, written, wanted, patience=own.read_back_seconds, sleep=publishing.sleep)
    for text in done.refused:
        log.warning("%s", text)
    log.info("Published %s", done.as_dict())
    return done


def _write(samples: DaySamples, names: Iterable[str], day: date, wanted: Series, found: Series) -> int:
    """Write a day's revisions; return how many."""
    held = samples.held(names, day) if found else {}
    new = revisions(day, wanted, held)
    if new:
        samples.write(new)
    return len(new)


def _within_retention(
    wanted: Mapping[date, Series], server: ServerSettings, now: datetime, done: Published
) -> dict[date, Series]:
    """Return the days that the server would keep: older ones it takes with a success and deletes."""
    if server.retention is None:
        return dict(wanted)
    kept = {day: series for day, series in wanted.items() if _age(day, now) < server.retention - _RESERVE}
    gone = sorted(wanted.keys() - kept.keys())
    if gone:
        needed = days_needed(_age(gone[0], now))
        done.refused.append(
            f"{len(gone)} days up to {gone[-1]} are older than what the server keeps ({server.retention.days} d); "
            f"set {RETENTION} to {needed}d or more"
        )
    return kept


def _refused(
    refusal: SamplesRefused,
    days: Sequence[date],
    server: ServerSettings,
    now: datetime,
    done: Published,
    *,
    fatal: bool,
) -> None:
    """Keep what was refused, or raise where that is all there is; ``days`` are newest first."""
    needed = days_needed(_age(days[-1], now))
    window = f" (it is {server.window.days}d)" if server.window is not None else ""
    advice = {
        "too_old": f"set {WINDOW} to {needed}d{window}, or load them with promtool (docs/prometheus.md)",
        "no_receiver": f"start the server with {RECEIVER}, or correct write_path in the connection",
        "duplicate": "another publisher wrote the same series; the next run corrects it",
        "too_large": "allow larger requests on the way to the server, or lower prometheus.max_series",
        "other": "correct what it says",
    }[refusal.why]
    text = f"{len(days)} days up to {days[0]} were not taken: {refusal}; {advice}"
    if fatal or refusal.why in {"no_receiver", "other"}:
        raise SamplesRefused(text, refusal.why) from refusal
    done.refused.append(text)


def _read_back(
    samples: DaySamples,
    names: Iterable[str],
    days: Sequence[date],
    wanted: Mapping[date, Series],
    *,
    patience: float,
    sleep: Callable[[float], None],
) -> None:
    """Check that what was written can be read: a success alone is no proof.

    Raises:
        UpstreamError: it cannot, within the time that the settings allow.
    """
    waited = 0.0
    while True:
        found = samples.values(names, days)
        lost = [(day, key) for day in days for key in missing(wanted[day], found[day])]
        if not lost:
            return
        if waited >= patience:
            break
        sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    day, key = lost[0]
    msg = (
        f"{len(lost)} samples were written and cannot be read, first {key.name}{dict(key.labels)} of {day}; "
        f"expected the values that were written. Check that {RETENTION} reaches back that far, and that queries go "
        "to the server that is written to"
    )
    raise UpstreamError(msg, system="Prometheus", reason="bad_answer", retryable=True)


def _age(day: date, now: datetime) -> timedelta:
    """Return how long ago the stamp of a day was."""
    return now - datetime.combine(day, _NOON)
