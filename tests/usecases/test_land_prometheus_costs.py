"""Landing costs from Prometheus: rows of their own source, the whole chain upon them, nothing lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.adapters.prometheus.client import Prometheus
from costspike.adapters.prometheus.cost_days import CostDays
from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.day_metrics import Key
from costspike.domain.errors import DataContractError, DayNotAvailable
from costspike.domain.metric_revisions import NOON, Sample, day_start
from costspike.domain.prometheus_source import cost_expression
from costspike.settings import Settings
from costspike.usecases.check_costs import check_costs
from costspike.usecases.detect_spikes import detect_spikes
from costspike.usecases.land_costs import Landed
from costspike.usecases.land_prometheus_costs import land_prometheus_costs
from tests.prometheus_server import PrometheusServer
from tests.usecases.pipeline import with_settings
from tests.usecases.publishing import YESTERDAY, days_ago, run_of_today
from tests.verdicts import store
from tests.warehouses import query

PROD = "111111111111"
HISTORY = 45
SPIKED = 400.0


def stamped(amounts: dict[tuple[int, str], float], revision: int = 0) -> list[Sample]:
    """Return samples by (days before yesterday, service)."""
    return [
        Sample(
            Key("costspike_daily_cost_usd", (("account", PROD), ("service", service))),
            day_start(days_ago(back)) + NOON + revision,
            amount,
        )
        for (back, service), amount in amounts.items()
    ]


@pytest.fixture
def client(prometheus: PrometheusServer) -> Iterator[Prometheus]:
    with prometheus.client() as found:
        usual = {
            (back, name): cost for back in range(HISTORY) for name, cost in (("EC2", 100.0), ("S3", 20.0))
        }
        found.write(stamped(usual | {(0, "EC2"): SPIKED}))
        yield found


SETTINGS = with_settings(
    Settings(), reading={"source": "prometheus"}, prometheus_source={"preset": "costspike"}
)


def land(client: Prometheus, database: Database, settings: Settings = SETTINGS, **changes: Any) -> Landed:
    asked = cost_expression(settings.prometheus_source)
    tables = CostTables(database, "prometheus")
    return land_prometheus_costs(
        run_of_today(**changes),
        settings,
        CostDays(client, asked),
        asked,
        tables,
        clock=lambda: datetime.now(UTC),
    )


ROWS = "SELECT x_source, COUNT(*), SUM(billed_cost), MIN(billed_cost) FROM cloud_costs GROUP BY 1 ORDER BY 1"


def test_the_chain_runs_on_rows_from_prometheus(client: Prometheus, database: Database) -> None:
    landed = land(client, database)
    assert (landed.days, landed.rows) == (HISTORY, 2 * HISTORY)
    run, tables = run_of_today(), CostTables(database, "prometheus")
    assert "reconciles" in check_costs(run, SETTINGS, tables)
    items = detect_spikes(run, SETTINGS, tables, SpikeTables(database, "prometheus"), [])
    assert [item["label"] for item in items] == [f"{PROD} EC2 +$300.00"]
    assert items[0]["alert"]
    ((source, rows, total, _),) = query(database, ROWS)
    assert (source, rows, total) == ("prometheus", 2 * HISTORY, Decimal(120 * HISTORY + 300))


def test_landing_again_changes_nothing_and_a_later_revision_is_a_restated_day(
    client: Prometheus, database: Database
) -> None:
    land(client, database)
    assert land(client, database).restated_days == []
    client.write(stamped({(3, "EC2"): 250.0}, revision=1))
    assert land(client, database).restated_days == [days_ago(3)]
    assert query(database, "SELECT old_billed_cost, new_billed_cost FROM cloud_cost_revisions") == [
        (100, 250)
    ]


def test_rows_of_cost_explorer_are_never_touched(client: Prometheus, database: Database) -> None:
    from tests.landings import landing

    CostTables(database).replace_days(landing({(YESTERDAY, "EC2"): "7"}))
    land(client, database)
    assert query(database, ROWS)[0] == ("cost_explorer", 1, 7, 7)
    assert CostTables(database).replayed_usage(YESTERDAY, YESTERDAY, [])["USD"]["amount_usd"].tolist() == [7]


def test_a_spike_that_both_sources_see_is_one_spike_told_once(client: Prometheus, database: Database) -> None:
    land(client, database)
    run, tables = run_of_today(), CostTables(database, "prometheus")
    own = SpikeTables(database, "prometheus")
    detect_spikes(run, SETTINGS, tables, own, [])
    (spike,) = own.spikes_of(YESTERDAY)
    for source in ("cost_explorer", "prometheus", "cost_explorer"):
        store(SpikeTables(database, source), YESTERDAY, [spike], channel="#aws-costs", detected_at=run.now)
        store(SpikeTables(database, source), YESTERDAY, [], channel="#aws-costs", detected_at=run.now)
        store(SpikeTables(database, source), YESTERDAY, [spike], channel="#aws-costs", detected_at=run.now)
    assert query(database, "SELECT x_source FROM cost_spikes") == [("cost_explorer",)]
    assert query(database, "SELECT COUNT(*) FROM spike_alerts") == [(1,)]


def test_a_day_that_prometheus_does_not_hold_is_not_available(client: Prometheus, database: Database) -> None:
    old = days_ago(HISTORY + 5)
    with pytest.raises(DayNotAvailable, match="yields no series"):
        land(client, database, cost_day=old)
    early = with_settings(SETTINGS, prometheus_source={"preset": "yace", "settle_hours": 24.0})
    now = datetime(YESTERDAY.year, YESTERDAY.month, YESTERDAY.day, 3, tzinfo=UTC) + timedelta(days=1)
    with pytest.raises(DayNotAvailable, match=r"from \d{4}-\d\d-\d\d 00:00 UTC on"):
        land(client, database, early, now=now)
    with pytest.raises(DataContractError, match="is not over"):
        land(client, database, cost_day=YESTERDAY + timedelta(days=1))
    assert query(database, "SELECT COUNT(*) FROM cloud_costs") == [(0,)]


def test_a_dry_run_lands_nothing(client: Prometheus, database: Database) -> None:
    assert land(client, database, dry_run=True).history_days_missing == 60
    assert query(database, "SELECT COUNT(*) FROM cloud_costs") == [(0,)]


def test_a_broken_history_does_not_stop_the_day(client: Prometheus, database: Database) -> None:
    client.write(stamped({(20, "EC2"): float("nan")}, revision=1))
    landed = land(client, database)
    assert "expected a number" in landed.history_problem
    assert CostTables(database, "prometheus").newest_day(YESTERDAY) is not None
