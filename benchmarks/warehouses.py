"""Databases to land in, each with its bare fast path and a clock that counts its server's work too.

Connections stay open: opening one costs the same, whoever lands.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psycopg
import pyarrow as pa
from pyarrow import csv

from benchmarks.timing import Clock
from costspike.adapters.warehouse.cost_tables import Landing
from costspike.adapters.warehouse.database import Database
from costspike.domain import costs
from costspike.domain.reading import DayRange
from costspike.domain.totals import DayTotal
from tests.postgres_server import installed_programs, postgres_server

# What a row has beside the columns of the answer.
_STAMP = {"x_source": "cost_explorer", "x_observed_at": "2025-03-01 12:00:00", "x_run_id": "bare"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A database; each of ``bare`` replaces the days of a range by a fast path, in one transaction.

    The first one is what the goal names. ``settle`` does the work that the engine has put off.
    """

    name: str
    goal: float
    database: Database
    bare: Mapping[str, Callable[[DayRange, pd.DataFrame], object]]
    clock: Clock = time.process_time
    settle: Callable[[], object] = lambda: None

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.database.transaction() as tx:
            tx.cursor.execute(statement)
            found: list[tuple[Any, ...]] = tx.cursor.fetchall()
            return found

    def empty(self) -> None:
        """Forget everything that was landed."""
        with self.database.transaction() as tx:
            for table in ("cloud_costs", "cloud_cost_totals", "usage_sums", "cloud_cost_revisions"):
                tx.cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables


def landing_of(frame: pd.DataFrame, *, grain: str) -> Landing:
    """Return the landing of rows that cover their days; what the totals are does not matter here."""
    days = sorted(set(frame["charge_period_start"]))
    return Landing(
        span=DayRange(days[0], days[-1] + timedelta(days=1)),
        costs=frame,
        totals=[
            DayTotal(
                day=day,
                billing_currency="USD",
                billed_cost=Decimal(1),
                effective_cost=Decimal(1),
                estimated=False,
            )
            for day in days
        ],
        grain=grain,
        observed_at=datetime(2025, 3, 1, 12, tzinfo=UTC),
        run_id="first",
    )


@contextmanager
def duckdb_file() -> Iterator[Warehouse]:
    """Yield a DuckDB file; bare is INSERT ... SELECT of a registered DataFrame, or of an Arrow table."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(Path(folder) / "costs.duckdb") as connection:

        def bare(span: DayRange, rows: pd.DataFrame | pa.Table) -> None:
            connection.register("bare_rows", rows)
            columns, stamp = ", ".join([*costs.SCHEMA.names, *_STAMP]), ", ".join("?" * len(_STAMP))
            connection.execute("BEGIN")
            connection.execute(_delete("?"), [span.start, span.end])
            connection.execute(
                f"INSERT INTO cloud_costs ({columns}) SELECT *, {stamp} FROM bare_rows",  # noqa: S608 - as above
                list(_STAMP.values()),
            )
            connection.execute("COMMIT")
            connection.unregister("bare_rows")

        yield Warehouse(
            name="DuckDB",
            goal=0.8,
            database=Database(connect=connection.cursor, engine="duckdb", placeholder="?"),
            bare={
                "the registered DataFrame": bare,
                "the registered Arrow table": lambda span, rows: bare(span, costs.to_table(rows)),
            },
            # Else the transaction that happens to fill the write-ahead log would pay for the ones before it.
            settle=lambda: connection.execute("CHECKPOINT"),
        )


@contextmanager
def postgres() -> Iterator[Warehouse | None]:
    """Yield a private Postgres, None where none is installed; bare is COPY of CSV that Arrow wrote."""
    if installed_programs() is None:
        yield None
        return
    with postgres_server() as server, psycopg.connect(server.new_database().dsn) as connection:
        backend = Path(f"/proc/{connection.info.backend_pid}/schedstat")

        def bare(span: DayRange, rows: pd.DataFrame) -> None:
            table = costs.to_table(rows)
            for name, value in _STAMP.items():
                table = table.append_column(name, pa.repeat(pa.scalar(value), len(table)))
            buffer = io.BytesIO()
            csv.write_csv(table.combine_chunks(), buffer, csv.WriteOptions(include_header=False))
            with connection.cursor() as cursor:
                cursor.execute(_delete("%s"), [span.start, span.end])
                columns = ", ".join(table.column_names)
                with cursor.copy(f"COPY cloud_costs ({columns}) FROM STDIN WITH (FORMAT csv)") as copy:
                    copy.write(buffer.getvalue())
            connection.commit()

        def clock() -> float:
            return time.process_time() + int(backend.read_text().split()[0]) / 1e9

        yield Warehouse(
            name="Postgres",
            goal=0.6,
            database=Database(connect=lambda: _Kept(connection), engine="postgres", placeholder="%s"),
            bare={"COPY": bare},
            clock=clock,
        )


class _Kept:
    """A connection that its users cannot close."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.cursor = connection.cursor
        self.commit = connection.commit
        self.rollback = connection.rollback

    def close(self) -> None:
        """Keep it open."""


def _delete(placeholder: str) -> str:
    return (
        f"DELETE FROM cloud_costs WHERE charge_period_start >= {placeholder} "  # noqa: S608 - as above
        f"AND charge_period_start < {placeholder}"
    )
