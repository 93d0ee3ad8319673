"""Every change of an amount that had been landed before is kept, and nothing else."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.domain.normalization import normalize
from costspike.domain.reading import DayRange
from tests.clocks import NOW
from tests.cost_pages import DAY, PROD, group, page, period
from tests.landings import ONE_DAY, landing, rows
from tests.warehouses import query

LATER = NOW + timedelta(hours=1)
BEFORE = DAY - ONE_DAY
REVISIONS = """
SELECT charge_period_start, service_name, x_change, old_billed_cost, new_billed_cost
FROM cloud_cost_revisions ORDER BY x_observed_at, charge_period_start, service_name
"""


def relanded(tables: CostTables, bill: Mapping[Any, str], **how: Any) -> list[Any]:
    return tables.replace_days(landing(bill, at=LATER, run_id="run 2", **how))


@pytest.fixture
def tables(database: Database) -> CostTables:
    made = CostTables(database)
    assert made.replace_days(landing({(BEFORE, "S3"): "1", (DAY, "S3"): "2", (DAY, "EC2"): "3"})) == []
    return made


def test_a_first_landing_revises_nothing(tables: CostTables, database: Database) -> None:
    assert query(database, REVISIONS) == []


def test_a_changed_amount_is_kept_with_old_new_and_when(tables: CostTables, database: Database) -> None:
    assert relanded(tables, {(BEFORE, "S3"): "1", (DAY, "S3"): "2.5", (DAY, "EC2"): "3"}) == [DAY]
    assert query(database, REVISIONS) == [(DAY, "S3", "changed", Decimal(2), Decimal("2.5"))]
    seen = "SELECT x_observed_at, x_run_id, old_effective_cost, new_effective_cost FROM cloud_cost_revisions"
    assert query(database, seen) == [(LATER.replace(tzinfo=None), "run 2", Decimal(2), Decimal("2.5"))]


def test_a_group_that_vanished_is_removed_and_kept(tables: CostTables, database: Database) -> None:
    assert relanded(tables, {(BEFORE, "S3"): "1", (DAY, "EC2"): "3"}) == [DAY]
    assert query(database, REVISIONS) == [(DAY, "S3", "vanished", Decimal(2), None)]


def test_a_group_that_appeared_on_a_known_day_is_kept(tables: CostTables, database: Database) -> None:
    relanded(tables, {(DAY, "S3"): "2", (DAY, "EC2"): "3", (DAY, "RDS"): "4"})
    assert query(database, REVISIONS) == [(DAY, "RDS", "appeared", None, Decimal(4))]


def test_only_known_days_are_revised(tables: CostTables, database: Database) -> None:
    after = DAY + ONE_DAY
    assert relanded(tables, {(DAY, "S3"): "2", (DAY, "EC2"): "3", (after, "S3"): "9"}) == []
    assert query(database, REVISIONS) == []


def test_a_whole_day_that_vanished_is_kept(tables: CostTables, database: Database) -> None:
    assert relanded(tables, {(DAY, "S3"): "2", (DAY, "EC2"): "3"}, span=DayRange(BEFORE, DAY + ONE_DAY)) == [
        BEFORE
    ]
    assert query(database, REVISIONS) == [(BEFORE, "S3", "vanished", Decimal(1), None)]


def test_another_spelling_of_the_same_amount_is_no_change(tables: CostTables, database: Database) -> None:
    assert relanded(tables, {(DAY, "S3"): "2.000000000000", (DAY, "EC2"): "3.0"}, estimated=True) == []
    assert query(database, REVISIONS) == []


def test_a_change_of_the_amortized_cost_alone_is_a_change(tables: CostTables, database: Database) -> None:
    other = {"Amount": "1.75", "Unit": "USD"}
    pages = [page(period(group(PROD, "S3", cost="2", AmortizedCost=other), group(PROD, "EC2", cost="3")))]
    assert relanded(tables, {}, costs=normalize(pages, fixed={"x_charge_type": "Usage"})) == [DAY]
    assert query(database, REVISIONS) == [(DAY, "S3", "changed", Decimal(2), Decimal(2))]


def test_a_credit_is_kept_and_does_not_have_its_day_judged_again(database: Database) -> None:
    tables = CostTables(database)

    def with_credit(amount: str) -> pd.DataFrame:
        return pd.concat(
            [rows({(DAY, "S3"): "2"}), rows({(DAY, "S3"): amount}, charge_type="Credit")], ignore_index=True
        )

    tables.replace_days(landing({}, costs=with_credit("-1")))
    assert relanded(tables, {}, costs=with_credit("-2")) == []
    assert query(database, REVISIONS) == [(DAY, "S3", "changed", Decimal(-1), Decimal(-2))]


def test_each_revision_is_kept(tables: CostTables, database: Database) -> None:
    for hour, cost in enumerate(("4", "5", "5", "2"), start=1):
        tables.replace_days(
            landing(
                {(DAY, "S3"): cost, (DAY, "EC2"): "3"}, at=NOW + timedelta(hours=hour), run_id=f"run {hour}"
            )
        )
    assert [(old, new) for *_, old, new in query(database, REVISIONS)] == [(2, 4), (4, 5), (5, 2)]


def fine(cost: str, *others: str) -> pd.DataFrame:
    """Return S3 and EC2 of the day by usage type; S3 in parts."""
    groups = [group("S3", f"USE1-Part{n}", cost=part) for n, part in enumerate((cost, *others))]
    groups.append(group("EC2", "EUC1-BoxUsage", cost="3"))
    fixed = {"x_charge_type": "Usage", "sub_account_id": PROD}
    return normalize([page(period(*groups))], group_by=("SERVICE", "USAGE_TYPE"), fixed=fixed)


def test_asking_more_finely_is_no_change(tables: CostTables, database: Database) -> None:
    assert relanded(tables, {}, costs=fine("1.5", "0.5"), grain="account_service_usage_type") == []
    assert query(database, REVISIONS) == []
    assert query(database, "SELECT COUNT(*) FROM cloud_costs WHERE region_id = 'eu-central-1'") == [(1,)]


def test_asking_more_finely_sees_a_change_all_the_same(tables: CostTables, database: Database) -> None:
    assert relanded(tables, {}, costs=fine("1.5", "1.5"), grain="account_service_usage_type") == [DAY]
    assert query(database, REVISIONS) == [(DAY, "S3", "changed", Decimal(2), Decimal(3))]


def test_asking_more_coarsely_again_is_no_change(tables: CostTables, database: Database) -> None:
    relanded(tables, {}, costs=fine("1.5", "0.5"), grain="account_service_usage_type")
    back = landing({(DAY, "S3"): "2", (DAY, "EC2"): "3"}, at=LATER + timedelta(hours=1))
    assert tables.replace_days(back) == []
    assert query(database, REVISIONS) == []
