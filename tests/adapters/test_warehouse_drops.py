"""What fell on a day, in each engine: replaced as a whole, announced once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.drop_tables import DropTables
from costspike.domain.drops import Drop
from costspike.domain.spikes import Gate, Scope, spike_id
from tests.warehouses import query

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DROP = Drop(
    day=DAY,
    scope=Scope(account_id="1", service="S3"),
    billing_currency="USD",
    actual_cost=Decimal("1.5"),
    expected_cost=Decimal(100),
    expected_low=Decimal(90),
    lowest_cost=Decimal(95),
    gates=(Gate(name="fall", value=98.5, limit=3.0),),
)
STORED = (
    "SELECT x_scope, service_name, actual_cost, x_lowest_cost, gates FROM cost_drops ORDER BY service_name"
)
OUTBOX = "SELECT alert_id, notify_reason, channel, x_state FROM spike_alerts"


def announce(tables: DropTables, *drops: Drop, channel: str = "C1") -> None:
    tables.store_and_announce(
        DAY, drops, message_key="k", reason="costs_fell", channel=channel, detected_at=NOW, run_id="r"
    )


def test_a_day_s_drops_are_replaced_and_announced_once(database: Database) -> None:
    tables = DropTables(database)
    announce(tables, DROP, replace(DROP, scope=Scope(service="EC2")))
    announce(tables, DROP, channel="C2")
    gates = '[{"name": "fall", "value": 98.5, "limit": 3.0}]'
    assert query(database, STORED) == [("account_service", "S3", Decimal("1.5"), Decimal(95), gates)]
    assert query(database, OUTBOX) == [("k", "costs_fell", "C1", "pending")]
    tables.store(DAY, [], detected_at=NOW, run_id="r")
    assert query(database, STORED) == []
    assert query(database, OUTBOX) == [("k", "costs_fell", "C1", "pending")]


def test_a_drop_and_a_spike_of_the_same_scope_have_different_ids() -> None:
    assert DROP.drop_id != spike_id(DAY, "USD", DROP.scope)
    assert DROP.drop_id != replace(DROP, billing_currency="EUR").drop_id
