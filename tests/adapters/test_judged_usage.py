"""What the warehouse folds away never changes a verdict: the same as folding all rows, on every engine."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.adapters.warehouse.cost_tables import CostTables, Landing
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.judged_usage import judged_usage, replayed_usage
from costspike.domain.cost_table import HISTORY_DAYS
from costspike.domain.costs import MONEY
from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.drops import detect_drops
from costspike.domain.fold import folded, folded_for
from costspike.domain.reading import DayRange
from costspike.domain.request_sets import USAGE
from costspike.domain.totals import DayTotal
from tests.clocks import NOW
from tests.cost_histories import COLUMNS, DAY
from tests.postgres_server import PostgresServer
from tests.warehouses import postgres_warehouse

ONE_DAY = timedelta(days=1)
SERVICES = ("Amazon Elastic Compute Cloud - Compute", "Savings Plans for AWS Compute usage", "S3", "Glue")
CHOICES = st.sampled_from(
    [
        DetectionSettings(),
        DetectionSettings(sensitivity=5, min_impact=0.01, min_impact_percent=0),
        DetectionSettings(sensitivity=5, min_impact_share_percent=5),
        DetectionSettings(detector="day_over_day"),
        DetectionSettings(min_impact=0, min_impact_share_percent=0),
    ]
)
MANY, NONE = 12, Decimal(0)
Warehouse = Callable[[pd.DataFrame], Database]


@pytest.fixture(scope="module")
def duckdb_of() -> Warehouse:
    connection = duckdb.connect()
    database = Database(connect=connection.cursor, engine="duckdb", placeholder="?")
    return lambda costs: filled(database, costs)


@pytest.fixture(scope="module")
def postgres_of(postgres: PostgresServer) -> Warehouse:
    database = postgres_warehouse(postgres.new_database())
    return lambda costs: filled(database, costs)


def filled(database: Database, costs: pd.DataFrame) -> Database:
    """Return the warehouse with nothing but these rows, and others beside them that nothing may look at.

    Days are landed as they always are; only that sums are kept of smaller days than usual.
    """
    beside = costs[costs["usage_date"] == DAY]
    rows = pd.concat(
        [landed(costs, USAGE, "USD"), landed(beside, "Tax", "USD"), landed(beside, USAGE, "EUR")],
        ignore_index=True,
    )
    with database.transaction() as tx:
        for table in ("cloud_costs", "cloud_cost_totals", "usage_sums"):
            tx.cursor.execute(f"DELETE FROM {table}")
    span = DayRange(start=costs["usage_date"].min(), end=DAY + ONE_DAY)
    totals = [
        DayTotal(day=day, billing_currency="USD", billed_cost=NONE, effective_cost=NONE, estimated=False)
        for day in sorted({*costs["usage_date"]})
    ]
    tables = CostTables(database, many_groups=MANY)
    tables.replace_days(
        Landing(span=span, costs=rows, totals=totals, grain="account_service", observed_at=NOW, run_id="run")
    )
    return database


def landed(costs: pd.DataFrame, charge_type: str, currency: str) -> pd.DataFrame:
    """Return rows as landing takes them."""
    names = {
        "charge_period_start": "usage_date",
        "sub_account_id": "account_id",
        "service_name": "service",
        "region_id": "region",
        "sku_meter": "usage_type",
        "billed_cost": "amount_usd",
        "effective_cost": "amount_usd",
    }
    other = {"x_charge_type": charge_type, "billing_currency": currency, "x_cost_basis": "unblended"}
    empty = {"sub_account_name": "", "consumed_quantity": None, "consumed_unit": "", "x_estimated": False}
    rows = pd.DataFrame({name: costs[own] for name, own in names.items()}).assign(**other, **empty)
    return rows.assign(charge_period_end=costs["usage_date"] + ONE_DAY)


@st.composite
def organisations(draw: st.DrawFn) -> pd.DataFrame:
    """Return a heavy-tailed bill at one of both grains: gaps, credits, arrivals, ends, moves, a partial day."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = draw(st.sampled_from([20, 50, 90, 430]))
    fine = draw(st.booleans())
    partial = draw(st.sampled_from([1.0, 1.0, 0.6]))
    steps = draw(st.sampled_from([0.25, 0.01, 1e-12]))  # round amounts meet limits exactly
    missing = set(random.choice(days, size=days // 15, replace=False).tolist()) - {days - 1}
    rows = []
    for account in ("", *"123456")[random.integers(2) :][: draw(st.integers(1, 6))]:
        for service in SERVICES[: 1 + random.integers(4)]:
            for usage_type in ("a", "b", "c", "d")[: 1 + random.integers(4)] if fine else ("",):
                size = random.choice([-1, 1, 1, 1, 1, 1]) * 10 ** random.uniform(-3, 3)
                begun, ended = random.choice([0, 0, 0, days - 3, days - 10]), random.choice([0, 0, 0, 1, 5])
                rise = random.choice([1, 1, 1, 1.3, 5, 50, 0])
                since = days - random.choice([1, 1, 2, 6])
                for day in sorted(set(range(begun, days - ended)) - missing):
                    amount = size * (1 + 0.1 * random.standard_normal()) * (rise if day >= since else 1)
                    amount = round(amount * (partial if day == days - 1 else 1) / steps) * steps
                    when = DAY - timedelta(days=days - 1 - day)
                    region = "eu" if fine else ""
                    rows.append((when, account, service, usage_type, region, Decimal(f"{amount:.12f}")))
    rows.append((DAY, "1", "S3", "a", "us", Decimal(1)))
    return pd.DataFrame(rows, columns=COLUMNS)


def check(database: Database, costs: pd.DataFrame, chosen: DetectionSettings) -> None:
    if database.engine == "duckdb":  # its rows come as Arrow's decimals, which become floats in another way
        costs = costs.assign(amount_usd=costs["amount_usd"].astype(pd.ArrowDtype(MONEY)))
    days = [DAY - ONE_DAY, DAY]
    for day, read in judged_usage(database, "cost_explorer", days, chosen, above=0):
        known = costs[costs["usage_date"] <= day]
        if known.empty:
            continue
        assert set(read) == ({"USD", "EUR"} if day == DAY else {"USD"})
        expected = folded(costs, day, chosen, above=0)
        assert detect(read["USD"], day, chosen) == detect(expected, day, chosen)
        assert detect_drops(read["USD"], day, chosen) == detect_drops(expected, day, chosen)
        assert amounts(read["USD"], day) == amounts(expected[expected["usage_date"] <= day], day)
    first, choices = DAY - 20 * ONE_DAY, [chosen, DetectionSettings(sensitivity=5)]
    read = replayed_usage(database, "cost_explorer", first, DAY, choices, above=0)
    assert amounts(read["USD"], first) == amounts(folded_for(costs, first, DAY, choices, above=0), first)


def amounts(rows: pd.DataFrame, first: date) -> dict[tuple[object, ...], Decimal]:
    keys = rows[COLUMNS[:-1]].itertuples(index=False, name=None)
    oldest = first - timedelta(days=HISTORY_DAYS)
    return {key: one for key, one in zip(keys, rows["amount_usd"], strict=True) if key[0] >= oldest}


@settings(deadline=None, max_examples=25)
@given(costs=organisations(), chosen=CHOICES)
def test_folding_in_duckdb_changes_no_verdict(
    duckdb_of: Warehouse, costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    check(duckdb_of(costs), costs, chosen)


@settings(deadline=None, max_examples=6)
@given(costs=organisations(), chosen=CHOICES)
def test_folding_in_postgres_changes_no_verdict(
    postgres_of: Warehouse, costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    check(postgres_of(costs), costs, chosen)
