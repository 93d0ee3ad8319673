"""What a person says of an incident, in the words that AWS Cost Anomaly Detection takes as feedback."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from costspike.domain.errors import DataContractError
from costspike.domain.texts import plain, shortened

MAX_NOTE = 500
MAX_NAME = 100


class VerdictWord(StrEnum):
    """The feedback that ``ProvideAnomalyFeedback`` calls YES, PLANNED_ACTIVITY and NO.

    https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_ProvideAnomalyFeedback.html
    """

    ANOMALY = "anomaly"
    PLANNED_ACTIVITY = "planned_activity"
    FALSE_POSITIVE = "false_positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanVerdict:
    """One person's word on one incident; ``given_at`` is UTC. Note and name are data, whatever they say."""

    incident_id: str
    verdict: VerdictWord
    note: str
    given_by: str
    given_at: datetime


def human_verdict(
    incident_id: str, verdict: str, *, note: str, given_by: str, given_at: datetime
) -> HumanVerdict:
    """Return a verdict on one line, cut to what is stored.

    Raises:
        DataContractError: there is no such word, or nobody says it.
    """
    if verdict not in list(VerdictWord):
        msg = f"{verdict!r} is no verdict on an incident; expected one of {', '.join(VerdictWord)}"
        raise DataContractError(msg)
    name = shortened(plain(given_by), MAX_NAME)
    if not name:
        msg = "the verdict is nobody's; expected the name of the person who gives it"
        raise DataContractError(msg)
    return HumanVerdict(
        incident_id=incident_id,
        verdict=VerdictWord(verdict),
        note=shortened(plain(note), MAX_NOTE),
        given_by=name,
        given_at=given_at,
    )
