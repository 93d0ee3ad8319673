"""What AWS Cost Anomaly Detection says about the same days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costspike.domain.evidence.focus import Focus
from costspike.domain.evidence.records import Evidence, EvidenceRow, found
from costspike.domain.facts import Value
from costspike.domain.money import cents

SOURCE = "aws_opinion"
TITLE = "AWS Cost Anomaly Detection's own opinion"
_MAX_ROWS = 3
_MAX_CAUSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """One cause that AWS names; an empty name means that it names none."""

    account_id: str
    service: str
    region: str
    usage_type: str
    contribution: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """An anomaly of AWS; days are as AWS writes them, amounts in US dollars."""

    first_day: str
    last_day: str
    service: str
    impact: Decimal
    feedback: str
    causes: tuple[RootCause, ...]


def aws_opinion(anomalies: Iterable[Anomaly], focus: Focus, *, requests: int) -> Evidence:
    """Return the anomalies that are about the same part of the bill, the largest first."""
    own = [one for one in anomalies if _is_about(one, focus)]
    own.sort(key=lambda one: (-one.impact, one.first_day))
    rows = [row for one in own[:_MAX_ROWS] for row in _rows(one)]
    note = (
        ""
        if rows
        else "no anomaly of the same service or account ends on these days; its monitors may not cover it"
    )
    return found(SOURCE, TITLE, rows, note=note, requests=requests)


def _is_about(anomaly: Anomaly, focus: Focus) -> bool:
    services = {anomaly.service, *(cause.service for cause in anomaly.causes)}
    accounts = {cause.account_id for cause in anomaly.causes if cause.account_id}
    right_service = not focus.service or focus.service in services
    return right_service and (not focus.account_id or not accounts or focus.account_id in accounts)


def _rows(anomaly: Anomaly) -> Sequence[EvidenceRow]:
    causes = anomaly.causes[:_MAX_CAUSES] or (None,)
    return [_row(anomaly, cause) for cause in causes]


def _row(anomaly: Anomaly, cause: RootCause | None) -> EvidenceRow:
    values: dict[str, Value] = {
        "first_day": anomaly.first_day[:10],
        "last_day": anomaly.last_day[:10],
        "aws_total_impact_cost": str(cents(anomaly.impact)),
        "feedback_given_in_aws": anomaly.feedback or None,
    }
    if cause is not None:
        named = {
            "account_id": cause.account_id,
            "service": cause.service,
            "region": cause.region,
            "usage_type": cause.usage_type,
        }
        values |= {key: value for key, value in named.items() if value}
        values["contribution_cost"] = None if cause.contribution is None else str(cents(cause.contribution))
    return EvidenceRow(label=TITLE, values=values)
