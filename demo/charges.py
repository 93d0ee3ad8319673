"""What is on the demo's bill besides usage: commitments, fees, taxes, credits and a refund."""

import calendar
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from demo.bill import CostRow
from demo.catalogue import EC2, MANAGEMENT, PROD_DATA, PROD_WEB, RDS, US_EAST

SAVINGS_PLAN = "Savings Plans for AWS Compute usage"
COVERED_TYPE = "USE1-BoxUsage:m6i.2xlarge"
COVERED_PRICE = Decimal("0.384")
COMMITMENT = Decimal("158.4")
COVERED = Decimal("207.36")
PLAN_RATE = Decimal("0.72")
RESERVED_TYPE = "USE1-InstanceUsage:db.r6g.2xl"
RESERVED_HOURS = Decimal(72)
RESERVED_RATE = Decimal("0.5742")
NET_SHARE = Decimal("0.94")
SUPPORT_FEE = Decimal("487.62")
TAX = Decimal("913.27")
CREDIT = Decimal("-38.45")
CREDIT_WEEKDAY = 2
REFUND = Decimal("-61.18")
REFUND_AGE = timedelta(days=15)
NOTHING = Decimal(0)


def other_charges(days: Iterable[date], today: date) -> Iterator[CostRow]:
    """Yield everything that is not plain usage."""
    for day in days:
        yield from _savings_plan(day)
        yield from _reservation(day)
        if day.day == 1:
            yield _charge(day, MANAGEMENT.id, "AWS Support (Business)", "Fee", SUPPORT_FEE)
            yield _charge(day, MANAGEMENT.id, "Tax", "Tax", TAX)
        if day.weekday() == CREDIT_WEEKDAY:
            yield _charge(day, PROD_WEB.id, EC2, "Credit", CREDIT)
        if day == today - REFUND_AGE:
            yield _charge(day, PROD_WEB.id, "Amazon CloudFront", "Refund", REFUND)


def _savings_plan(day: date) -> Iterator[CostRow]:
    """Yield covered usage at its on-demand price, what takes it back, and the commitment.

    On the amortized basis the usage costs the plan's rate and the fee only what is left unused of it.
    """
    share = Decimal(100 - day.weekday()) / 100
    covered = COVERED * share
    used = covered * PLAN_RATE
    hours = covered / COVERED_PRICE
    yield _row(day, PROD_WEB.id, EC2, COVERED_TYPE, "SavingsPlanCoveredUsage", covered, used, hours)
    yield _row(day, PROD_WEB.id, EC2, COVERED_TYPE, "SavingsPlanNegation", -covered, NOTHING, NOTHING)
    yield _row(
        day,
        MANAGEMENT.id,
        SAVINGS_PLAN,
        "ComputeSP:1yrNoUpfront",
        "SavingsPlanRecurringFee",
        COMMITMENT,
        COMMITMENT - used,
        NOTHING,
    )


def _reservation(day: date) -> Iterator[CostRow]:
    """Yield reserved database hours, free on a cash basis, and on the first of a month the month's fee."""
    cost = RESERVED_HOURS * RESERVED_RATE
    yield _row(day, PROD_DATA.id, RDS, RESERVED_TYPE, "DiscountedUsage", NOTHING, cost, RESERVED_HOURS)
    if day.day == 1:
        month = cost * calendar.monthrange(day.year, day.month)[1]
        usage_type = "USE1-HeavyUsage:db.r6g.2xl"
        yield _row(day, PROD_DATA.id, RDS, usage_type, "RIFee", month, NOTHING, NOTHING)


def _row(
    day: date,
    account_id: str,
    service: str,
    usage_type: str,
    record_type: str,
    unblended: Decimal,
    amortized: Decimal,
    hours: Decimal,
) -> CostRow:
    return CostRow(
        day=day,
        account_id=account_id,
        service=service,
        usage_type=usage_type,
        region=US_EAST,
        record_type=record_type,
        unblended=unblended,
        amortized=amortized,
        net_amortized=amortized * NET_SHARE,
        quantity=hours,
        unit="Hrs",
        currency="USD",
    )


def _charge(day: date, account_id: str, service: str, record_type: str, amount: Decimal) -> CostRow:
    """Return an amount that is the same on every basis and belongs to no usage type or region."""
    return CostRow(
        day=day,
        account_id=account_id,
        service=service,
        usage_type="",
        region="",
        record_type=record_type,
        unblended=amount,
        amortized=amount,
        net_amortized=amount,
        quantity=NOTHING,
        unit="N/A",
        currency="USD",
    )
