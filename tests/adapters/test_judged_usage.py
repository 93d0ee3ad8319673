"""What the warehouse folds away never changes a verdict: the same as folding all rows, on every engine."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.judged_usage import judged_usage
from costspike.domain.costs import MONEY
from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.fold import folded
from costspike.domain.request_sets import USAGE
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
STAMP = ("unblended", "", False, "cost_explorer", "2026-01-01", "run")
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
    """Return the warehouse with nothing but these rows, and others beside them that nothing may look at."""
    rows = [
        (
            day,
            day + ONE_DAY,
            account,
            "",
            service,
            region,
            usage_type,
            charge,
            currency,
            amount,
            amount,
            *STAMP,
        )
        for day, account, service, usage_type, region, amount in costs.itertuples(index=False)
        for charge, currency in ((USAGE, "USD"), *([("Tax", "USD"), (USAGE, "EUR")] if day == DAY else []))
    ]
    columns = (
        "charge_period_start, charge_period_end, sub_account_id, sub_account_name, service_name, region_id, "
        "sku_meter, x_charge_type, billing_currency, billed_cost, effective_cost, x_cost_basis, "
        "consumed_unit, x_estimated, x_source, x_observed_at, x_run_id"
    )
    with database.transaction() as tx:
        tx.cursor.execute("DELETE FROM cloud_costs")
        if database.engine == "duckdb":
            names = columns.split(", ")
            landing = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
            tx.cursor.register("landing_rows", landing)
            tx.cursor.execute(f"INSERT INTO cloud_costs ({columns}) SELECT {columns} FROM landing_rows")
            tx.cursor.unregister("landing_rows")
        else:
            with tx.cursor.copy(f"COPY cloud_costs ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    return database


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
        assert amounts(read["USD"]) == amounts(expected[expected["usage_date"] <= day])


def amounts(rows: pd.DataFrame) -> dict[tuple[object, ...], Decimal]:
    keys = rows[COLUMNS[:-1]].itertuples(index=False, name=None)
    oldest = DAY - timedelta(days=401)
    return {key: one for key, one in zip(keys, rows["amount_usd"], strict=True) if key[0] > oldest}


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
