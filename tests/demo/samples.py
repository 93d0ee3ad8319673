"""Planted events and what was found of them."""

from datetime import date
from decimal import Decimal

from demo.incidents import Incident
from demo.ledger import FoundSpike, SentAlert

FIRST, LAST = date(2026, 11, 12), date(2026, 11, 15)
DAYS = [date(2026, 11, day) for day in range(10, 24)]
ACCOUNT, SERVICE = "666666666666", "EC2"


def incident(*, to_be_found: bool = True, first: date = FIRST, usd: str = "100") -> Incident:
    return Incident(
        name="GPU instances",
        first_day=first,
        last_day=max(first, LAST),
        account_id=ACCOUNT,
        service=SERVICE,
        usage_type="BoxUsage",
        region="us-east-1",
        usd_per_day=Decimal(usd),
        to_be_found=to_be_found,
    )


def spike(day: date = FIRST, *, account: str = ACCOUNT, service: str = SERVICE) -> FoundSpike:
    return FoundSpike(
        cost_day=day,
        spike_id=f"spike-{day}",
        account_id=account,
        service=service,
        currency="USD",
        impact=Decimal("94.5"),
        expected_cost=Decimal(50),
    )


def alert(key: str = "key", *, state: str = "sent", problem: str = "") -> SentAlert:
    return SentAlert(
        alert_id="spike",
        incident_id="spike",
        reason="first_notification",
        spike_id="spike",
        message_key=key,
        state=state,
        attempts=1,
        posted_channel="C0COSTS",
        ts="1.000001",
        problem=problem,
        message="",
    )
