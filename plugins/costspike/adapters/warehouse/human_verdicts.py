"""incident_verdicts: what people said of incidents, kept as they said it; the last word counts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from costspike.domain.human_verdicts import HumanVerdict, VerdictWord

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row
    from costspike.domain.spikes import Spike


class HumanVerdicts:
    """incident_verdicts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def incident_of(self, asked: str) -> str | None:
        """Return the incident with this id, or with a spike of this id; None if there is none."""
        with self._database.transaction() as tx:
            row = tx.row("incidents/select_asked", asked=asked)
        return str(row["incident_id"]) if row else None

    def keep(self, given: HumanVerdict) -> None:
        """Store a verdict beside those before it; the same one again changes nothing."""
        with self._database.transaction() as tx:
            tx.run("incident_verdicts/lock")
            tx.run(
                "incident_verdicts/insert",
                incident_id=given.incident_id,
                given_at=given.given_at,
                given_by=given.given_by,
                verdict=given.verdict.value,
                note=given.note,
            )

    def of_incident(self, incident_id: str) -> list[HumanVerdict]:
        """Return all that was said of an incident; the first is what counts."""
        with self._database.transaction() as tx:
            rows = tx.rows("incident_verdicts/select_incident", incident_id=incident_id)
        return [_verdict(row) for row in rows]

    def of_scope(self, spike: Spike, since: date, source: str) -> dict[str, HumanVerdict]:
        """Return what counts of the incidents of the scope's spikes of [since, the spike's day), by spike id."""
        scope = spike.scope
        with self._database.transaction() as tx:
            rows = tx.rows(
                "incident_verdicts/select_scope",
                since=since,
                day=spike.day,
                source=source,
                billing_currency=spike.billing_currency,
                account_id=scope.account_id,
                service=scope.service,
                usage_type=scope.usage_type,
                region=scope.region,
            )
        return {row["spike_id"]: _verdict(row) for row in rows}


def _verdict(row: Row) -> HumanVerdict:
    return HumanVerdict(
        incident_id=row["incident_id"],
        verdict=VerdictWord(row["verdict"]),
        note=row["note"],
        given_by=row["given_by"],
        given_at=row["given_at"],
    )
