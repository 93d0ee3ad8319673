"""The run that a task belongs to: for which day, why, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from costspike.domain.reading import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One Airflow run as the use cases see it; moments are UTC.

    ``claimant`` names the task instance that acts as DAG/run/task/map index, the same in every retry of it;
    ``is_first_try`` is false once it is tried or cleared again.
    """

    cost_day: date
    run_id: str
    run_type: str
    started: datetime
    now: datetime
    claimant: str
    is_first_try: bool = True
    force: bool = False
    dry_run: bool = False

    @property
    def is_backfill(self) -> bool:
        """Tell whether the run belongs to a backfill."""
        return self.run_type == "backfill"

    @property
    def claims(self) -> str:
        """Return what every claimant of this run begins with: the DAG and the run."""
        return self.claimant.rsplit("/", 2)[0] + "/"

    @property
    def siblings(self) -> str:
        """Return what every claimant of this task in this run begins with: the DAG, the run and the task."""
        return self.claimant.rsplit("/", 1)[0] + "/"

    @property
    def reader(self) -> Reader:
        """Return what planning the reading needs to know."""
        return Reader(
            cost_day=self.cost_day,
            now=self.now,
            run_id=self.run_id,
            run_started=self.started,
            is_backfill=self.is_backfill,
            force=self.force,
        )

    @property
    def midnight(self) -> datetime:
        """Return the beginning of today, from which a day's budgets are counted."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def age_of(self, day: date) -> timedelta:
        """Return how long ago a day was, in whole days."""
        return self.now.date() - day
