"""One error for the many ways in which an Airflow connection can be unusable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from costspike.domain.errors import CostspikeError, UpstreamError


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
