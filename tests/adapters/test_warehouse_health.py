"""The figures of a heartbeat, in each engine."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.health import Figures, HealthTables
from tests.warehouses import change, query

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SPIKE = """
INSERT INTO cost_spikes VALUES ('{id}', '{id}', '2026-11-23', 'service', '1', 'S3', '', '', 'USD', 'baseline',
1, 0, 0, 0, 0, 0, 1, 0, '[]', '[]', 'cost_explorer', '2026-11-24', 'r')
"""
INCIDENT = """
INSERT INTO incidents VALUES ('{id}', '{state}', 'P1', 'service', '1', 'S3', '', '', 'USD', '2026-11-23', '2026-11-23',
'2026-11-23', NULL, 1, 1, 0, 1, 0, '2026-11-23', 1, 'cost_explorer')
"""
ALERT = """
INSERT INTO spike_alerts VALUES ('{id}', '{id}', '{reason}', '2026-11-23', 'C', '{id}', '{{}}', '{state}', '', '',
NULL, 0, '', '', '', '', 'cost_explorer', '2026-11-24', NULL)
"""
ANSWER = """
INSERT INTO spike_explanations VALUES
('{id}', 'p', 'm', 'f', 'answered', '', '{at}', '', '', '', '', '', '', '', '', 10, 5, {usd}, NULL)
"""


def figures(database: Database) -> Figures:
    return HealthTables(database).figures(
        alerts_since=DAY - timedelta(days=7), spent_since=NOW - timedelta(hours=24)
    )


def test_an_empty_warehouse_counts_nothing(database: Database) -> None:
    assert figures(database) == Figures(
        incidents=0,
        requests=0,
        requests_usd=Decimal(0),
        tokens=0,
        claude_usd=Decimal(0),
        undelivered=0,
    )


def test_what_is_open_spent_and_waiting_is_counted(database: Database) -> None:
    figures(database)
    for name, state in (("a", "open"), ("b", "ongoing"), ("c", "resolved"), ("d", "settled")):
        change(database, INCIDENT.format(id=name, state=state))
    for name, state in (("a", "sent"), ("b", "pending")):
        change(database, SPIKE.format(id=name))
        change(database, ALERT.format(id=name, reason="first_notification", state=state))
    change(database, ALERT.format(id="withdrawn", reason="first_notification", state="pending"))
    change(database, ALERT.format(id="note-1", reason="grew", state="claimed"))
    tables = HealthTables(database)
    tables.announce("heartbeat-1", "heartbeat", day=DAY, channel="C", now=NOW)
    for at, usd in (("2026-11-24 08:00", "0.02"), ("2026-11-22 08:00", "5")):
        change(database, f"INSERT INTO api_spend VALUES ('{at}', '2026-11-23', 'r', 'daily', 2, {usd})")
        change(database, ANSWER.format(id=at, at=at, usd=usd))
    found = figures(database)
    assert (found.incidents, found.undelivered) == (2, 2)
    assert (found.requests, found.requests_usd) == (2, Decimal("0.02"))
    assert (found.tokens, found.claude_usd) == (15, Decimal("0.02"))


def test_a_price_that_is_not_known_makes_the_dollars_unknown(database: Database) -> None:
    figures(database)
    change(database, ANSWER.format(id="x", at="2026-11-24 08:00", usd="NULL"))
    assert figures(database).claude_usd is None


def test_one_word_a_reason_and_day(database: Database) -> None:
    tables = HealthTables(database)
    for channel in ("C1", "C2"):
        tables.announce("heartbeat-1", "heartbeat", day=DAY, channel=channel, now=NOW)
    tables.announce("pipeline_failed-1", "pipeline_failed", day=DAY, channel="C1", now=NOW)
    assert query(database, "SELECT message_key, channel, x_state FROM spike_alerts ORDER BY message_key") == [
        ("heartbeat-1", "C1", "pending"),
        ("pipeline_failed-1", "C1", "pending"),
    ]
