"""A clock that stands still until somebody sleeps."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Clock:
    """Tells ``now``; ``sleep`` lets the time pass without waiting for it."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def pass_by(self, **time: float) -> datetime:
        """Let time pass; return the moment after it."""
        self.now += timedelta(**time)
        return self.now
