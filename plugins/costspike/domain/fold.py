"""In a large organisation, what is too small to matter is one series of its account x service, or of its service.

Above ``FOLD_CELLS`` amounts the detector looks at *folded* rows: see ``folded`` for the rule. The warehouse
folds by the same rule (``cloud_costs/select_kept_usage.sql``), so that only what could be a spike is read.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain.cost_rows import COLUMNS, days_before, values_of
from costspike.domain.cost_table import HISTORY_DAYS, SMALLER
from costspike.domain.costs import MONEY
from costspike.domain.fold_limits import BILL, FOLD_CELLS, FoldLimits, exact_money, fold_limits

if TYPE_CHECKING:
    from costspike.domain.detection_settings import DetectionSettings

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


def folded(
    costs: pd.DataFrame, day: date, settings: "DetectionSettings", *, above: int = FOLD_CELLS
) -> pd.DataFrame:
    """Return the rows up to ``day`` as the detector looks at them; ``costs`` itself where they are few.

    A series is *kept* if it cost a tenth of the floor (the least rise that matters) on any day of the thirteen
    months; its amounts below a fiftieth of the floor are not told from nothing. An account x service is kept if
    it has a kept series, or if it cost a tenth of the floor on any of the last fourteen days; what it cost
    beside the kept amounts is one series with the usage type ``SMALLER``. All that is left of a service is one
    more such series without an account. So every service, and every account x service that has a name, is
    whole. Amounts are summed exactly.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    return folded_for(costs, day, day, [settings], above=above)


def folded_for(
    costs: pd.DataFrame,
    first: date,
    last: date,
    choices: Sequence["DetectionSettings"],
    *,
    above: int = FOLD_CELLS,
) -> pd.DataFrame:
    """Return the rows for judging all days from ``first`` to ``last``, inclusive, with any of the settings.

    What is kept for one of the days is kept for all: names stay a little longer than if each day were folded by
    itself, and what is whole then is whole here. Otherwise as ``folded``.
    """
    if len(costs) <= above or ("usage_type" in costs and (costs["usage_type"] == SMALLER).any()):
        return costs
    cells = _cells(costs, first, last)
    bill = _bill(cells)
    limits = fold_limits(bill, first, last, choices, above=above)
    if limits is None:
        return costs
    parts = _parts(cells, limits)
    return frame_of(with_rest(parts, _pairs(cells, parts, limits), bill))


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


def _cells(costs: pd.DataFrame, first: date, last: date) -> pa.Table:
    """Return one row for each day and series."""
    ago = -days_before(costs, last)
    within = (ago >= 0) & (ago <= (last - first).days + HISTORY_DAYS)
    rows = costs[within]
    values_of(rows)
    dates = pa.array(last.toordinal() - date(1970, 1, 1).toordinal() - ago[within])
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
    large = pc.greater_equal(pc.abs(sums["amount_usd"]), pa.scalar(limits.least, MONEY))
    recent = pc.greater_equal(sums["usage_date"], pa.scalar(limits.recent, _DATE))
    own = sums.filter(pc.and_(large, recent)).select([*pair])
    named = sums.join(
        _distinct(pa.concat_tables([parts.select([*pair]), own]), pair), [*pair], join_type="left semi"
    )
    return _rest(named, named["amount_usd"], named["account_id"])


def _distinct(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    return rows.group_by([*names]).aggregate([])


def _amounts(amounts: "pd.Series[Any]") -> pa.Array:
    if isinstance(amounts.dtype, pd.ArrowDtype) and pa.types.is_decimal(amounts.dtype.pyarrow_dtype):
        return pa.array(amounts).cast(MONEY)
    return pa.array([exact_money(amount) for amount in amounts], MONEY)


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
