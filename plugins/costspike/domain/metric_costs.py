"""Cost rows of a day from amounts by account and service, as an exporter tells them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from costspike.domain import costs
from costspike.domain.request_sets import USAGE
from costspike.domain.texts import encodable
from costspike.domain.totals import DayTotal

BASIS = "Prometheus"
_PLACES = Decimal("1e-12")


def cost_rows(
    day: date, amounts: Mapping[tuple[str, str], float], *, currency: str, provisional: bool
) -> tuple[pd.DataFrame, DayTotal]:
    """Return the rows and the total of a day: all of it usage, billed and effective cost the same."""
    exact = {scope: Decimal(repr(amount)).quantize(_PLACES) for scope, amount in amounts.items()}
    rows = [
        {
            "charge_period_start": day,
            "charge_period_end": day + timedelta(days=1),
            "sub_account_id": encodable(account),
            "sub_account_name": "",
            "service_name": encodable(service),
            "region_id": "",
            "sku_meter": "",
            "x_charge_type": USAGE,
            "billing_currency": currency,
            "billed_cost": amount,
            "effective_cost": amount,
            "x_cost_basis": BASIS,
            "consumed_quantity": None,
            "consumed_unit": "",
            "x_estimated": provisional,
        }
        for (account, service), amount in sorted(exact.items())
    ]
    total = sum(exact.values(), Decimal(0))
    return costs.to_frame(pa.Table.from_pylist(rows, costs.SCHEMA)), DayTotal(
        day=day,
        billing_currency=currency,
        billed_cost=total,
        effective_cost=total,
        estimated=provisional,
    )
