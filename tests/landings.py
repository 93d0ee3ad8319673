"""Landings as they are handed to the warehouse, made from pages like those of Cost Explorer."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import pandas as pd

from costspike.adapters.warehouse.cost_tables import Landing
from costspike.domain.normalization import normalize
from costspike.domain.reading import DayRange
from costspike.domain.totals import DayTotal
from tests.clocks import NOW
from tests.cost_pages import DAY, PROD, group, page, period

ONE_DAY = timedelta(days=1)
Bill = Mapping[tuple[date, str], str]
"""What each service cost on each day; an amount is a text."""


def rows(
    bill: Bill, *, usage_type: str = "", charge_type: str = "Usage", estimated: bool = False
) -> pd.DataFrame:
    """Return the rows of a bill of one account."""
    pages = [
        page(period(group(PROD, name, cost=cost), day=day, estimated=estimated))
        for (day, name), cost in bill.items()
    ]
    fixed = (
        {"x_charge_type": charge_type, "sku_meter": usage_type}
        if usage_type
        else {"x_charge_type": charge_type}
    )
    return normalize(pages, fixed=fixed)


def landing(
    bill: Bill,
    *,
    span: DayRange | None = None,
    costs: pd.DataFrame | None = None,
    at: datetime = NOW,
    run_id: str = "run 1",
    grain: str = "account_service",
    estimated: bool = False,
) -> Landing:
    """Return the landing of a bill; without ``span`` it covers the days of the bill, else ``DAY``."""
    frame = rows(bill) if costs is None else costs
    days = sorted({day for day, _ in bill}) or [DAY]
    span = span or DayRange(days[0], days[-1] + ONE_DAY)
    return Landing(
        span=span,
        costs=frame,
        totals=[_total(frame, span.start + ONE_DAY * n, estimated=estimated) for n in range(span.days)],
        grain=grain,
        observed_at=at,
        run_id=run_id,
    )


def _total(frame: pd.DataFrame, day: date, *, estimated: bool) -> DayTotal:
    own = frame[frame["charge_period_start"] == day]
    return DayTotal(
        day=day,
        billing_currency="USD",
        billed_cost=sum(own["billed_cost"], Decimal(0)),
        effective_cost=sum(own["effective_cost"], Decimal(0)),
        estimated=estimated,
    )
