"""One line of the made-up bill, at the finest grain that Cost Explorer can be asked about."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class CostRow(NamedTuple):
    """What one usage type of one account in one region cost on one day (UTC).

    ``tags`` are pairs of key and value, of cost allocation tags and cost categories alike.
    ``net_amortized`` is None in an organisation without private discounts. ``region`` and
    ``usage_type`` may be empty: a tax has neither.
    """

    day: date
    account_id: str
    service: str
    usage_type: str
    region: str
    record_type: str
    unblended: Decimal
    amortized: Decimal
    net_amortized: Decimal | None
    quantity: Decimal
    unit: str
    currency: str
    operation: str = ""
    tags: tuple[tuple[str, str], ...] = ()


Amount = Decimal | str | int
Values = tuple[date, str, str, str, str, str, Amount, Amount, Amount | None, Amount, str, str]
RowLike = Values | CostRow


def cost_row(values: Values) -> CostRow:
    """Return a row, its amounts turned into Decimals without passing through a float."""
    unblended, amortized, net, quantity = values[6:10]
    return CostRow(
        *values[:6],
        Decimal(unblended),
        Decimal(amortized),
        None if net is None else Decimal(net),
        Decimal(quantity),
        *values[10:],
    )
