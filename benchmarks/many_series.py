"""Usage of very many series, made in the database itself: deterministic, heavy-tailed, with known spikes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
from pyarrow import csv

from costspike.adapters.warehouse.database import Database, Transaction
from costspike.adapters.warehouse.usage_sums import MANY_GROUPS, keep_sums, summed_days

if TYPE_CHECKING:
    import pyarrow as pa

    from benchmarks.warehouses import Warehouse

DAYS: Final = 57
DAY: Final = date(2026, 11, 20)
FIRST: Final = DAY - timedelta(days=DAYS - 1)

# Of 100 series an account has 20 services with 5 usage types each. A series of rank r costs about r to the power
# of -0.9 of the largest: one in a hundred holds 60 % of the bill. Every other one of the largest rises to four
# times its cost on the last day.
_SERIES: Final = """
    WITH series AS (
        SELECT i, i // 100 AS account, (i // 5) % 20 AS service, i % 5 AS kind,
            0.3 * power(1 - hash(i) / 18446744073709551616.0, -0.9) AS size
        FROM range($series) AS numbers(i)
    )
"""
_PLANTED: Final = f"""{_SERIES}
    SELECT CAST(100000000000 + account * 7919 AS VARCHAR), 'Amazon Service Number ' || service || ' for Something'
    FROM series WHERE i % 2 = 0 AND size > 0.005 * $series
"""  # noqa: S608 - our own constants
_DAY_ROWS: Final = f"""{_SERIES}
    SELECT $day AS charge_period_start, $day + 1 AS charge_period_end,
        CAST(100000000000 + account * 7919 AS VARCHAR) AS sub_account_id,
        'account ' || account AS sub_account_name,
        'Amazon Service Number ' || service || ' for Something' AS service_name,
        ['us-east-1', 'eu-west-1', 'ap-southeast-2', 'us-west-2'][1 + (account + kind) % 4] AS region_id,
        'USE1-UsageType' || service || ':' || kind || 'xlarge' AS sku_meter,
        'Usage' AS x_charge_type, 'USD' AS billing_currency,
        CAST(size * (CASE WHEN dayofweek($day) IN (0, 6) THEN 0.7 ELSE 1 END)
            * (0.9 + 0.2 * (hash(i * 1000 + $number) / 18446744073709551616.0))
            * (CASE WHEN $last AND i % 2 = 0 AND size > 0.005 * $series THEN 4 ELSE 1 END)
            AS DECIMAL(38, 12)) AS billed_cost,
        billed_cost AS effective_cost, 'unblended' AS x_cost_basis,
        CAST(NULL AS DECIMAL(38, 12)) AS consumed_quantity, 'Hrs' AS consumed_unit, false AS x_estimated,
        'cost_explorer' AS x_source, TIMESTAMP '2026-11-21' AS x_observed_at, 'run' AS x_run_id
    FROM series
"""  # noqa: S608

_TOTAL: Final = """
    INSERT INTO cloud_cost_totals
    SELECT ?, 'USD', 'cost_explorer', 0, 0, ?, 'account_service_usage_type', false, ?, TIMESTAMP '2026-11-21', 'run'
"""
_SPAN: Final = {"start": FIRST, "end": DAY + timedelta(days=1), "source": "cost_explorer"}


@contextmanager
def duckdb_of(file: Path, series: int) -> Iterator[tuple[Database, duckdb.DuckDBPyConnection]]:
    """Yield a DuckDB file with ``series`` series of ``DAYS`` days, rows in the order of days as landing writes them."""
    with duckdb.connect(file) as connection:
        database = Database(connect=connection.cursor, engine="duckdb", placeholder="?")
        with database.transaction() as tx:
            known = tx.row("cloud_cost_totals/select_groups", **_SPAN)
        if known and known["x_groups"] is None:
            for number in range(DAYS):
                connection.execute(f"INSERT INTO cloud_costs {_DAY_ROWS}", _parameters(series, number))
                rows = connection.sql(_DAY_ROWS, params=_parameters(series, number)).to_arrow_table()
                with database.transaction() as tx:
                    _note(tx, rows, number)
            connection.execute("CHECKPOINT")
        yield database, connection


def fill_postgres(warehouse: Warehouse, series: int) -> None:
    """Copy the same rows into an empty Postgres, one day at a time."""
    with warehouse.database.transaction() as tx, duckdb.connect() as connection:
        for number in range(DAYS):
            rows: pa.Table = connection.sql(_DAY_ROWS, params=_parameters(series, number)).to_arrow_table()
            buffer = io.BytesIO()
            csv.write_csv(rows, buffer, csv.WriteOptions(include_header=False))
            with tx.cursor.copy(
                f"COPY cloud_costs ({', '.join(rows.column_names)}) FROM STDIN WITH (FORMAT csv)"
            ) as copy:
                copy.write(buffer.getvalue())
            _note(tx, rows, number)
    with warehouse.database.transaction() as tx:
        for table in ("cloud_costs", "usage_sums", "cloud_cost_totals"):
            tx.cursor.execute(f"ANALYZE {table}")


def _note(tx: Transaction, rows: pa.Table, number: int) -> None:
    """Keep the sums of a day as its landing does, and note that it was landed."""
    day = FIRST + timedelta(days=number)
    summed = summed_days({(day, "USD"): len(rows)}, MANY_GROUPS)
    keep_sums(tx, rows, summed, source="cost_explorer")
    tx.cursor.execute(tx.in_its_style(_TOTAL), [day, len(rows), bool(summed)])


def planted(series: int) -> set[tuple[str, str]]:
    """Return account and service of what rises on the last day."""
    return set(duckdb.sql(_PLANTED, params={"series": series}).fetchall())


def _parameters(series: int, number: int) -> dict[str, object]:
    day = FIRST + timedelta(days=number)
    return {"series": series, "day": day, "number": number, "last": day == DAY}
