"""What was planted in the bill against what was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from demo.organisation import NET_SHARE

if TYPE_CHECKING:
    from demo.incidents import Incident
    from demo.ledger import FoundSpike


DISCOUNT = f"{(1 - NET_SHARE) * 100:.0f} %"


class Verdict(Enum):
    """How it went with one planted event."""

    FOUND = "found"
    MISSED = "missed"
    SILENT = "silent, as it should be"
    FALSE_ALARM = "false alarm"
    NOT_JUDGED = "before the first judged day"

    @property
    def is_right(self) -> bool:
        """Tell whether that is what should have happened."""
        return self not in {Verdict.MISSED, Verdict.FALSE_ALARM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A planted event, its dollars a day on the basis that is judged, and the first spike that met it."""

    incident: Incident
    verdict: Verdict
    planted_usd: Decimal
    spike: FoundSpike | None


def compare(
    incidents: Iterable[Incident], spikes: Sequence[FoundSpike], days: Sequence[date]
) -> list[Finding]:
    """Return a finding for each planted event, in their order.

    Costs are judged net of the organisation's private discount, so what was planted is, too.
    """
    return [
        Finding(
            incident=incident,
            verdict=_verdict(incident, spike, days),
            planted_usd=incident.usd_per_day * NET_SHARE,
            spike=spike,
        )
        for incident in incidents
        for spike in [next((spike for spike in spikes if meets(spike, incident)), None)]
    ]


def unplanned(incidents: Sequence[Incident], spikes: Iterable[FoundSpike]) -> list[FoundSpike]:
    """Return the spikes that no planted event explains."""
    return [spike for spike in spikes if not any(meets(spike, incident) for incident in incidents)]


def meets(spike: FoundSpike, incident: Incident) -> bool:
    """Tell whether a spike is about an event: its day, account and service.

    A verdict on a wider scope also meets an event that is to be found; one that is not cannot be its cause.
    """
    wider = {""} if incident.to_be_found else set()
    return (
        incident.covers(spike.cost_day)
        and spike.account_id in wider | {incident.account_id}
        and spike.service in wider | {incident.service}
    )


def _verdict(incident: Incident, spike: FoundSpike | None, days: Sequence[date]) -> Verdict:
    if incident.to_be_found and spike is not None:
        return Verdict.FOUND
    if incident.first_day not in days:
        return Verdict.NOT_JUDGED
    if incident.to_be_found:
        return Verdict.MISSED
    return Verdict.FALSE_ALARM if spike is not None else Verdict.SILENT
