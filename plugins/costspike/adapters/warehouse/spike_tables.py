"""cost_spikes: the verdicts of a day, replaced as a whole together with the alerts they call for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costspike.domain.spikes import Contributor, Gate, Scope, Spike

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row, Transaction

# Alertmanager's word for the first notification of a group.
FIRST_NOTIFICATION = "first_notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert in the outbox; ``message_key`` is empty until a message was claimed for it."""

    spike_id: str
    message_key: str
    sent: bool
    day: date
    impact: Decimal


class SpikeTables:
    """cost_spikes, and the rows of the outbox that belong to a verdict."""

    def __init__(self, database: Database, source: str = "cost_explorer") -> None:
        self._database = database
        self._source = source

    def replace_day(
        self,
        day: date,
        spikes: Sequence[Spike],
        *,
        alert: bool,
        channel: str,
        detected_at: datetime,
        run_id: str,
    ) -> None:
        """Replace the verdicts of a day; with ``alert``, put those that nobody was told of into the outbox.

        Both happen in one transaction: a spike that is stored will be told, whatever fails later.
        """
        with self._database.transaction() as tx:
            tx.run("spike_alerts/lock")
            tx.run("cost_spikes/delete_day", day=day, source=self._source)
            for spike in spikes:
                self._insert(tx, spike, detected_at, run_id)
            tx.run("judged_days/delete_day", day=day, source=self._source)
            tx.run(
                "judged_days/insert",
                day=day,
                source=self._source,
                spikes=len(spikes),
                judged_at=detected_at,
                run_id=run_id,
            )
            tx.run("spike_alerts/delete_withdrawn", day=day)
            for spike in spikes if alert else ():
                tx.run(
                    "spike_alerts/insert_pending",
                    incident_id=spike.spike_id,
                    notify_reason=FIRST_NOTIFICATION,
                    day=day,
                    channel=channel,
                    spike_id=spike.spike_id,
                    created_at=detected_at,
                )

    def unjudged_days(self, start: date, end: date) -> list[date]:
        """Return the landed days of [start, end) without a verdict, oldest first."""
        with self._database.transaction() as tx:
            rows = tx.rows("judged_days/select_unjudged", start=start, end=end, source=self._source)
        return [row["charge_period_start"] for row in rows]

    def spike(self, spike_id: str) -> Spike | None:
        """Return one spike, None if the newest verdict of its day does not hold it."""
        with self._database.transaction() as tx:
            row = tx.row("cost_spikes/select_one", spike_id=spike_id)
        return _spike(row) if row else None

    def spikes_of(self, day: date) -> list[Spike]:
        """Return the spikes of a day, largest impact first."""
        with self._database.transaction() as tx:
            return [_spike(row) for row in tx.rows("cost_spikes/select_day", day=day, source=self._source)]

    def earlier(self, spike: Spike, since: date) -> list[Spike]:
        """Return the spikes of the same scope and currency of [since, the spike's day), the oldest first."""
        scope = spike.scope
        with self._database.transaction() as tx:
            rows = tx.rows(
                "cost_spikes/select_earlier",
                since=since,
                day=spike.day,
                source=self._source,
                billing_currency=spike.billing_currency,
                account_id=scope.account_id,
                service=scope.service,
                usage_type=scope.usage_type,
                region=scope.region,
            )
        return [_spike(row) for row in rows]

    def alerts(self, since: date, until: date) -> list[StoredAlert]:
        """Return the alerts of [since, until] whose spikes still stand, largest impact first."""
        with self._database.transaction() as tx:
            rows = tx.rows("spike_alerts/select_days", since=since, until=until)
        return [
            StoredAlert(
                spike_id=row["spike_id"],
                message_key=row["message_key"],
                sent=row["x_state"] == "sent",
                day=row["charge_period_start"],
                impact=row["impact"],
            )
            for row in rows
        ]

    def _insert(self, tx: Transaction, spike: Spike, detected_at: datetime, run_id: str) -> None:
        tx.run(
            "cost_spikes/insert",
            spike_id=spike.spike_id,
            incident_id=spike.spike_id,
            day=spike.day,
            scope_kind=spike.scope.kind,
            account_id=spike.scope.account_id,
            service=spike.scope.service,
            usage_type=spike.scope.usage_type,
            region=spike.scope.region,
            billing_currency=spike.billing_currency,
            detector=spike.detector,
            actual_cost=spike.actual_cost,
            expected_cost=spike.expected_cost,
            expected_low=spike.expected_low,
            expected_high=spike.expected_high,
            previous_cost=spike.previous_cost,
            typical_cost=spike.typical_cost,
            impact=spike.impact,
            score=spike.score,
            gates=_json(spike.gates),
            contributors=_json(spike.contributors),
            source=self._source,
            detected_at=detected_at,
            run_id=run_id,
        )


def _json(items: Iterable[Any]) -> str:
    return json.dumps([asdict(item) for item in items], default=str)


def _spike(row: Row) -> Spike:
    return Spike(
        day=row["charge_period_start"],
        scope=Scope(
            account_id=row["sub_account_id"],
            service=row["service_name"],
            usage_type=row["sku_meter"],
            region=row["region_id"],
        ),
        billing_currency=row["billing_currency"],
        detector=row["detector"],
        actual_cost=row["actual_cost"],
        expected_cost=row["expected_cost"],
        expected_low=row["expected_low"],
        expected_high=row["expected_high"],
        previous_cost=row["previous_cost"],
        typical_cost=row["typical_cost"],
        score=row["score"],
        gates=tuple(Gate(**gate) for gate in json.loads(row["gates"])),
        contributors=tuple(_contributor(part) for part in json.loads(row["contributors"])),
    )


def _contributor(part: Mapping[str, str]) -> Contributor:
    return Contributor(
        account_id=part["account_id"],
        service=part["service"],
        usage_type=part["usage_type"],
        region=part["region"],
        before=Decimal(part["before"]),
        after=Decimal(part["after"]),
        delta=Decimal(part["delta"]),
    )
