"""Everything that one alert is rendered from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costspike.domain.explanation import Explained
from costspike.domain.spikes import Spike
from costspike.rendering.links import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One spike with all that is known about it.

    ``history`` holds the scope's cost of up to 20 days, in any order; the spike's own day is added where
    it is missing. ``estimated`` says that AWS has not closed the day's bill yet. ``account_name`` is
    empty or the number where the account has no other name. ``related`` are the other spikes of its incident
    on the same day; no dollar is in two of them. ``mentions`` are ids of who is called, from the settings.
    ``first_day`` and ``raised_days`` are those of its incident; without them the spike is all of it.
    """

    spike: Spike
    explained: Explained
    account_name: str
    history: tuple[tuple[date, Decimal], ...]
    links: tuple[Link, ...]
    estimated: bool
    related: tuple[Spike, ...] = ()
    mentions: tuple[str, ...] = ()
    first_day: date | None = None
    raised_days: int = 1
