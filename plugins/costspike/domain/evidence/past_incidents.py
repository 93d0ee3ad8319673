"""Incidents that the same part of the bill had before: how long, how much, how they ended, what they were."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from costspike.domain.evidence.records import Evidence, EvidenceRow, found
from costspike.domain.facts import Value
from costspike.domain.human_verdicts import HumanVerdict
from costspike.domain.incidents import Incident, State
from costspike.domain.money import cents

SOURCE = "past_incidents"
TITLE = "An earlier incident of the same part of the bill"
_MAX_ROWS = 5
_OUTCOMES = {
    State.OPEN: "it was still open when the spike's day began",
    State.ONGOING: "it was still going on when the spike's day began",
    State.RESOLVED: "the cost went back to what was expected",
    State.SETTLED: "the higher level stayed and became the normal one",
    State.CORRECTED: "AWS restated the amounts: there was no incident",
}


def past_incidents(
    incidents: Sequence[Incident],
    causes: Mapping[str, str],
    verdicts: Mapping[str, HumanVerdict],
    since: date,
) -> Evidence:
    """Return the earlier incidents, the newest first.

    Args:
        incidents: those that were over, or ran on their own, before the spike; not the spike's own.
        causes: the cause category that was shown for a spike, by spike id.
        verdicts: what a person said last of a spike's incident, by spike id. The person is not part of the
            evidence.
        since: the first day that was looked at.
    """
    newest = sorted(incidents, key=lambda one: one.first_day, reverse=True)
    rows = [_row(one, causes, verdicts) for one in newest[:_MAX_ROWS]]
    return found(SOURCE, TITLE, rows, note=f"verdicts since {since} were looked at")


def _row(one: Incident, causes: Mapping[str, str], verdicts: Mapping[str, HumanVerdict]) -> EvidenceRow:
    cause = next((causes[spike.spike_id] for spike in reversed(one.spikes) if spike.spike_id in causes), None)
    said = max(
        (verdicts[spike.spike_id] for spike in one.spikes if spike.spike_id in verdicts),
        key=lambda verdict: verdict.given_at,
        default=None,
    )
    values: dict[str, Value] = {
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "days": str(len(one.days)),
        "impact_cost": str(cents(one.impact)),
        "largest_day_impact_cost": str(cents(max((day.impact for day in one.days), default=Decimal(0)))),
        "outcome": _OUTCOMES[one.state],
        "explained_as": cause,
        "human_verdict": said.verdict.value if said else None,
        "human_note": said.note or None if said else None,
    }
    return EvidenceRow(label=TITLE, values=values)
