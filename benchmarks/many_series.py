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

from costspike import sql
from costspike.adapters.warehouse.database import Database

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


@contextmanager
def duckdb_of(file: Path, series: int) -> Iterator[tuple[Database, duckdb.DuckDBPyConnection]]:
    """Yield a DuckDB file with ``series`` series of ``DAYS`` days, rows in the order of days as landing writes them."""
    with duckdb.connect(file) as connection:
        connection.execute((sql.SQL_FOLDER / "cloud_costs" / "create.sql").read_text(encoding="utf-8"))
        if not connection.execute("SELECT 1 FROM cloud_costs LIMIT 1").fetchone():
            for number in range(DAYS):
                connection.execute(f"INSERT INTO cloud_costs {_DAY_ROWS}", _parameters(series, number))
            connection.execute("CHECKPOINT")
        yield Database(connect=connection.cursor, engine="duckdb", placeholder="?"), connection


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
    with warehouse.database.transaction() as tx:
        tx.cursor.execute("ANALYZE cloud_costs")


def planted(series: int) -> set[tuple[str, str]]:
    """Return account and service of what rises on the last day."""
    return set(duckdb.sql(_PLANTED, params={"series": series}).fetchall())


def _parameters(series: int, number: int) -> dict[str, object]:
    day = FIRST + timedelta(days=number)
    return {"series": series, "day": day, "number": number, "last": day == DAY}
