"""Cost rows of somebody's own file, in the words of the detector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

# FOCUS name -> the detector's; a FOCUS file writes ChargePeriodStart, a warehouse charge_period_start.
FOCUS: Final = {
    "charge_period_start": "usage_date",
    "sub_account_id": "account_id",
    "service_name": "service",
    "sku_meter": "usage_type",
    "region_id": "region",
    "effective_cost": "amount_usd",
    "billing_currency": "billing_currency",
    "charge_category": "charge_category",
}
_OPTIONAL: Final = {"usage_type": "", "region": "", "billing_currency": "USD", "charge_category": "Usage"}
_USAGE: Final = "usage"


def cost_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the usage rows with the detector's names; hours are of their day (UTC), an empty currency is USD.

    Raises:
        DataContractError: a column is missing, there is no row, or a day cannot be read.
    """
    import pandas as pd

    from costspike.domain.errors import DataContractError

    rows = frame.rename(columns=_names(list(frame.columns)))
    needed = set(FOCUS.values()) - set(_OPTIONAL)
    if missing := sorted(needed - set(rows.columns)):
        msg = f"the file lacks the columns {missing}; it has {list(frame.columns)}"
        raise DataContractError(msg)
    rows = rows.assign(**{name: value for name, value in _OPTIONAL.items() if name not in rows.columns})
    category = rows["charge_category"].fillna("").replace("", _USAGE).astype(str)
    rows = rows[category.str.lower() == _USAGE]
    if rows.empty:
        msg = "the file has no rows of usage; expected a row for each day and series"
        raise DataContractError(msg)
    try:
        return rows.assign(
            usage_date=pd.to_datetime(rows["usage_date"], utc=True).dt.tz_localize(None).dt.normalize(),
            account_id=rows["account_id"].astype(str),
            amount_usd=pd.to_numeric(rows["amount_usd"]),
            billing_currency=rows["billing_currency"].fillna("").replace("", _OPTIONAL["billing_currency"]),
        )
    except (ValueError, TypeError) as error:
        msg = f"usage_date must hold dates and amount_usd numbers: {error}"
        raise DataContractError(msg) from error


def _names(columns: list[str]) -> dict[str, str]:
    """Return the detector's name of each column that has another one."""
    found = {}
    for snake, own in FOCUS.items():
        pascal = "".join(word.title() for word in snake.split("_"))
        theirs = next((name for name in (snake, pascal) if name in columns), "")
        if theirs and own not in columns:
            found[theirs] = own
    return found
