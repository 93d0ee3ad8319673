"""What happens with the spikes of a day, by its age and by what the run was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costspike.domain.runs import Run
    from costspike.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is to happen with the spikes of one day."""

    explain: bool
    alert: bool


def policy(run: Run, settings: Settings, day: date) -> Policy:
    """Return what happens with the spikes of a day: old ones are only stored, unless they were asked for."""
    if run.dry_run:
        return Policy(explain=False, alert=False)
    asked = day == run.cost_day and not run.is_backfill
    young = run.age_of(day) <= timedelta(days=settings.alerts.max_age_days)
    return Policy(
        explain=settings.explain.enabled and (asked or young or settings.explain.in_backfill),
        alert=asked or young or settings.alerts.in_backfill,
    )
