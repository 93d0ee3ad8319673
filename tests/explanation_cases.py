"""One spike that several tests explain: a NAT gateway in production that moves three times its usual data."""

from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.explanation import Explanation, Hypothesis, Recommendation
from costspike.domain.facts import Circumstances, Fact, fact_sheet
from costspike.domain.organisation import OrganisationSettings
from costspike.domain.spikes import Contributor, Gate, Scope, Spike

DAY = date(2026, 11, 20)
PRODUCTION = "123456789012"


def nat_spike(**changes: object) -> Spike:
    """Return a spike of 412.33 USD above 1,087.17 USD, with the given fields changed."""
    fields: dict[str, object] = {
        "day": DAY,
        "scope": Scope(account_id=PRODUCTION, service="EC2 - Other"),
        "billing_currency": "USD",
        "detector": "weekday_median",
        "actual_cost": Decimal("1499.5012"),
        "expected_cost": Decimal("1087.1689"),
        "expected_low": Decimal("1001.5"),
        "expected_high": Decimal("1172.84"),
        "previous_cost": Decimal("1081.00"),
        "typical_cost": Decimal("1085.5"),
        "score": 4.81234,
        "gates": (
            Gate(name="impact", value=412.3323, limit=25.0),
            Gate(name="impact_percent", value=37.927, limit=20.0),
        ),
        "contributors": (
            Contributor(
                account_id=PRODUCTION,
                service="EC2 - Other",
                usage_type="USE1-NatGateway-Bytes",
                region="us-east-1",
                before=Decimal("190.25"),
                after=Decimal("590.75"),
                delta=Decimal("400.5"),
            ),
            Contributor(before=Decimal("896.9189"), after=Decimal("908.7512"), delta=Decimal("11.8323")),
        ),
    }
    return Spike(**{**fields, **changes})  # type: ignore[arg-type]


def circumstances(**changes: object) -> Circumstances:
    """Return what is known around the spike: five weeks of history with one day missing."""
    fields: dict[str, object] = {
        "history": [
            (DAY - timedelta(days=back), Decimal(1080) + back) for back in range(35, 0, -1) if back != 14
        ],
        "account_names": {PRODUCTION: "shop-production"},
        "organisation": OrganisationSettings(
            description="A web shop. About $40,000 a month is normal. Batch jobs on Mondays.",
            environments={PRODUCTION: "production"},
        ),
        "organisation_typical_cost": Decimal(4200),
        "provisional": True,
        "severity": "P2",
        "severity_reason": "412.33 USD a day above what was expected reaches the limit of 250.00 USD for P2.",
    }
    return Circumstances(**{**fields, **changes})  # type: ignore[arg-type]


def nat_facts() -> tuple[Fact, ...]:
    """Return the fact sheet of the spike."""
    return fact_sheet(nat_spike(), circumstances())


def answer(**changes: object) -> Explanation:
    """Return an answer that every check lets pass, with the given fields changed."""
    fields: dict[str, object] = {
        "root_cause": (
            "EC2 - Other in account 123456789012 cost $1,499.50 on 2026-11-20, $412.33 above the expected. "
            "USE1-NatGateway-Bytes rose by $400.50 (E13), 97.1 % of the impact."
        ),
        "cause_category": "data_transfer",
        "confidence": "high",
        "what_changed": "USE1-NatGateway-Bytes rose from $190.25 to $590.75.",
        "changed_on": "2026-11-20",
        "hypotheses": [
            Hypothesis(
                cause="A workload began to send its traffic through the gateway.",
                cause_category="data_transfer",
                likelihood="high",
                evidence_for=["E13"],
                evidence_against=[],
                how_to_disprove="Compare the bytes of the gateway before and after the day.",
            )
        ],
        "severity": "P2",
        "severity_reason": "The rise is 9.8 % of the organisation's typical day.",
        "recommendations": [
            Recommendation(
                action=f"Look at NAT gateway metrics, step {step}.",
                console_path="VPC > NAT gateways",
                cli="aws ec2 describe-nat-gateways --region us-east-1",
            )
            for step in ("one", "two", "three")
        ],
        "prevention": "Add gateway endpoints for S3 and DynamoDB, and a budget on NAT traffic.",
        "evidence_ids": ["E6", "E13"],
        "suspicious_input": False,
    }
    return Explanation.model_validate({**fields, **changes})
