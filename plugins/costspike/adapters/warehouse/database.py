"""Transactions and named statements over one DB-API connection at a time.

Nothing of the outside world is called while a connection is open: read, let go, call, take it again.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from costspike import sql
from costspike.domain.errors import WarehouseBusy
from costspike.domain.texts import encodable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Engine = Literal["duckdb", "postgres", "generic"]
Row = dict[str, Any]

TABLES = (
    "cloud_costs",
    "cloud_cost_totals",
    "usage_sums",
    "cloud_cost_revisions",
    "judged_days",
    "cost_spikes",
    "withdrawn_spikes",
    "quiet_spikes",
    "cost_drops",
    "incidents",
    "incident_verdicts",
    "spike_explanations",
    "explanation_batches",
    "spike_evidence",
    "credential_refusals",
    "spike_alerts",
    "pipeline_runs",
    "api_spend",
    "receiver_deliveries",
)

# Processes exclude each other by the lock on the file; threads of one share it, and their transactions conflict.
_DUCKDB = threading.RLock()


class Connection(Protocol):
    """The part of PEP 249 that is used."""

    def cursor(self) -> Any:
        """Return a cursor."""

    def commit(self) -> None:
        """Make the transaction's changes last."""

    def rollback(self) -> None:
        """Undo the transaction's changes."""

    def close(self) -> None:
        """Close the connection."""


class Transaction:
    """Statements that take effect together, or not at all."""

    def __init__(self, connection: Connection, cursor: Any, engine: Engine, placeholder: str) -> None:
        self.connection = connection
        self.cursor = cursor
        self.engine = engine
        self._placeholder = placeholder

    def run(self, name: str, **parameters: Any) -> int:
        """Run a statement that the engine has; return the number of rows that it touched, if known."""
        if not sql.exists(name, self.engine):
            return 0
        text, values = sql.bind(name, self.engine, self._placeholder, _outgoing(parameters, self.engine))
        self.cursor.execute(text, values)
        if self.engine == "duckdb":
            counted = self.cursor.fetchone() if self.cursor.description else None
            return int(counted[0]) if counted and isinstance(counted[0], int) else 0
        return int(self.cursor.rowcount)

    def rows(self, name: str, **parameters: Any) -> list[Row]:
        """Return the rows of a query; timestamps are UTC."""
        names, rows = self._fetched(name, parameters)
        return [dict(zip(names, map(_incoming, row), strict=True)) for row in rows]

    def frame(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Return the rows of a query as a frame, without a detour through Python where the engine can."""
        import pandas as pd

        if self.engine != "duckdb":
            return pd.DataFrame(self.columns(name, **parameters))
        frame: pd.DataFrame = self.table(name, **parameters).to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def columns(self, name: str, **parameters: Any) -> dict[str, Sequence[Any]]:
        """Return the columns of a query as the driver gives their values."""
        names, rows = self._fetched(name, parameters)
        return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))

    def table(self, name: str, **parameters: Any) -> pa.Table:
        """Return the rows of a query as DuckDB gives them to Arrow; the other engines cannot."""
        text, values = sql.bind(name, self.engine, self._placeholder, _outgoing(parameters, self.engine))
        return self.cursor.sql(text, params=list(values)).to_arrow_table()

    def _fetched(self, name: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[Sequence[Any]]]:
        text, values = sql.bind(name, self.engine, self._placeholder, _outgoing(parameters, self.engine))
        self.cursor.execute(text, values)
        return [column[0] for column in self.cursor.description], self.cursor.fetchall()

    def in_its_style(self, text: str) -> str:
        """Return a statement that is written with question marks in the driver's own style."""
        return text.replace("?", self._placeholder)

    def row(self, name: str, **parameters: Any) -> Row | None:
        """Return the first row of a query, None where there is none."""
        found = self.rows(name, **parameters)
        return found[0] if found else None


@dataclass(slots=True)
class Database:
    """Opens a connection for each transaction and closes it after.

    ``busy_seconds`` is how long a DuckDB file that another process holds is waited for. ``read_only`` is for
    connections that cannot write: no table is created.
    """

    connect: Callable[[], Connection]
    engine: Engine
    placeholder: str
    busy_seconds: float = 60.0
    read_only: bool = False
    sleep: Callable[[float], None] = time.sleep
    _ready: bool = field(default=False, init=False)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin; commit at the end, roll back on any error.

        Raises:
            WarehouseBusy: the DuckDB file stayed locked.
        """
        if not (self._ready or self.read_only):
            self._create_tables()
        with self._begun() as tx:
            yield tx

    @contextmanager
    def _begun(self) -> Iterator[Transaction]:
        with self._turn():
            connection = self._open()
            try:
                cursor = connection.cursor()
                if self.engine == "duckdb":  # it commits each statement unless it is told otherwise
                    cursor.execute("BEGIN")
                try:
                    yield Transaction(connection, cursor, self.engine, self.placeholder)
                except BaseException:
                    with suppress(Exception):  # a lost connection has nothing to undo, and the cause counts
                        self._end(connection, cursor, "ROLLBACK")
                    raise
                self._end(connection, cursor, "COMMIT")
            finally:
                connection.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the other threads of this process; only DuckDB needs it, and it has no lock to wait for."""
        if self.engine != "duckdb":
            yield
            return
        if not _DUCKDB.acquire(timeout=self.busy_seconds):
            raise self._busy()
        try:
            yield
        finally:
            _DUCKDB.release()

    def _create_tables(self) -> None:
        with self._begun() as tx:
            tx.run("schema/lock")
            for table in TABLES:
                tx.run(f"{table}/create")
                tx.run(f"{table}/create_index")
        self._ready = True

    def _end(self, connection: Connection, cursor: Any, how: Literal["COMMIT", "ROLLBACK"]) -> None:
        if self.engine == "duckdb":
            cursor.execute(how)
        elif how == "COMMIT":
            connection.commit()
        else:
            connection.rollback()

    def _open(self) -> Connection:
        deadline = time.monotonic() + self.busy_seconds
        while True:
            try:
                return self.connect()
            except Exception as error:
                if not is_locked(error):
                    raise
                if time.monotonic() > deadline:
                    raise self._busy() from error
            self.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - spreads the tries, protects nothing

    def _busy(self) -> WarehouseBusy:
        return WarehouseBusy(
            f"the DuckDB warehouse stayed locked for {self.busy_seconds:.0f} s; expected its other users "
            "to let go. Give the tasks that use it the pool costspike_warehouse, or use Postgres."
        )


def is_locked(error: Exception) -> bool:
    """Tell whether DuckDB refused because another process holds the file."""
    return type(error).__name__ == "IOException" and "lock" in str(error).lower()


def _outgoing(parameters: Mapping[str, Any], engine: Engine) -> dict[str, Any]:
    return {name: _storable(value, engine) for name, value in parameters.items()}


def _storable(value: Any, engine: Engine) -> Any:
    """Store moments as UTC without a zone, on which engines disagree, and texts without what they refuse."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, str):
        text = value if value.isascii() else encodable(value)
        return text if engine == "duckdb" else text.replace("\x00", "\ufffd")
    return value


def _incoming(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
