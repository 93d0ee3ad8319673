"""Days that are landed again and again: tables and sums hold the last answer, the revisions every step to it."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.domain.reading import DayRange
from tests.clocks import NOW
from tests.cost_pages import DAY
from tests.landings import ONE_DAY, landing, rows
from tests.warehouses import query

ROWS = "SELECT charge_period_start, service_name, billed_cost, x_run_id, x_observed_at FROM cloud_costs"
REVISIONS = """
SELECT charge_period_start, service_name, old_billed_cost, new_billed_cost
FROM cloud_cost_revisions WHERE x_run_id = 'run {number}'
"""

MANY = 7
SUMS = "SELECT charge_period_start, sub_account_id, service_name, billing_currency, effective_cost, x_costs, x_source FROM usage_sums"
SUMMED = f"""
SELECT charge_period_start, sub_account_id, service_name, billing_currency, SUM(effective_cost),
    COUNT(CASE WHEN effective_cost <> 0 THEN 1 END), x_source
FROM cloud_costs
WHERE x_charge_type = 'Usage' AND charge_period_start IN (
    SELECT charge_period_start FROM cloud_costs GROUP BY charge_period_start HAVING COUNT(*) >= {MANY}
)
GROUP BY charge_period_start, sub_account_id, service_name, billing_currency, x_source
"""
DAYS_SUMMED = "SELECT charge_period_start FROM cloud_cost_totals WHERE x_summed"

Amounts = dict[tuple[date, str], Decimal]


def next_bill(chance: random.Random, bill: Amounts, days: list[date]) -> Amounts:
    """Return a bill in which most groups stay, some change, some go and some come, in any order."""
    names = [f"service {n}" for n in range(12)]
    kept = {key: cost for key, cost in bill.items() if key[0] in days and chance.random() > 0.1}
    changed = {key: cost + 1 for key, cost in kept.items() if chance.random() < 0.2}
    come = {(chance.choice(days), chance.choice(names)): Decimal(chance.randrange(9)) for _ in range(6)}
    items = list((come | kept | changed).items())
    chance.shuffle(items)
    return dict(items)


@pytest.mark.parametrize("seed", range(3))
def test_the_last_answer_is_held_and_each_change_is_kept(every_database: Database, seed: int) -> None:
    chance, held, known = random.Random(seed), Amounts(), set[date]()
    tables = CostTables(every_database, many_groups=MANY)
    for number in range(6):
        first = DAY + ONE_DAY * chance.randrange(3)
        days = [first + ONE_DAY * n for n in range(3)]
        bill, at = next_bill(chance, held, days), NOW + timedelta(hours=number)
        tables.replace_days(
            landing(
                {key: str(cost) for key, cost in bill.items()},
                span=DayRange(first, days[-1] + ONE_DAY),
                at=at,
                run_id=f"run {number}",
            )
        )
        landed = query(every_database, ROWS)
        stamp = (f"run {number}", at.replace(tzinfo=None))
        assert {(day, name): cost for day, name, cost, *_ in landed if day in days} == bill
        assert {tuple(seen) for day, _, _, *seen in landed if day in days} <= {stamp}
        before = {key: cost for key, cost in held.items() if key[0] in days}
        assert set(query(every_database, REVISIONS.format(number=number))) == {
            (*key, before.get(key), bill.get(key))
            for key in before.keys() | bill.keys()
            if before.get(key) != bill.get(key) and key[0] in known
        }
        held = {key: cost for key, cost in held.items() if key[0] not in days} | bill
        assert {(day, name): cost for day, name, cost, *_ in landed} == held
        known |= set(days)
        sums = sorted(query(every_database, SUMS))
        assert sums == sorted(query(every_database, SUMMED))
        assert {row[0] for row in sums} == {day for (day,) in query(every_database, DAYS_SUMMED)}


def test_what_is_no_cost_changes_without_a_revision(every_database: Database) -> None:
    tables, columns = (
        CostTables(every_database),
        "SELECT service_name, x_estimated FROM cloud_costs ORDER BY 1",
    )
    bill = {(DAY, "S3"): "2", (DAY, "EC2"): "3"}
    tables.replace_days(landing(bill, costs=rows(bill, estimated=True)))
    assert query(every_database, columns) == [("EC2", True), ("S3", True)]
    assert tables.replace_days(landing(bill, at=NOW + ONE_DAY, run_id="run 2")) == []
    assert query(every_database, columns) == [("EC2", False), ("S3", False)]
    assert query(every_database, "SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]
