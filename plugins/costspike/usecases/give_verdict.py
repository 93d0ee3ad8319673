"""Keep what a person says of an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from costspike.domain.errors import DataContractError
from costspike.domain.human_verdicts import HumanVerdict, human_verdict

if TYPE_CHECKING:
    from costspike.adapters.warehouse.human_verdicts import HumanVerdicts


def give_verdict(
    asked: str, verdict: str, *, note: str, given_by: str, given_at: datetime, verdicts: HumanVerdicts
) -> HumanVerdict:
    """Store a verdict on the incident that ``asked`` means, by its id or by a spike's; return it.

    Raises:
        DataContractError: there is no such incident or verdict, or nobody gives it; nothing is stored.
    """
    given = human_verdict("", verdict, note=note, given_by=given_by, given_at=given_at)
    incident_id = verdicts.incident_of(asked.strip())
    if incident_id is None:
        msg = (
            f"there is no incident {asked!r}; expected the id of an incident or of one of its spikes, as the last "
            "line of its message in Slack and the table incidents have it"
        )
        raise DataContractError(msg)
    known = replace(given, incident_id=incident_id)
    verdicts.keep(known)
    return known
