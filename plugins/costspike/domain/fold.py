"""In a large organisation, what is too small to matter is one series of its account x service, or of its service.

Above ``FOLD_CELLS`` amounts the detector looks at *folded* rows: see ``folded`` for the rule. The warehouse
folds by the same rule (``cloud_costs/select_folded_usage.sql``), so that only what could be a spike is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain.baseline import LOOKBACK_DAYS
from costspike.domain.cost_rows import COLUMNS, days_before, values_of
from costspike.domain.cost_table import HISTORY_DAYS, SMALLER
from costspike.domain.costs import MONEY
from costspike.domain.judgement import softened

if TYPE_CHECKING:
    from costspike.domain.detection_settings import DetectionSettings

FOLD_CELLS: Final = 1_000_000
"""Amounts other than zero, of 401 days, that are still looked at as they are: 2,500 series of thirteen months."""

RECENT_DAYS: Final = 14
"""The seven days that are judged and the seven before, on which a fall must have been there."""

# A tenth of the least rise that matters: no series below it can be a spike, nor a part of one worth naming.
_SHARE: Final = Decimal("0.1")
_STEP: Final = Decimal(1).scaleb(-MONEY.scale)
_WIDE: Final = Context(prec=400)
_DATE = pa.date32()
_SERIES: Final = ("account_id", "service", "usage_type", "region")
_CELL: Final = ("usage_date", *_SERIES)

ROWS: Final = pa.schema(
    [
        ("usage_date", _DATE),
        ("account_id", pa.string()),
        ("service", pa.string()),
        ("usage_type", pa.string()),
        ("region", pa.string()),
        ("amount_usd", MONEY),
    ]
)
"""Usage rows of one currency."""

BILL: Final = pa.schema(
    [("usage_date", _DATE), ("service", pa.string()), ("amount_usd", MONEY), ("cells", pa.int64())]
)
"""The sum of every service and day that has rows, and how many of those rows are not zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldLimits:
    """Amounts in the billing currency: what a series, and what an account x service, must reach to be kept."""

    day: date
    least: Decimal
    floor: Decimal

    @property
    def start(self) -> date:
        """Return the first day that is looked at."""
        return self.day - timedelta(days=HISTORY_DAYS)

    @property
    def recent(self) -> date:
        """Return the first of the recent days."""
        return self.day - timedelta(days=RECENT_DAYS - 1)


def folded(
    costs: pd.DataFrame, day: date, settings: "DetectionSettings", *, above: int = FOLD_CELLS
) -> pd.DataFrame:
    """Return the rows up to ``day`` as the detector looks at them; ``costs`` itself where they are few.

    A series is *kept* if it cost a tenth of the floor (the least rise that matters) on any day of the thirteen
    months. An account x service is kept if it has a kept series, or cost the floor together in the last two
    weeks; the rest of it is then one series with the usage type ``SMALLER``. All that is left of a service is
    one more such series without an account. So every service, and every account x service that has a name, is
    whole. Amounts are summed exactly.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    if len(costs) <= above or ("usage_type" in costs and (costs["usage_type"] == SMALLER).any()):
        return costs
    cells = _cells(costs, day)
    bill = _bill(cells)
    limits = fold_limits(bill, day, settings, above=above)
    if limits is None:
        return costs
    named = _labels(cells, limits)
    parts = cells.join(named, [*_SERIES], join_type="inner")
    own = [
        parts["usage_date"],
        parts["account_id"],
        parts["service"],
        parts["own_usage_type"],
        parts["own_region"],
    ]
    parts = pa.table([*own, parts["amount_usd"]], schema=ROWS)
    return frame_of(with_rest(parts, bill))


def fold_limits(
    bill: pa.Table, day: date, settings: "DetectionSettings", *, above: int = FOLD_CELLS
) -> FoldLimits | None:
    """Return the limits of a day from its ``BILL``, None where rows are few or no rise is too small."""
    bill = until(bill, day)
    if (pc.sum(bill["cells"]).as_py() or 0) <= above:
        return None
    first = day - timedelta(days=LOOKBACK_DAYS)
    month = bill.filter((pc.field("usage_date") >= first) & (pc.field("usage_date") < day))
    totals = [float(total) for total in _summed(month, ("usage_date",))["amount_usd"].to_pylist()]
    typical = float(np.median(totals)) if totals else 0.0
    floor = softened(settings.floor(typical), settings)
    limits = FoldLimits(day=day, least=_money(Decimal(str(floor)) * _SHARE), floor=_money(floor))
    return limits if limits.least > 0 else None


def until(bill: pa.Table, day: date) -> pa.Table:
    """Return the part of a bill that is looked at on a day."""
    first = day - timedelta(days=HISTORY_DAYS)
    return bill.filter((pc.field("usage_date") >= first) & (pc.field("usage_date") <= day))


def with_rest(parts: pa.Table, bill: pa.Table) -> pa.Table:
    """Return ``ROWS`` of what was kept and of what is left of every service's ``BILL``."""
    whole = pa.table([bill["usage_date"], *_rest_of(bill["service"]), bill["amount_usd"]], schema=ROWS)
    known = pa.table(
        [parts["usage_date"], *_rest_of(parts["service"]), pc.negate(parts["amount_usd"])], schema=ROWS
    )
    return _summed(pa.concat_tables([parts, whole, known]), _CELL)


