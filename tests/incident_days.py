"""Spikes and daily costs of incidents, written as amounts."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.spikes import Contributor, Scope, Spike

MONDAY = date(2026, 3, 2)
EC2 = Scope(account_id="1", service="EC2")
EC2_OF_2 = Scope(account_id="2", service="EC2")
ALL_EC2 = Scope(service="EC2")
S3 = Scope(account_id="1", service="S3")
TOTAL = Scope()


def on(number: int) -> date:
    """Return the day so many days after Monday."""
    return MONDAY + timedelta(days=number)


def spike(
    number: int,
    actual: float | str,
    expected: float | str = 100,
    *,
    scope: Scope = EC2,
    currency: str = "USD",
    band: float = 20,
) -> Spike:
    """Return a spike so many days after Monday."""
    now, was = Decimal(str(actual)), Decimal(str(expected))
    names = {"account_id": scope.account_id, "service": scope.service}
    return Spike(
        day=on(number),
        scope=scope,
        billing_currency=currency,
        detector="baseline",
        actual_cost=now,
        expected_cost=was,
        expected_low=was - Decimal(str(band)),
        expected_high=was + Decimal(str(band)),
        previous_cost=was,
        typical_cost=was,
        score=2.0,
        gates=(),
        contributors=(Contributor(before=was, after=now, delta=now - was, **names),),
    )


def costs(
    amounts: Iterable[float | None], *, first: int = 0, before: float | Mapping[int, float] | None = 100
) -> dict[date, Decimal]:
    """Return what days cost from ``first`` on, None for a day that nobody knows.

    ``before`` is what the eight weeks before Monday cost, each day or by weekday (Monday is 0).
    """
    days: dict[date, Decimal] = {}
    if before is not None:
        for ago in range(1, 57):
            day = MONDAY - timedelta(days=ago)
            usual = before if isinstance(before, (int, float)) else before[day.weekday()]
            days[day] = Decimal(str(usual))
    for number, amount in enumerate(amounts, first):
        if amount is not None:
            days[on(number)] = Decimal(str(amount))
    return days
