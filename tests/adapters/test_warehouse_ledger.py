"""The ledger: what was paid today, and the row that sums up a run."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.spending import Spending
from costspike.domain.runs import Run
from tests.clocks import NOW
from tests.cost_pages import DAY
from tests.landings import landing
from tests.warehouses import query


def run(**changes: Any) -> Run:
    known: dict[str, Any] = {
        "cost_day": DAY,
        "run_id": "run 1",
        "run_type": "scheduled",
        "started": NOW - timedelta(minutes=5),
        "now": NOW,
        "claimant": "dag/run 1/task/0",
    }
    return Run(**(known | changes))


@pytest.fixture
def spending(database: Database) -> Spending:
    return Spending(database)


def test_requests_are_counted_by_utc_day_and_purpose(spending: Spending) -> None:
    spending.add(run(now=NOW - timedelta(days=1)), "daily", 100)
    spending.add(run(), "daily", 6)
    spending.add(run(run_id="run 2"), "daily", 7)
    spending.add(run(), "history", 50)
    spending.add(run(), "history", 0)
    assert spending.requests_today(run(), "daily") == 13
    assert spending.requests_today(run(), "history") == 50
    assert spending.requests_today(run(now=NOW + timedelta(days=1)), "daily") == 0


def test_a_day_begins_at_midnight_utc(spending: Spending) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    spending.add(run(now=midnight - timedelta(seconds=1)), "daily", 1)
    spending.add(run(now=midnight), "daily", 2)
    assert spending.requests_today(run(now=midnight + timedelta(hours=23)), "daily") == 2


def test_a_run_is_summed_up(spending: Spending, database: Database) -> None:
    CostTables(database).replace_days(landing({(DAY, "S3"): "2", (DAY, "EC2"): "3"}, estimated=True))
    spending.add(run(), "daily", 6)
    spending.add(run(), "history", 2)
    summary = spending.summarize(run(now=NOW + timedelta(hours=2)), outcome="success", source="cost_explorer")
    assert (summary.rows_landed, summary.requests, summary.requests_usd) == (2, 8, Decimal("0.08"))
    assert (summary.data_observed_at, summary.data_age_hours) == (NOW, 2)
    assert (summary.claude_usd, summary.alerts_sent, summary.spikes) == (0, 0, 0)
    plain = summary.as_plain()
    assert (plain["requests_usd"], plain["claude_usd"]) == ("0.08", "0")
    assert {type(value) for value in plain.values()} <= {str, int, float, type(None)}


def test_an_empty_warehouse_has_no_age(spending: Spending) -> None:
    summary = spending.summarize(run(), outcome="failed", source="cost_explorer")
    assert (summary.data_observed_at, summary.data_age_hours, summary.requests) == (None, None, 0)


def test_a_run_has_one_row_however_often_it_is_recorded(spending: Spending, database: Database) -> None:
    for outcome in ("failed", "success"):
        spending.record(spending.summarize(run(), outcome=outcome, source="cost_explorer"))
    spending.record(spending.summarize(run(run_id="run 2"), outcome="success", source="cost_explorer"))
    stored = "SELECT run_id, outcome FROM pipeline_runs ORDER BY run_id"
    assert query(database, stored) == [("run 1", "success"), ("run 2", "success")]
