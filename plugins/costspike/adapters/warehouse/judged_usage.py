"""The usage rows that days are judged on: all of them, or, where they are many, what could be a spike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain.cost_table import HISTORY_DAYS, SMALLER
from costspike.domain.fold import BILL, FOLD_CELLS, ROWS, fold_limits, frame_of, with_rest
from costspike.domain.request_sets import USAGE

if TYPE_CHECKING:
    import pandas as pd

    from costspike.adapters.warehouse.database import Database, Transaction
    from costspike.domain.detection_settings import DetectionSettings

_DAY = timedelta(days=1)
_LOOK_BACK = timedelta(days=HISTORY_DAYS)


def judged_usage(
    database: Database,
    source: str,
    days: Sequence[date],
    settings: DetectionSettings,
    *,
    above: int = FOLD_CELLS,
) -> Iterator[tuple[date, Mapping[str, pd.DataFrame]]]:
    """Yield each day, in the order of ``days``, with the rows that ``detect`` needs for it by currency.

    Few rows are read once for all days. Above ``above`` amounts each day is read by itself, folded as ``detect``
    would fold (see ``domain/fold.py``): it says the same of a day either way.
    """
    usage = {"source": source, "charge_type": USAGE}
    with database.transaction() as tx:
        few = _groups(tx, source, min(days), max(days)) <= above
        whole = _whole(tx, usage, min(days), max(days)) if few else {}
    for day in days:
        yield day, whole if few else _large(database, usage, day, settings, above)


def _groups(tx: Transaction, source: str, first: date, last: date) -> int:
    """Return how many rows, at least as many as amounts other than zero, the days look at."""
    row = tx.row("cloud_cost_totals/select_groups", **_span(first, last), source=source)
    return int(row["x_groups"] or 0) if row else 0


def _whole(tx: Transaction, usage: Mapping[str, str], first: date, last: date) -> dict[str, pd.DataFrame]:
    rows = tx.frame("cloud_costs/select_usage", **_span(first, last), **usage, billing_currency="")
    currencies = sorted(rows["billing_currency"].unique())
    return {str(one): rows[rows["billing_currency"] == one] for one in currencies}


def _large(
    database: Database, usage: Mapping[str, str], day: date, settings: DetectionSettings, above: int
) -> dict[str, pd.DataFrame]:
    """Return the rows of a day by currency."""
    found = {}
    with database.transaction() as tx:
        tx.run("cloud_costs/begin_snapshot")
        tx.run("cloud_costs/skip_jit")
        tx.run("cloud_costs/skip_nested_loops")
        for currency, bill in _bills(tx, usage, day).items():
            asked = {**_span(day, day), **usage, "billing_currency": currency}
            limits = fold_limits(bill, day, settings, above=above)
            if limits is None:
                found[currency] = tx.frame("cloud_costs/select_usage", **asked)
                continue
            least = {
                "recent": limits.recent,
                "trace": limits.trace,
                "least": limits.least,
                "floor": limits.floor,
                "smaller": SMALLER,
            }
            kept = _table(tx, "cloud_costs/select_kept_usage", **asked, **least)
            kept = kept.select(ROWS.names).cast(ROWS)
            small = pc.equal(kept["usage_type"], SMALLER)
            found[currency] = frame_of(with_rest(kept.filter(pc.invert(small)), kept.filter(small), bill))
    return found


def _bills(tx: Transaction, usage: Mapping[str, str], day: date) -> dict[str, pa.Table]:
    """Return the bill of each currency over all that the day looks at."""
    sums = _table(tx, "usage_sums/select_bill", **_span(day, day), **usage)
    currencies = sorted(sums["billing_currency"].unique().to_pylist())
    return {
        one: sums.filter(pc.equal(sums["billing_currency"], one)).select(BILL.names).cast(BILL)
        for one in currencies
    }


def _span(first: date, last: date) -> dict[str, date]:
    return {"start": first - _LOOK_BACK, "end": last + _DAY}


def _table(tx: Transaction, name: str, **parameters: Any) -> pa.Table:
    """Return the rows of a query as Arrow."""
    if tx.engine == "duckdb":
        return tx.table(name, **parameters)
    columns = tx.columns(name, **parameters)
    types = {one.name: one.type for one in (*ROWS, *BILL)} | {"billing_currency": pa.string()}
    return pa.table({column: pa.array(values, types[column]) for column, values in columns.items()})
