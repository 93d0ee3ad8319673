"""Cost rows written as daily amounts, for the tests of detection."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

DAY = date(2026, 3, 18)
"""A Wednesday in the middle of a month: the last day of every history unless told otherwise."""

COLUMNS = ["usage_date", "account_id", "service", "usage_type", "region", "amount_usd"]


def history(series: Mapping[Any, Any], last: date = DAY) -> pd.DataFrame:
    """Return one row for each amount, the last one on ``last``; None is a day without a row.

    A series is named by its service alone (account "1"), or by account, service, usage type and region.
    """
    rows = []
    for name, amounts in series.items():
        names = ("1", name) if isinstance(name, str) else name
        account, service, usage_type, region = (*names, "", "")[:4]
        for ago, amount in enumerate(reversed(amounts)):
            if amount is not None:
                money = Decimal(str(amount))
                rows.append((last - timedelta(days=ago), account, service, usage_type, region, money))
    return pd.DataFrame(rows, columns=COLUMNS)


def daily(amount: Callable[[date], float], days: int = 120, last: date = DAY) -> list[float]:
    """Return what ``amount`` says for each of ``days`` days up to ``last``."""
    return [amount(last - timedelta(days=ago)) for ago in reversed(range(days))]


def money(*amounts: float | str) -> tuple[Decimal, ...]:
    """Return the amounts as they are written."""
    return tuple(Decimal(str(amount)) for amount in amounts)
