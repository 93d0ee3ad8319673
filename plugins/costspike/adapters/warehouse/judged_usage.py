"""The usage rows that days are judged on: all of them, or, where they are many, what could be a spike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain.cost_table import HISTORY_DAYS, SMALLER
from costspike.domain.fold import ROWS, frame_of, with_rest
from costspike.domain.fold_limits import BILL, FOLD_CELLS, fold_limits
from costspike.domain.request_sets import USAGE

if TYPE_CHECKING:
    import pandas as pd

    from costspike.adapters.warehouse.database import Database, Transaction
    from costspike.domain.detection_settings import DetectionSettings

_DAY = timedelta(days=1)


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
    asked = _Asked(source=source, first=min(days), last=max(days), above=above)
    whole = _few(database, asked)
    for day in days:
        own = replace(asked, first=day, last=day)
        yield day, _folded(database, own, [settings]) if whole is None else whole


def replayed_usage(
    database: Database,
    source: str,
    first: date,
    last: date,
    choices: Sequence[DetectionSettings],
    *,
    look_back: int = HISTORY_DAYS,
    above: int = FOLD_CELLS,
) -> dict[str, pd.DataFrame]:
    """Return the rows of all days from ``first`` to ``last``, inclusive, and ``look_back`` days before, by currency.

    Above ``above`` amounts they are folded as ``fold.folded_for`` would fold.
    """
    asked = _Asked(source=source, first=first, last=last, look_back=look_back, above=above)
    whole = _few(database, asked)
    return _folded(database, asked, choices) if whole is None else whole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Which days are to be judged, both ends inclusive, and above how many amounts their costs are folded.

    ``look_back`` is in days, before the first.
    """

    source: str
    first: date
    last: date
    above: int
    look_back: int = HISTORY_DAYS

    @property
    def usage(self) -> dict[str, Any]:
        """Return what the statements ask for: these days and what they look back at."""
        return self.span | {"charge_type": USAGE}

    @property
    def span(self) -> dict[str, Any]:
        """Return the source and the days, [start, end)."""
        return {"source": self.source, "start": self.first - self.look_back * _DAY, "end": self.last + _DAY}


def _few(database: Database, asked: _Asked) -> dict[str, pd.DataFrame] | None:
    """Return all rows by currency, None where they are many."""
    with database.transaction() as tx:
        # At least as many rows as amounts other than zero.
        groups = tx.rows("cloud_cost_totals/select_groups", **asked.span)[0]["x_groups"] or 0
        if groups > asked.above:
            return None
        rows = tx.frame("cloud_costs/select_usage", **asked.usage, billing_currency="")
    currencies = sorted(rows["billing_currency"].unique())
    return {str(one): rows[rows["billing_currency"] == one] for one in currencies}


def _folded(
    database: Database, asked: _Asked, choices: Sequence[DetectionSettings]
) -> dict[str, pd.DataFrame]:
    found = {}
    with database.transaction() as tx:
        for name in ("begin_snapshot", "skip_jit", "skip_nested_loops"):
            tx.run(f"cloud_costs/{name}")
        for currency, bill in _bills(tx, asked).items():
            usage = asked.usage | {"billing_currency": currency}
            limits = fold_limits(bill, asked.first, asked.last, choices, above=asked.above)
            if limits is None:
                found[currency] = tx.frame("cloud_costs/select_usage", **usage)
                continue
            kept = _table(tx, "cloud_costs/select_kept_usage", **usage, **asdict(limits), smaller=SMALLER)
            kept = kept.select(ROWS.names).cast(ROWS)
            small = pc.equal(kept["usage_type"], SMALLER)
            found[currency] = frame_of(with_rest(kept.filter(pc.invert(small)), kept.filter(small), bill))
    return found


def _bills(tx: Transaction, asked: _Asked) -> dict[str, pa.Table]:
    """Return the bill of each currency over all that the days look at."""
    sums = _table(tx, "usage_sums/select_bill", **asked.usage)
    currencies = sorted(sums["billing_currency"].unique().to_pylist())
    return {
        one: sums.filter(pc.equal(sums["billing_currency"], one)).select(BILL.names).cast(BILL)
        for one in currencies
    }


def _table(tx: Transaction, name: str, **parameters: Any) -> pa.Table:
    """Return the rows of a query as Arrow."""
    if tx.engine == "duckdb":
        return tx.table(name, **parameters)
    columns = tx.columns(name, **parameters)
    types = {one.name: one.type for one in (*ROWS, *BILL)} | {"billing_currency": pa.string()}
    return pa.table({column: pa.array(values, types[column]) for column, values in columns.items()})
