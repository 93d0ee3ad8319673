"""Warehouses for tests: the real engines, behind the connections that Airflow's hooks give."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import psycopg2

from costspike.adapters.warehouse.database import Database
from tests.postgres_server import PostgresDatabase


def duckdb_warehouse(file: Path, **changes: Any) -> Database:
    """Return a warehouse in a DuckDB file, opened as the DuckDB hook opens it."""
    known: dict[str, Any] = {"engine": "duckdb", "placeholder": "?", "busy_seconds": 10.0}
    return Database(connect=lambda: duckdb.connect(str(file)), **(known | changes))


@contextmanager
def kept_open(file: Path) -> Iterator[Database]:
    """Yield a warehouse in a DuckDB file that this process holds open meanwhile.

    To open a file that is not open takes ten times as long, a test opens its own a hundred times, and only a test
    of locks needs that others can have it in between.
    """
    with duckdb.connect(str(file)):
        yield duckdb_warehouse(file)


def postgres_warehouse(server: PostgresDatabase, **changes: Any) -> Database:
    """Return a warehouse in Postgres over psycopg 3."""
    known: dict[str, Any] = {"engine": "postgres", "placeholder": "%s"}
    return Database(connect=lambda: psycopg.connect(server.dsn), **(known | changes))


def psycopg2_warehouse(server: PostgresDatabase) -> Database:
    """Return a warehouse in Postgres over psycopg2, which older images have."""
    return Database(connect=lambda: psycopg2.connect(server.dsn), engine="postgres", placeholder="%s")


def generic_warehouse(server: PostgresDatabase) -> Database:
    """Return Postgres as an engine without a fast path of its own, as Redshift is."""
    return postgres_warehouse(server, engine="generic")


POSTGRES: dict[str, Callable[[PostgresDatabase], Database]] = {
    "postgres": postgres_warehouse,
    "psycopg2": psycopg2_warehouse,
    "generic": generic_warehouse,
}


def query(database: Database, text: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that only a test needs."""
    with database.transaction() as tx:
        tx.cursor.execute(text)
        rows: list[tuple[Any, ...]] = tx.cursor.fetchall()
        return [tuple(row) for row in rows]


def change(database: Database, text: str) -> None:
    """Run a statement that only a test needs."""
    with database.transaction() as tx:
        tx.cursor.execute(text)
