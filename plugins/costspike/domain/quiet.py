"""Which spikes nobody is to be told of: those that a planned change explains, and those that are muted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from costspike.domain.calendar_settings import CalendarSettings, Mute, PlannedChange
    from costspike.domain.drops import Drop
    from costspike.domain.spikes import Spike


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSpike:
    """A spike that is recorded and not told, and whose words that are; ``until`` is the last such cost day."""

    spike_id: str
    kind: Literal["planned", "muted"]
    scope: str
    reason: str
    owner: str
    until: date


def quiet_spikes(
    spikes: Iterable[Spike], calendar: CalendarSettings, margin_percent: Decimal
) -> tuple[QuietSpike, ...]:
    """Return the spikes that are quiet; a plan is named before a mute.

    Args:
        spikes: spikes of any days.
        calendar: the plans and mutes, expired ones too: a spike's own day counts, so that judging a day
            again gives the same.
        margin_percent: how far a rise may exceed its plan: in dollars, and by what lies outside its scope.
    """
    found = (_quiet(spike, calendar, margin_percent / 100) for spike in spikes)
    return tuple(one for one in found if one)


def heard_drops(drops: Iterable[Drop], calendar: CalendarSettings) -> list[Drop]:
    """Return the drops whose scope is not muted on their day; a planned change is a rise, and explains none."""
    return [
        drop
        for drop in drops
        if not any(drop.day <= mute.until and mute.scope.holds(drop.scope) for mute in calendar.mutes)
    ]


def expired_mutes(calendar: CalendarSettings, day: date) -> tuple[Mute, ...]:
    """Return the mutes that have ended before a cost day."""
    return tuple(mute for mute in calendar.mutes if mute.until < day)


def _quiet(spike: Spike, calendar: CalendarSettings, margin: Decimal) -> QuietSpike | None:
    for plan in calendar.planned_changes:
        if _is_planned(spike, plan, margin):
            return QuietSpike(
                spike_id=spike.spike_id,
                kind="planned",
                scope=plan.scope.text,
                reason=plan.reason,
                owner=plan.owner,
                until=plan.last_day,
            )
    for mute in calendar.mutes:
        if _is_muted(spike, mute):
            return QuietSpike(
                spike_id=spike.spike_id,
                kind="muted",
                scope=mute.scope.text,
                reason=mute.reason,
                owner=mute.owner,
                until=mute.until,
            )
    return None


def _is_planned(spike: Spike, plan: PlannedChange, margin: Decimal) -> bool:
    """Tell whether a plan explains a rise, but for a margin."""
    if not plan.first_day <= spike.day <= plan.last_day:
        return False
    inside = plan.scope.share_of(spike)
    outside = spike.impact - inside
    if inside <= 0 or outside > spike.impact * margin:
        return False
    return plan.expected_a_day is None or spike.impact <= plan.expected_a_day * (1 + margin)


def _is_muted(spike: Spike, mute: Mute) -> bool:
    """Tell whether all of a rise is muted: what else rises is another's alert, however small."""
    return spike.day <= mute.until and 0 < spike.impact == mute.scope.share_of(spike)
