"""AWS's own opinion: only what is about the same part of the bill."""

from decimal import Decimal
from typing import Any

from costspike.domain.evidence.aws_opinion import Anomaly, RootCause, aws_opinion
from costspike.domain.evidence.focus import Focus

S3 = Focus(account_id="1" * 12, service="Amazon S3")


def anomaly(
    service: str = "Amazon S3", account: str = "1" * 12, impact: str = "9.999", **more: Any
) -> Anomaly:
    cause = RootCause(
        account_id=account,
        service=service,
        region="us-east-1",
        usage_type="Requests",
        contribution=Decimal(5),
    )
    known: dict[str, Any] = {
        "first_day": "2026-11-20T00:00:00Z",
        "last_day": "2026-11-20T00:00:00Z",
        "service": service,
        "impact": Decimal(impact),
        "feedback": "",
        "causes": (cause,),
    }
    return Anomaly(**(known | more))


def test_the_same_service_and_account_is_told() -> None:
    (row,) = aws_opinion([anomaly()], S3, requests=1).rows
    assert dict(row.values) == {
        "first_day": "2026-11-20",
        "last_day": "2026-11-20",
        "aws_total_impact_cost": "10.00",
        "feedback_given_in_aws": None,
        "account_id": "1" * 12,
        "service": "Amazon S3",
        "region": "us-east-1",
        "usage_type": "Requests",
        "contribution_cost": "5.00",
    }


def test_others_are_not() -> None:
    evidence = aws_opinion([anomaly("EC2"), anomaly(account="2" * 12)], S3, requests=1)
    assert (evidence.state, evidence.requests) == ("empty", 1)
    assert "monitors may not cover it" in evidence.note


def test_one_without_named_causes_counts_by_its_service() -> None:
    (row,) = aws_opinion([anomaly(causes=())], S3, requests=1).rows
    assert "usage_type" not in row.values


def test_the_largest_are_told() -> None:
    rows = aws_opinion([anomaly(impact=str(n)) for n in range(9)], S3, requests=1).rows
    assert [row.values["aws_total_impact_cost"] for row in rows] == ["8.00", "7.00", "6.00"]
