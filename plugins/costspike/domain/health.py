"""Is the pipeline well, and what has to be said about it: a heartbeat, a failure notice, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal

from costspike.domain.secrets import without_secrets
from costspike.domain.texts import plain, shortened

HEARTBEAT: Final = "heartbeat"
PIPELINE_FAILED: Final = "pipeline_failed"
PIPELINE: Final = "pipeline"
"""In the outbox the pipeline stands where an incident does, the reasons above where a notify reason does."""

Reason = Literal["heartbeat", "pipeline_failed"]

# A heartbeat is about the present: the last day that is over, or the one before where its run came late.
_HEARTBEAT_AGE = timedelta(days=2)
_ERROR = 300
_DAY = timedelta(days=1)
_EXPLAINING = frozenset({"explain_spike", "check_explanations"})
# Without these a spike is found and told all the same.
_HARMLESS = frozenset(
    {
        "explain_spike",
        "check_explanations",
        "publish_metrics",
        "record_run",
        "notify_receivers",
        "report_drops",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A task that failed: how many of its instances, and the first line of why, empty if nobody knows."""

    task: str
    instances: int = 1
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDay:
    """A day that was read, and when (UTC); ``empty`` if it had no cost at all."""

    day: date
    observed_at: datetime
    empty: bool

    @property
    def over(self) -> datetime:
        """Return the end of the day."""
        return datetime.combine(self.day + _DAY, time(), self.observed_at.tzinfo)

    @property
    def complete(self) -> bool:
        """Tell whether the day was read after it was over."""
        return self.observed_at >= self.over


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How far the data goes.

    ``complete_through`` is the last day before a gap, None without data; ``age`` is the time since its end.
    """

    complete_through: date | None
    age: timedelta | None

    def is_stale(self, limit: timedelta) -> bool:
        """Tell whether the data is too old, or there is none."""
        return self.age is None or self.age > limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The figures of a heartbeat; dollars of Claude are None where a price is not known."""

    freshness: Freshness
    reconciled: bool
    incidents: int
    requests: int
    requests_usd: Decimal
    tokens: int
    claude_usd: Decimal | None
    undelivered: int

    @property
    def is_well(self) -> bool:
        """Tell whether there is nothing to look at."""
        return self.reconciled and not self.undelivered


def freshness(days: Sequence[ReadDay], now: datetime) -> Freshness:
    """Return how far the data goes, from the days that were read lately, oldest first."""
    read = [day for day in days if day.complete]
    while read and read[-1].empty:
        read.pop()
    if not read:
        return Freshness(complete_through=None, age=None)
    last = read[0]
    for following in read[1:]:
        if following.day - last.day > _DAY:
            break
        last = following
    return Freshness(complete_through=last.day, age=now - last.over)


def is_due(reason: Reason, *, age: timedelta, is_backfill: bool, max_age_days: int) -> bool:
    """Tell whether a run may speak about its cost day, which is ``age`` old.

    Nobody is told of old days: who runs a backfill looks at it, and its days say nothing about today.
    """
    if reason == HEARTBEAT:
        return age <= _HEARTBEAT_AGE and not is_backfill
    return age <= timedelta(days=max_age_days)


def must_be_fresh(*, age: timedelta, is_scheduled: bool) -> bool:
    """Tell whether old data is a failure of a run: not of one that somebody let bring in older days first."""
    return is_scheduled or age <= _DAY


def message_key(reason: Reason, day: date) -> str:
    """Return what identifies the one message of a reason and cost day."""
    return f"{reason}-{day}"


def stops_alerts(failures: Iterable[Failure]) -> bool:
    """Tell whether spikes of the day may not have been found or told."""
    return any(failure.task not in _HARMLESS for failure in failures)


def is_said_in_alerts(failures: Sequence[Failure]) -> bool:
    """Tell whether the day's alerts themselves say what failed: each one without an explanation says why."""
    return bool(failures) and all(failure.task in _EXPLAINING for failure in failures)


def failures_of(states: Iterable[tuple[str, str]], order: Sequence[str]) -> list[Failure]:
    """Return the tasks that failed by themselves, in the order of the DAG: the first is the likely cause.

    Args:
        states: task id and state of every task instance of the run.
        order: the task ids in the order of the DAG.
    """
    failed = [task for task, state in states if state == "failed"]
    return [Failure(task=task, instances=failed.count(task)) for task in order if task in failed]


def first_line(error: str) -> str:
    """Return the first line of an error, shown as plain text, without secrets and not too long."""
    line = next((line for line in error.splitlines() if line.strip()), "")
    return shortened(plain(without_secrets(line)), _ERROR)
