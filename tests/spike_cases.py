"""Spikes with amounts that are easy to tell apart, for the tests of what becomes of them."""

from datetime import date
from decimal import Decimal
from typing import Any

from costspike.domain.spikes import Contributor, Gate, Scope, Spike
from tests.cost_pages import DAY, PROD


def spike(service: str = "S3", impact: str = "300", day: date = DAY, **changes: Any) -> Spike:
    rise = Decimal(impact)
    known: dict[str, Any] = {
        "day": day,
        "scope": Scope(account_id=PROD, service=service),
        "billing_currency": "USD",
        "detector": "baseline",
        "actual_cost": rise + 20,
        "expected_cost": Decimal(20),
        "expected_low": Decimal(18),
        "expected_high": Decimal(22),
        "previous_cost": Decimal("19.999999999999"),
        "typical_cost": Decimal(20),
        "score": 7.123456789012345,
        "gates": (Gate(name="impact", value=300.0, limit=3.0),),
        "contributors": (
            Contributor(
                account_id=PROD,
                service=service,
                usage_type="USE1-x",
                before=Decimal(20),
                after=rise,
                delta=rise - 20,
            ),
            Contributor(before=Decimal(0), after=Decimal(20), delta=Decimal(20)),
        ),
    }
    return Spike(**(known | changes))
