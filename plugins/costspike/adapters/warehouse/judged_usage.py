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

    Few rows are read once for all days. Above ``above`` rows each day is read by itself, folded as ``detect`` would
    fold (see ``domain/fold.py``): it says the same of a day either way.
    """
    span = {"start": min(days) - _LOOK_BACK, "end": max(days) + _DAY}
    usage = {"source": source, "charge_type": USAGE}
    with database.transaction() as tx:
        counted = tx.row("cloud_costs/count_usage", **span, **usage)
        many = counted is not None and counted["usage_rows"] > above
        whole = (
            {}
            if many
            else _by_currency(tx.frame("cloud_costs/select_usage", **span, **usage, billing_currency=""))
        )
    for day in days:
        yield day, _large_day(database, usage, day, settings, above) if many else whole


def _by_currency(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    currencies = sorted(rows["billing_currency"].unique())
    return {str(one): rows[rows["billing_currency"] == one] for one in currencies}


def _large_day(
    database: Database, usage: Mapping[str, str], day: date, settings: DetectionSettings, above: int
) -> Mapping[str, pd.DataFrame]:
    span = {"start": day - _LOOK_BACK, "end": day + _DAY}
    found = {}
    with database.transaction() as tx:
        tx.run("cloud_costs/begin_snapshot")
        sums = _table(tx, "cloud_costs/select_usage_sums", **span, **usage)
        for currency in sorted(sums["billing_currency"].unique().to_pylist()):
            asked = {**span, **usage, "billing_currency": currency}
            bill = sums.filter(pc.equal(sums["billing_currency"], currency))
            bill = bill.select(BILL.names).cast(BILL)
            limits = fold_limits(bill, day, settings, above=above)
            if limits is None:
                found[currency] = tx.frame("cloud_costs/select_usage", **asked)
                continue
            kept = _table(
                tx,
                "cloud_costs/select_kept_usage",
                **asked,
                recent=limits.recent,
                least=limits.least,
                floor=limits.floor,
                smaller=SMALLER,
            )
            found[currency] = frame_of(with_rest(kept.select(ROWS.names).cast(ROWS), bill))
    return found


def _table(tx: Transaction, name: str, **parameters: Any) -> pa.Table:
    """Return the rows of a query as Arrow."""
    if tx.engine == "duckdb":
        return tx.table(name, **parameters)
    rows = tx.rows(name, **parameters)
    columns = {one.name: one.type for one in (*ROWS, *BILL)} | {"billing_currency": pa.string()}
    names = list(rows[0]) if rows else list(columns)
    return pa.Table.from_pylist(rows, pa.schema([(one, columns[one]) for one in names]))
