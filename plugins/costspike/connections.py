"""Airflow's connections: one that may be missing, and one error for the many ways in which one can be unusable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from costspike.domain.errors import CostspikeError, UpstreamError

if TYPE_CHECKING:
    from airflow.sdk import Connection


def find_connection(conn_id: str) -> Connection | None:
    """Return a connection, None where there is none of the name."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        return None


@contextmanager
def naming_connection(conn_id: str, system: str) -> Iterator[None]:
    """Turn whatever goes wrong inside into one error that names the connection."""
    try:
        yield
    except CostspikeError:
        raise
    except Exception as error:
        msg = (
            f"the connection {conn_id!r} for {system} cannot be used ({type(error).__name__}: {str(error)[:200]}). "
            "Add or correct it under Admin > Connections."
        )
        raise UpstreamError(msg, system=system, reason="auth", retryable=False) from error