def frame_of(rows: pa.Table) -> pd.DataFrame:
    """Return ``ROWS`` as ``detect`` takes them."""
    frame: pd.DataFrame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _rest_of(services: pa.ChunkedArray) -> list[Any]:
    empty, smaller = pa.repeat("", len(services)), pa.repeat(SMALLER, len(services))
    return [empty, services, smaller, empty]


def _cells(costs: pd.DataFrame, day: date) -> pa.Table:
    """Return one row for each day and series."""
    ago = -days_before(costs, day)
    rows = costs[(ago >= 0) & (ago <= HISTORY_DAYS)]
    values_of(rows)
    dates = pa.array(day.toordinal() - date(1970, 1, 1).toordinal() - ago[(ago >= 0) & (ago <= HISTORY_DAYS)])
    names = [pa.array(rows[name].fillna("").astype(str), pa.string()) for name in COLUMNS[1:-1]]
    amounts = _amounts(rows["amount_usd"])
    return _summed(pa.table([dates.cast(pa.int32()).cast(_DATE), *names, amounts], schema=ROWS), _CELL)


def _labels(cells: pa.Table, limits: FoldLimits) -> pa.Table:
    """Return the series of the account x services that are kept, with the usage type and region they go by."""
    sizes = cells.set_column(len(_CELL), "amount_usd", pc.abs(cells["amount_usd"]))
    series = sizes.group_by([*_SERIES]).aggregate([("amount_usd", "max")])
    kept = pc.greater_equal(series["amount_usd_max"], pa.scalar(limits.least, MONEY)).to_pylist()
    recent = _summed(sizes.filter(pc.field("usage_date") >= limits.recent), _SERIES[:2])
    large = recent.filter(pc.greater_equal(recent["amount_usd"], pa.scalar(limits.floor, MONEY)))
    names = list(zip(*(series[name].to_pylist() for name in _SERIES), strict=True))
    pairs = {one[:2] for one, keep in zip(names, kept, strict=True) if keep}
    pairs |= set(zip(*(large[name].to_pylist() for name in _SERIES[:2]), strict=True))
    within = pa.array([one[:2] in pairs for one in names], pa.bool_())
    usage_type = pc.if_else(pa.array(kept, pa.bool_()), series["usage_type"], SMALLER)
    region = pc.if_else(pa.array(kept, pa.bool_()), series["region"], "")
    labels = series.select([*_SERIES]).append_column("own_usage_type", usage_type)
    return labels.append_column("own_region", region).filter(within)


def _amounts(amounts: "pd.Series[Any]") -> pa.Array:
    if isinstance(amounts.dtype, pd.ArrowDtype) and pa.types.is_decimal(amounts.dtype.pyarrow_dtype):
        return pa.array(amounts).cast(MONEY)
    return pa.array([_money(amount) for amount in amounts], MONEY)


def _money(amount: float | Decimal) -> Decimal:
    return _WIDE.quantize(Decimal(str(amount)), _STEP)


def _bill(cells: pa.Table) -> pa.Table:
    spent = cells.append_column(
        "cells", pc.not_equal(cells["amount_usd"], pa.scalar(0, MONEY)).cast(pa.int64())
    )
    return _summed(spent, ("usage_date", "service")).cast(BILL)


def _summed(rows: pa.Table, by: Iterable[str]) -> pa.Table:
    """Return one row for each key, the other columns added up exactly."""
    names = [*by]
    sums = [name for name in ("amount_usd", "cells") if name in rows.column_names]
    found = rows.group_by(names).aggregate([(name, "sum") for name in sums])
    found = found.rename_columns([*names, *sums])
    at = found.schema.get_field_index("amount_usd")
    return found.set_column(at, "amount_usd", found["amount_usd"].cast(MONEY))
