"""credential_refusals: which credentials were refused, to whom and when; the credentials themselves are not kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database


class CredentialRefusals:
    """credential_refusals."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, credential: str, told: str, *, claimant: str, now: datetime) -> None:
        """Keep that ``claimant`` was refused; ``told`` is the error's text, ``now`` UTC."""
        with self._database.transaction() as tx:
            tx.run(
                "credential_refusals/insert",
                credential=credential,
                claimed_by=claimant,
                told=told,
                refused_at=now,
            )

    def told(self, credential: str, *, claims: str, since: datetime) -> str:
        """Return what the claimants that begin with ``claims`` were told last since a moment; empty if nothing."""
        with self._database.transaction() as tx:
            row = tx.row("credential_refusals/select_last", credential=credential, claims=claims, since=since)
        return str(row["told"]) if row else ""
