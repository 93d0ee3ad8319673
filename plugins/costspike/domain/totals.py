"""What a day cost in all, asked for without a group: the groups have to sum to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costspike.domain.amounts import amount
from costspike.domain.errors import DataContractError
from costspike.domain.normalization import period_day, periods
from costspike.domain.texts import encodable


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """The total of one day in one currency."""

    day: date
    billing_currency: str
    billed_cost: Decimal
    effective_cost: Decimal
    estimated: bool


def day_totals(pages: Iterable[Mapping[str, Any]]) -> list[DayTotal]:
    """Return the totals of an answer without groups, in its order.

    The basis of ``effective_cost`` is chosen as for the rows. A day without any amount has the currency ''.

    Raises:
        DataContractError: an answer or an amount that does not keep Cost Explorer's contract.
    """
    found = [_total(period) for page in pages for period in periods(page)]
    doubled = [day for day, times in Counter(total.day for total in found).items() if times > 1]
    if doubled:
        msg = (
            f"Cost Explorer gave the total of {doubled[0]} more than once; expected one a day. "
            "Nothing was changed in the warehouse; run land_costs again."
        )
        raise DataContractError(msg)
    return found


def _total(period: Mapping[str, Any]) -> DayTotal:
    day, metrics = period_day(period), period.get("Total") or {}
    billed = metrics.get("UnblendedCost")
    effective = metrics.get("NetAmortizedCost") or metrics.get("AmortizedCost") or billed
    nothing = {"Amount": "0", "Unit": ""}
    try:
        units = {encodable((cell or nothing)["Unit"]) for cell in (billed, effective)}
        texts = [(cell or nothing)["Amount"] for cell in (billed, effective)]
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"the total of {day} is {str(metrics)[:200]}; expected metrics with Amount and Unit"
        raise DataContractError(msg) from error
    if len(units) != 1:
        msg = f"the total of {day} mixes the currencies {sorted(units)}; expected one"
        raise DataContractError(msg)
    billed_cost, effective_cost = (amount(text, lambda: f"the total of {day}") for text in texts)
    return DayTotal(
        day=day,
        billing_currency=units.pop(),
        billed_cost=billed_cost,
        effective_cost=effective_cost,
        estimated=bool(period.get("Estimated")),
    )
