"""The warehouse of a deployment behind its Airflow connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costspike.connections import naming_connection

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database
    from costspike.settings import Settings


def open_warehouse(settings: Settings) -> Database:
    """Return the warehouse; it connects when it is first asked.

    Raises:
        UpstreamError: there is no such connection, or what it leads to forgets its tables.
    """
    from airflow.sdk import BaseHook

    from costspike.adapters.warehouse.database import Database

    conn_id = settings.connections.warehouse
    with naming_connection(conn_id, "the warehouse"):
        hook = BaseHook.get_connection(conn_id).get_hook()  # type: ignore[no-untyped-call]
        if hook.conn_type == "duckdb" and hook.get_database() == ":memory:":
            msg = "it names no file: DuckDB would forget the costs with each connection; expected a path as host"
            raise ValueError(msg)
    engines = {"duckdb": "duckdb", "postgres": "postgres"}
    return Database(
        connect=hook.get_conn,
        engine=engines.get(hook.conn_type, "generic"),  # type: ignore[arg-type]
        placeholder=hook.placeholder,
        busy_seconds=settings.tasks.warehouse_wait_seconds,
    )
