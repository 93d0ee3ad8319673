"""incidents: what the spikes of all days come to, read and written within the transaction of a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.spike_rows import spike_of
from costspike.domain.incident_book import GradedIncident, IncidentEnd, KnownSpikes, fold_start
from costspike.domain.incident_records import State
from costspike.domain.request_sets import USAGE
from costspike.domain.spikes import Scope

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Row, Transaction
    from costspike.domain.incident_records import Incident
    from costspike.domain.incident_settings import IncidentSettings

# Five weeks before a scope's first spike say what its weekdays usually cost.
_BEFORE = timedelta(days=35)


class IncidentTables:
    """The incidents of one source, within one transaction."""

    def __init__(self, tx: Transaction, source: str) -> None:
        self._tx = tx
        self._source = source
        self._placed: dict[str, str] = {}

    def known(self, judged: Iterable[date], settings: IncidentSettings) -> KnownSpikes:
        """Return all spikes that can belong together with those of the days that were judged just now."""
        as_of: date = self._tx.rows("judged_days/select_newest", source=self._source)[0]["newest"]
        ends = self._tx.rows("incidents/select_ends", as_of=as_of, source=self._source)
        since = fold_start(judged, map(_end, ends), settings)
        span = {"since": since, "as_of": as_of, "source": self._source}
        standing = self._tx.rows("cost_spikes/select_since", **span)
        withdrawn = self._tx.rows("withdrawn_spikes/select_since", **span)
        self._placed = {row["spike_id"]: row["incident_id"] for row in (*standing, *withdrawn)}
        quiet = self._tx.rows("quiet_spikes/select_since", since=since, source=self._source)
        landed = self._tx.rows("cloud_cost_totals/select_days", source=self._source)
        return KnownSpikes(
            since=since,
            as_of=as_of,
            standing=tuple(map(spike_of, standing)),
            withdrawn=tuple(map(spike_of, withdrawn)),
            daily=self._daily(since, as_of) if standing or withdrawn else {},
            landed=frozenset(
                row["charge_period_start"]
                for row in landed
                if row["groups_landed"] and since - _BEFORE <= row["charge_period_start"] <= as_of
            ),
            quiet={row["spike_id"]: row["quiet_until"] for row in quiet},
        )

    def replace(self, known: KnownSpikes, incidents: Sequence[GradedIncident]) -> None:
        """Write the incidents that began since a day, as far as they changed, and put their ids on their spikes."""
        rows = self._tx.rows("incidents/select_since", since=known.since, source=self._source)
        stored = {row["incident_id"]: row for row in rows}
        wanted = {one.incident.incident_id: _row(one, self._source) for one in incidents}
        for incident_id, row in stored.items():
            if wanted.get(incident_id) != row:
                self._tx.run("incidents/delete_one", incident_id=incident_id)
        for incident_id, row in wanted.items():
            if stored.get(incident_id) != row:
                same = {"incident_id": incident_id, "source": self._source}
                self._tx.run("incidents/delete_other_sources", **same)
                self._tx.run("incidents/insert", **row)
        self._place(one.incident for one in incidents)

    def _place(self, incidents: Iterable[Incident]) -> None:
        for incident in incidents:
            for table, spikes in (("cost_spikes", incident.spikes), ("withdrawn_spikes", incident.withdrawn)):
                for spike in spikes:
                    if self._placed.get(spike.spike_id) != incident.incident_id:
                        self._tx.run(
                            f"{table}/update_incident",
                            spike_id=spike.spike_id,
                            incident_id=incident.incident_id,
                        )

    def _daily(self, since: date, as_of: date) -> dict[tuple[str, Scope], dict[date, Decimal]]:
        rows = self._tx.rows(
            "cloud_costs/select_spike_scopes",
            since=since,
            oldest=since - _BEFORE,
            as_of=as_of,
            source=self._source,
            charge_type=USAGE,
        )
        daily: dict[tuple[str, Scope], dict[date, Decimal]] = {}
        for row in rows:
            scope = Scope(
                account_id=row["sub_account_id"],
                service=row["service_name"],
                usage_type=row["sku_meter"],
                region=row["region_id"],
            )
            days = daily.setdefault((row["billing_currency"], scope), {})
            days[row["charge_period_start"]] = row["daily_cost"]
        return daily


def _row(one: GradedIncident, source: str) -> Row:
    incident, peak = one.incident, one.peak
    return {
        "incident_id": incident.incident_id,
        "state": incident.state.value,
        "severity": one.severity,
        "scope": incident.scope.kind,
        "sub_account_id": incident.scope.account_id,
        "service_name": incident.scope.service,
        "sku_meter": incident.scope.usage_type,
        "region_id": incident.scope.region,
        "billing_currency": incident.billing_currency,
        "first_day": incident.first_day,
        "last_day": incident.last_day,
        "last_spike_day": incident.last_spike_day,
        "closed_on": incident.closed_on,
        "raised_days": len(incident.days),
        "spikes": len(incident.spikes),
        "withdrawn_spikes": len(incident.withdrawn),
        "impact": incident.impact,
        "withdrawn_impact": incident.withdrawn_impact,
        "peak_day": peak.day,
        "peak_impact": peak.impact,
        "source": source,
    }


def _end(row: Row) -> IncidentEnd:
    return IncidentEnd(
        first_day=row["first_day"],
        last_spike_day=row["last_spike_day"],
        closed_on=row["closed_on"],
        state=State(row["x_state"]),
    )
