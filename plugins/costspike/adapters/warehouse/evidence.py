"""What the warehouse knows about a spike's surroundings, and the store of what every source said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from costspike.adapters.warehouse.human_verdicts import HumanVerdicts
from costspike.domain.evidence.effect_split import Series
from costspike.domain.evidence.new_resources import FirstUse, Kind
from costspike.domain.evidence.records import Evidence, EvidenceRow
from costspike.domain.request_sets import USAGE

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row
    from costspike.domain.human_verdicts import HumanVerdict
    from costspike.domain.spikes import Scope, Spike


class EvidenceTables:
    """spike_evidence, and questions to cloud_costs and spike_explanations about one spike."""

    def __init__(self, database: Database, source: str = "cost_explorer") -> None:
        self._database = database
        self._source = source

    def series(self, spike: Spike, start: date) -> list[Series]:
        """Return the scope's usage types with their amounts on the spike's day and on [start, day) together."""
        with self._database.transaction() as tx:
            rows = tx.rows("cloud_costs/select_series_totals", start=start, **self._scope(spike))
        return [_series(row) for row in rows]

    def breakdown(self, spike: Spike, scope: Scope, start: date) -> list[dict[str, Any]]:
        """Return the parts of any scope: ``day_cost``, and ``cost_before`` of [start, the spike's day) together."""
        with self._database.transaction() as tx:
            rows = tx.rows(
                "cloud_costs/select_breakdown",
                **{**self._scope(spike), **asdict(scope)},
                start=start,
            )
        return [
            {
                "account_id": row["sub_account_id"],
                "service": row["service_name"],
                "usage_type": row["sku_meter"],
                "region": row["region_id"],
                "day_cost": row["day_cost"],
                "cost_before": row["cost_before"],
            }
            for row in rows
        ]

    def first_uses(self, spike: Spike) -> list[FirstUse]:
        """Return every name with costs in the scope on its day, with the days on which it was first landed."""
        with self._database.transaction() as tx:
            rows = tx.rows("cloud_costs/select_first_uses", **self._scope(spike))
        return [
            FirstUse(
                kind=row["kind"],
                name=row["used_name"],
                day_cost=row["day_cost"],
                first_in_scope=row["first_in_scope"],
                first_anywhere=row["first_anywhere"],
            )
            for row in rows
        ]

    def named_days(self, day: date) -> dict[Kind, int]:
        """Return on how many landed days before ``day`` the bill has names of each kind."""
        with self._database.transaction() as tx:
            (row,) = tx.rows("cloud_costs/select_named_days", day=day, source=self._source, charge_type=USAGE)
        return {kind: int(count) for kind, count in row.items()}  # type: ignore[misc]

    def causes(self, spike: Spike, since: date) -> dict[str, str]:
        """Return the cause category of each earlier spike of the scope.

        It is what the newest answer to it says, else what one says to another spike of its incident.
        """
        scope = spike.scope
        with self._database.transaction() as tx:
            rows = tx.rows(
                "spike_explanations/select_causes",
                since=since,
                day=spike.day,
                source=self._source,
                billing_currency=spike.billing_currency,
                account_id=scope.account_id,
                service=scope.service,
            )
        return {row["spike_id"]: str(json.loads(row["answer"]).get("cause_category", "")) for row in rows}

    def verdicts(self, spike: Spike, since: date) -> dict[str, HumanVerdict]:
        """Return what a person said last of the incidents of the scope's earlier spikes, by spike id."""
        return HumanVerdicts(self._database).of_scope(spike, since, self._source)

    def collected(self, spike_id: str, facts_hash: str) -> dict[str, Evidence]:
        """Return what was stored for the facts of a spike, by source."""
        with self._database.transaction() as tx:
            rows = tx.rows("spike_evidence/select_spike", spike_id=spike_id, facts_hash=facts_hash)
        return {row["evidence_source"]: _evidence(row) for row in rows}

    def keep(self, spike_id: str, facts_hash: str, evidence: Iterable[Evidence], *, now: datetime) -> None:
        """Store what sources said, in place of what they had said before."""
        with self._database.transaction() as tx:
            tx.run("spike_evidence/lock")
            for one in evidence:
                key = {"spike_id": spike_id, "facts_hash": facts_hash, "evidence_source": one.source}
                tx.run("spike_evidence/delete_one", **key)
                tx.run(
                    "spike_evidence/insert",
                    **key,
                    title=one.title,
                    state=one.state,
                    note=one.note,
                    evidence_rows=json.dumps([asdict(row) for row in one.rows]),
                    requests=one.requests,
                    collected_at=now,
                )

    def _scope(self, spike: Spike) -> Mapping[str, Any]:
        scope: Scope = spike.scope
        return {
            "day": spike.day,
            "source": self._source,
            "charge_type": USAGE,
            "billing_currency": spike.billing_currency,
            "account_id": scope.account_id,
            "service": scope.service,
        }


def _series(row: Row) -> Series:
    has_quantity = bool(row["has_quantity"])
    return Series(
        account_id=row["sub_account_id"],
        service=row["service_name"],
        usage_type=row["sku_meter"],
        region=row["region_id"],
        unit=row["consumed_unit"] if has_quantity else "",
        billed_before=row["billed_before"],
        effective_before=row["effective_before"],
        quantity_before=row["quantity_before"] if has_quantity else None,
        billed=row["billed"],
        effective=row["effective"],
        quantity=row["quantity"] if has_quantity else None,
    )


def _evidence(row: Row) -> Evidence:
    return Evidence(
        source=row["evidence_source"],
        title=row["title"],
        state=row["x_state"],
        note=row["note"],
        rows=tuple(EvidenceRow(**one) for one in json.loads(row["evidence_rows"])),
        requests=row["requests"],
    )
