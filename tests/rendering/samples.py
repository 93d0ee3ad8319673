"""Alerts to render: hand-made, with round amounts, one kind of trouble each."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costspike.domain.explanation import Explained, Explanation, Hypothesis, Recommendation
from costspike.domain.facts import Fact
from costspike.domain.grades import Severity
from costspike.domain.incidents import NotifyReason, State
from costspike.domain.notices import Notice
from costspike.domain.spikes import Contributor, Gate, Scope, Spike
from costspike.rendering.alert import Alert
from costspike.rendering.links import Link, cost_explorer_url

DAY = date(2026, 11, 20)
ACCOUNT = "123456789012"
HOSTILE = "<!channel> <@U024BE7LH> <https://evil.example|invoice> ``` & {{ conn.slack.password }} {% raw %}"
RIGHT_TO_LEFT = "\u202e\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0641\u0648\u062a\u0631\u0629\u202c\u200b"


def contributor(before: str, after: str, **names: str) -> Contributor:
    was, now = Decimal(before), Decimal(after)
    return Contributor(before=was, after=now, delta=now - was, **names)


CONTRIBUTORS = (
    contributor("120.00", "301.20", usage_type="EUW1-NatGateway-Bytes", region="eu-west-1"),
    contributor("0", "31.115", usage_type="EUW1-DataTransfer-Regional-Bytes", region="eu-west-1"),
    contributor("41.50", "54.20", usage_type="USE1-EBS:VolumeUsage.gp3", region="us-east-1"),
    contributor("338.50", "348.045"),
)


def spike(
    *,
    scope: Scope | None = None,
    currency: str = "USD",
    actual: str = "734.56",
    expected: str = "500.00",
    contributors: tuple[Contributor, ...] = CONTRIBUTORS,
    detector: str = "baseline",
) -> Spike:
    return Spike(
        day=DAY,
        scope=scope if scope is not None else Scope(account_id=ACCOUNT, service="EC2 - Other"),
        billing_currency=currency,
        detector=detector,
        actual_cost=Decimal(actual),
        expected_cost=Decimal(expected),
        expected_low=Decimal(expected) * Decimal("0.9"),
        expected_high=Decimal(expected) * Decimal("1.12"),
        previous_cost=Decimal("503.10"),
        typical_cost=Decimal("498.75"),
        score=3.912,
        gates=(
            Gate(name="impact", value=234.56, limit=25.0),
            Gate(name="impact_percent", value=46.912, limit=20.0),
            Gate(name="band", value=734.56, limit=560.0),
            Gate(name="recent_largest", value=734.56, limit=601.45),
            Gate(name="monthly", value=734.56, limit=540.25),
        ),
        contributors=contributors,
    )


EVIDENCE = (
    Fact(
        id="E13",
        label="The impact split into usage, unit price and commitments",
        values={
            "usage_effect_cost": "201.20",
            "unit_price_effect_cost": "0.00",
            "not_split_cost": "33.36",
            "usage_share_of_impact_percent": "85.8",
            "note": "how it was made",
        },
    ),
    Fact(
        id="E14",
        label="Management events in CloudTrail around the onset",
        values={
            "event": "ReplaceRoute",
            "user": "terraform-network",
            "event_count": "1",
            "count_is_a_minimum": False,
            "first_at": "2026-11-20T01:00Z",
            "resource_1": "AWS::EC2::RouteTable rtb-0f3a9c2d71b8e4c65",
        },
    ),
    Fact(id="E15", label="Drill-down in Cost Explorer", values={"state": "denied", "meaning": "nothing"}),
)


def explanation(severity: Severity = "P2") -> Explanation:
    return Explanation(
        root_cause=(
            "Traffic through the NAT gateways in eu-west-1 grew from $120.00 to $301.20, most likely because"
            " a new workload pulls its images through them. Regional transfer that did not exist before began"
            " on the same day, which fits a service that was moved to another zone. The volumes in us-east-1"
            " play a small part."
        ),
        cause_category="data_transfer",
        confidence="medium",
        what_changed="terraform-network replaced the route of the private subnets (E14).",
        changed_on="2026-11-20",
        hypotheses=[
            Hypothesis(
                cause="The private subnets reach the registry through the NAT gateway since their route changed.",
                cause_category="misconfiguration",
                likelihood="high",
                evidence_for=["E13", "E14"],
                evidence_against=[],
                how_to_disprove="Look whether the route table still has its endpoint.",
            ),
            Hypothesis(
                cause="A new workload pulls large images.",
                cause_category="usage_growth",
                likelihood="low",
                evidence_for=["E13"],
                evidence_against=["E15"],
                how_to_disprove="Look whether a service was created on that day.",
            ),
        ],
        severity=severity,
        severity_reason="The rise comes from one account and is limited to one region.",
        recommendations=[
            Recommendation(
                action="Find the NAT gateway whose traffic grew on that day.",
                console_path="VPC > NAT gateways > Monitoring",
                cli="aws ec2 describe-nat-gateways --region eu-west-1 --filter Name=state,Values=available",
            ),
            Recommendation(
                action="List the tasks that were started on the day before.",
                console_path="Elastic Container Service > Clusters",
                cli="aws ecs list-tasks --cluster main --region eu-west-1",
            ),
            Recommendation(
                action="Check whether the image registry is reached by a VPC endpoint.",
                console_path="VPC > Endpoints",
                cli="",
            ),
        ],
        prevention="Add endpoints for S3 and ECR to the VPC, and alarm on the bytes of the NAT gateways.",
        evidence_ids=["E1", "E3", "E4"],
        suspicious_input=False,
    )


def explained(severity: Severity = "P2", *, opinion: Severity | None = None) -> Explained:
    return Explained(
        severity=severity,
        explanation=explanation(opinion or severity),
        model="claude-sonnet-5-5",
        prompt_version="v2",
        evidence=EVIDENCE,
    )


def unexplained(
    severity: Severity = "P2", reason: str = "Claude did not answer within 120 seconds"
) -> Explained:
    return Explained(severity=severity, explanation=None, reason=reason)


def history(last: str = "734.56") -> tuple[tuple[date, Decimal], ...]:
    usual = ("498.75", "505.2", "489.1", "512.66", "470.05", "465.9", "501.3", "507.77", "495", "509.4")
    amounts = [*usual, *reversed(usual[1:]), last]
    return tuple((DAY - timedelta(days=19 - at), Decimal(amount)) for at, amount in enumerate(amounts))


def alert(
    severity: Severity = "P2",
    *,
    of: Spike | None = None,
    known: Explained | None = None,
    account_name: str = "prod-web",
    estimated: bool = False,
) -> Alert:
    found = of or spike()
    console = cost_explorer_url(found.scope, date(2026, 11, 1), date(2026, 11, 21))
    return Alert(
        spike=found,
        explained=known or explained(severity),
        account_name=account_name,
        history=history(str(found.actual_cost)),
        links=(
            Link(label="Cost Explorer", url=console),
            Link(label="Airflow run", url="https://airflow.example.com/dags/aws_cost_spikes/runs/1?a=1&b=2"),
            Link(label="Runbook", url="https://wiki.example.com/costs"),
        ),
        estimated=estimated,
    )


def hostile_alert() -> Alert:
    """Return an alert with hostile text in every place that takes any."""
    names = {"service": HOSTILE, "usage_type": RIGHT_TO_LEFT + "`" * 5, "region": "<" * 3000}
    parts = (
        contributor("1", "200", account_id="<@W1>", **names),
        contributor("499", "534.56", usage_type="a" * 3000),
    )
    step = Recommendation(action=HOSTILE, console_path="<!here>" * 100, cli="aws `id` ``` <!channel> " * 60)
    model_text = explanation("P4").model_copy(
        update={
            "root_cause": HOSTILE * 30,
            "severity_reason": RIGHT_TO_LEFT * 200,
            "prevention": "```" + HOSTILE,
            "recommendations": [step] * 5,
            "evidence_ids": [HOSTILE] * 40,
            "suspicious_input": True,
        }
    )
    flags = (HOSTILE, 'root_cause: unverified number "$5,000"', *[f"flag_{at}" for at in range(20)])
    known = Explained(
        severity="P1", explanation=model_text, flags=flags, model=HOSTILE * 9, prompt_version=RIGHT_TO_LEFT
    )
    found = spike(
        scope=Scope(account_id="<!subteam^S1>", service=HOSTILE * 40), currency="<!x>", contributors=parts
    )
    found = replace(found, fallen=(contributor("9", "1", account_id="<@W1>", **names),))
    links = (
        Link(label="a|b>c", url="https://x.example/<!channel>|a b"),
        Link(label="js", url="javascript:alert(1)"),
    )
    return replace(
        alert(of=found, known=known, account_name=RIGHT_TO_LEFT * 300, estimated=True), links=links
    )


def status(reason: NotifyReason = NotifyReason.GREW, state: State = State.ONGOING, **changes: Any) -> Notice:
    """Return news of the incident that ``alert()`` began."""
    known: dict[str, Any] = {
        "incident_id": spike().spike_id,
        "day": DAY + timedelta(days=3),
        "spike_id": spike().spike_id,
        "scope": spike().scope,
        "billing_currency": "USD",
        "severity": "P2",
        "old_severity": "P2",
        "impact": Decimal("938.24"),
        "old_impact": Decimal("234.56"),
        "first_day": DAY,
        "last_day": DAY + timedelta(days=3),
        "raised_days": 4,
        "spike_ids": (spike().spike_id,),
    }
    return Notice(reason=reason, state=state, **(known | changes))
