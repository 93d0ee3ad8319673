"""In a large organisation, what is too small to matter is one series of its account x service, or of its service.

Above ``FOLD_CELLS`` amounts the detector looks at *folded* rows: see ``folded`` for the rule. The warehouse
folds by the same rule (``cloud_costs/select_kept_usage.sql``), so that only what could be a spike is read.
"""

from collections.abc import Iterable, Sequence
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
# A fiftieth of it: an amount that no rule would tell from nothing.
_TRACE: Final = Decimal("0.02")
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
    """Amounts in the billing currency.

    ``least`` is what a series, ``floor`` what an account x service must reach to be kept; an amount below
    ``trace`` is nothing.
    """

    day: date
    trace: Decimal
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
    months; its amounts below a fiftieth of the floor are not told from nothing. An account x service is kept if
    it has a kept series, or if its days of the last two weeks come to the floor together; what it cost beside
    the kept amounts is one series with the usage type ``SMALLER``. All that is left of a service is one more
    such series without an account. So every service, and every account x service that has a name, is whole.
    Amounts are summed exactly.

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
    parts = _parts(cells, limits)
    return frame_of(with_rest(parts, _pairs(cells, parts, limits), bill))


def fold_limits(
    bill: pa.Table, day: date, settings: "DetectionSettings", *, above: int = FOLD_CELLS
) -> FoldLimits | None:
    """Return the limits of a day, None where rows are few or no rise is too small.

    ``bill`` is the ``BILL`` of the day and the ``HISTORY_DAYS`` before it.
    """
    if (pc.sum(bill["cells"]).as_py() or 0) <= above:
        return None
    first = day - timedelta(days=LOOKBACK_DAYS)
    month = bill.filter((pc.field("usage_date") >= first) & (pc.field("usage_date") < day))
    totals = [float(total) for total in _summed(month, ("usage_date",))["amount_usd"].to_pylist()]
    typical = float(np.median(totals)) if totals else 0.0
    floor = softened(settings.floor(typical), settings)
    exact = Decimal(str(floor))
    limits = FoldLimits(
        day=day, trace=_money(exact * _TRACE), least=_money(exact * _SHARE), floor=_money(exact)
    )
    return limits if limits.least > 0 else None


def with_rest(parts: pa.Table, pairs: pa.Table, bill: pa.Table) -> pa.Table:
    """Return ``ROWS`` of what was kept, of the rest of its account x services, and of the rest of every service.

    Args:
        parts: the amounts of kept series.
        pairs: what each kept account x service cost in all, under the usage type ``SMALLER``.
        bill: what each service cost in all.

    """
    return _summed(
        pa.concat_tables(
            [
                parts,
                pairs,
                _less(parts, parts["account_id"]),
                _less(pairs, None),
                _rest(bill, bill["amount_usd"]),
            ]
        ),
        _CELL,
    )


def frame_of(rows: pa.Table) -> pd.DataFrame:
    """Return ``ROWS`` as ``detect`` takes them."""
    frame: pd.DataFrame = rows.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _less(rows: pa.Table, accounts: pa.ChunkedArray | None) -> pa.Table:
    """Return what these rows leave to the rest of their accounts, or of their services."""
    return _rest(rows, pc.negate(rows["amount_usd"]), accounts)


def _rest(rows: pa.Table, amounts: pa.ChunkedArray, accounts: pa.ChunkedArray | None = None) -> pa.Table:
    empty, smaller = pa.repeat("", len(rows)), pa.repeat(SMALLER, len(rows))
    whose = empty if accounts is None else accounts
    return pa.table([rows["usage_date"], whose, rows["service"], smaller, empty, amounts], schema=ROWS)


def _cells(costs: pd.DataFrame, day: date) -> pa.Table:
    """Return one row for each day and series."""
    ago = -days_before(costs, day)
    rows = costs[(ago >= 0) & (ago <= HISTORY_DAYS)]
    values_of(rows)
    dates = pa.array(day.toordinal() - date(1970, 1, 1).toordinal() - ago[(ago >= 0) & (ago <= HISTORY_DAYS)])
    names = [pa.array(rows[name].fillna("").astype(str), pa.string()) for name in COLUMNS[1:-1]]
    amounts = _amounts(rows["amount_usd"])
    return _summed(pa.table([dates.cast(pa.int32()).cast(_DATE), *names, amounts], schema=ROWS), _CELL)


def _parts(cells: pa.Table, limits: FoldLimits) -> pa.Table:
    """Return the amounts of the series that are kept."""
    size = pc.abs(cells["amount_usd"])
    large = cells.filter(pc.greater_equal(size, pa.scalar(limits.trace, MONEY)))
    kept = cells.filter(pc.greater_equal(size, pa.scalar(limits.least, MONEY)))
    return large.join(_distinct(kept, _SERIES), [*_SERIES], join_type="left semi").select(ROWS.names)


def _pairs(cells: pa.Table, parts: pa.Table, limits: FoldLimits) -> pa.Table:
    """Return what each kept account x service cost on each day, as if all of it was small."""
    pair = _SERIES[:2]
    sums = _summed(cells, ("usage_date", *pair))
    recent = sums.filter(pc.field("usage_date") >= limits.recent)
    recent = recent.set_column(3, "amount_usd", pc.abs(recent["amount_usd"]))
    spent = _summed(recent, pair)
    large = spent.filter(pc.greater_equal(spent["amount_usd"], pa.scalar(limits.floor, MONEY)))
    kept = _distinct(pa.concat_tables([_distinct(parts, pair), large.select([*pair])]), pair)
    named = sums.join(kept, [*pair], join_type="left semi")
    return _rest(named, named["amount_usd"], named["account_id"])


def _distinct(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    return rows.group_by([*names]).aggregate([])


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
