"""The warehouse of a deployment behind its Airflow connection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from costspike.connections import naming_connection
from costspike.domain.errors import UpstreamError

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database
    from costspike.settings import Settings


# What engines say of a password, role, database or path that is wrong; the rest (a server that starts, a network
# that is down) heals by waiting. Postgres has codes for it, but no driver hands on those of a failed connection.
_WRONG = (
    "authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "does not exist",
    "no such file",
    "permission denied",
    "not a valid duckdb",
)


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
        if not hasattr(hook, "placeholder"):
            msg = f"its type {hook.conn_type!r} is no database; expected duckdb or postgres"
            raise ValueError(msg)
        if hook.conn_type == "duckdb" and hook.get_database() == ":memory:":
            msg = "it names no file: DuckDB would forget the costs with each connection; expected a path as host"
            raise ValueError(msg)
    engines = {"duckdb": "duckdb", "postgres": "postgres"}
    return Database(
        connect=partial(_connect, hook, conn_id),
        engine=engines.get(hook.conn_type, "generic"),  # type: ignore[arg-type]
        placeholder=hook.placeholder,
        busy_seconds=settings.tasks.warehouse_wait_seconds,
    )


def _connect(hook: Any, conn_id: str) -> Any:
    """Return a connection of the database.

    Raises:
        UpstreamError: it refuses or cannot be reached; the Airflow connection is named.
    """
    from costspike.adapters.warehouse.database import is_locked

    try:
        return hook.get_conn()
    except Exception as error:
        if is_locked(error):  # which the warehouse waits for
            raise
        told = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if any(sign in told.lower() for sign in _WRONG):
            msg = f"the warehouse refuses the connection {conn_id!r} ({told}). Correct it under Admin > Connections"
            raise UpstreamError(msg, system="the warehouse", reason="auth") from error
        msg = (
            f"the warehouse of the connection {conn_id!r} cannot be reached ({told}); the task is tried again"
        )
        raise UpstreamError(msg, system="the warehouse", reason="unavailable") from error
