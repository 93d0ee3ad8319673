"""Landing in real databases: all of it or nothing, whatever the rows hold and whoever else is landing."""

import random
import string
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.domain.errors import DataContractError
from costspike.domain.normalization import normalize
from costspike.domain.reading import DayRange
from tests.at_once import at_once
from tests.clocks import NOW
from tests.cost_pages import DAY, PROD, group, page, period
from tests.landings import ONE_DAY, landing, rows
from tests.warehouses import change, query

BEFORE = DAY - ONE_DAY
LANDED = "SELECT charge_period_start, service_name, billed_cost FROM cloud_costs ORDER BY 1, 2, 3"
TOTALS = "SELECT charge_period_start, billed_cost, x_groups FROM cloud_cost_totals ORDER BY 1"


def random_names(count: int, length: int) -> list[str]:
    """Return names that no compression makes short: Postgres measures an index row after compressing it."""
    chance = random.Random(7)
    return ["".join(chance.choices(string.printable + "äöü弹性", k=length)) for _ in range(count)]


def test_days_hold_exactly_what_was_read(every_database: Database) -> None:
    tables = CostTables(every_database)
    tables.replace_days(landing({(BEFORE, "S3"): "1", (DAY, "S3"): "2", (DAY, "EC2"): "-3.25"}))
    assert query(every_database, LANDED) == [
        (BEFORE, "S3", Decimal(1)),
        (DAY, "EC2", Decimal("-3.25")),
        (DAY, "S3", Decimal(2)),
    ]
    assert query(every_database, TOTALS) == [(BEFORE, Decimal(1), 1), (DAY, Decimal("-1.25"), 2)]
    tables.replace_days(landing({(DAY, "S3"): "5"}))
    assert query(every_database, LANDED) == [(BEFORE, "S3", Decimal(1)), (DAY, "S3", Decimal(5))]


def test_landing_twice_is_landing_once(every_database: Database) -> None:
    tables = CostTables(every_database)
    first = landing({(DAY, "S3"): "2", (DAY, "EC2"): "3"})
    tables.replace_days(first)
    seen = query(every_database, "SELECT * FROM cloud_costs ORDER BY service_name")
    tables.replace_days(first)
    assert query(every_database, "SELECT * FROM cloud_costs ORDER BY service_name") == seen
    assert query(every_database, "SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]


def test_days_of_another_source_stay(database: Database) -> None:
    CostTables(database, "focus_export").replace_days(landing({(DAY, "S3"): "9"}))
    CostTables(database).replace_days(landing({(DAY, "S3"): "2"}))
    CostTables(database).replace_days(landing({}))
    assert query(database, "SELECT x_source, billed_cost FROM cloud_costs") == [("focus_export", Decimal(9))]


def test_a_failure_in_the_middle_leaves_what_was_there(every_database: Database) -> None:
    tables = CostTables(every_database)
    tables.replace_days(landing({(BEFORE, "S3"): "1", (DAY, "S3"): "2"}))
    broken = landing({(BEFORE, "S3"): "10", (DAY, "EC2"): "20"}, at=NOW + timedelta(hours=1))
    # The rows are replaced before the totals, and the second total of a day breaks their primary key.
    broken = replace(broken, totals=[*broken.totals, broken.totals[0]])
    with pytest.raises(Exception, match=r"(?i)duplicate|unique"):
        tables.replace_days(broken)
    assert query(every_database, LANDED) == [(BEFORE, "S3", Decimal(1)), (DAY, "S3", Decimal(2))]
    assert query(every_database, TOTALS) == [(BEFORE, Decimal(1), 1), (DAY, Decimal(2), 1)]
    assert query(every_database, "SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]
    tables.replace_days(landing({(DAY, "EC2"): "20"}))
    assert query(every_database, LANDED)[-1] == (DAY, "EC2", Decimal(20))


def test_two_rows_of_one_group_are_refused_by_name(database: Database) -> None:
    tables = CostTables(database)
    tables.replace_days(landing({(DAY, "S3"): "2"}))
    twice = normalize([page(period(group(PROD, "S3"), group(PROD, "S3")))], fixed={"x_charge_type": "Usage"})
    with pytest.raises(
        DataContractError, match=r"1 groups more than once, first 2 times .*'service_name': 'S3'"
    ):
        tables.replace_days(landing({}, costs=twice))
    assert query(database, LANDED) == [(DAY, "S3", Decimal(2))]


def test_a_frame_that_is_no_cost_frame_is_refused(database: Database) -> None:
    with pytest.raises(DataContractError, match=r"lacks the columns \['billed_cost'\]"):
        CostTables(database).replace_days(
            replace(landing({}), costs=rows({(DAY, "S3"): "2"}).drop(columns="billed_cost"))
        )


@pytest.mark.parametrize(
    "names",
    [
        random_names(20, 3000),
        ["a\x00b", "a"],
        ["a\n\\.\nb", "\\.", "\n\\.\n"],
        ['say "hi"', "it's; DROP TABLE cloud_costs --", "a,b", "\\N", "NULL", "", " ", "\t"],
        ["弹性计算", "ünï", "\U0001f4b8", "\u202eright to left"],
        ["%s", "%", "?", ":day", "{{ conn.x }}"],
    ],
    ids=["3000", "nul", "end of data", "quotes", "scripts", "placeholders"],
)
def test_any_name_lands(every_database: Database, names: list[str]) -> None:
    tables = CostTables(every_database)
    for _ in range(2):
        tables.replace_days(landing({(DAY, name): "1.5" for name in names}))
    stored = {name for (name,) in query(every_database, "SELECT service_name FROM cloud_costs")}
    kept = set(names) if stored == set(names) else {name.replace("\x00", "\ufffd") for name in names}
    assert stored == kept
    assert query(every_database, "SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]


def test_long_account_ids_and_usage_types_land(database: Database) -> None:
    account, usage_type = random_names(2, 3000)
    frame = normalize(
        [page(period(group("S3", usage_type)))],
        group_by=("SERVICE", "USAGE_TYPE"),
        fixed={"sub_account_id": account, "x_charge_type": "Usage"},
    )
    CostTables(database).replace_days(landing({}, costs=frame))
    assert query(database, "SELECT sub_account_id, sku_meter FROM cloud_costs") == [(account, usage_type)]


def test_huge_amounts_keep_every_digit(every_database: Database) -> None:
    huge = [
        "99999999999999999999999999.999999999999",
        "-12345678901234567890123456.123456789012",
        "0.000000000001",
    ]
    CostTables(every_database).replace_days(
        replace(landing({(DAY, f"service {text}"): text for text in huge}), totals=[])
    )
    landed = {cost for _, _, cost in query(every_database, LANDED)}
    assert landed == {Decimal(text) for text in huge}


def test_many_rows_land_alike_in_every_engine(every_database: Database) -> None:
    bill = {(DAY - ONE_DAY * (n % 7), f"service {n}"): f"{n}.125" for n in range(3000)}
    CostTables(every_database).replace_days(landing(bill))
    summed = "SELECT COUNT(*), SUM(billed_cost), SUM(consumed_quantity), MIN(consumed_unit) FROM cloud_costs"
    expected = sum((Decimal(cost) for cost in bill.values()), Decimal(0))
    assert query(every_database, summed) == [(3000, expected, Decimal(9000), "Hrs")]


def test_an_absent_quantity_is_empty_and_an_empty_text_is_a_text(every_database: Database) -> None:
    frame = normalize([page(period(group(PROD, "Tax", UsageQuantity=None)))], fixed={"x_charge_type": "Tax"})
    CostTables(every_database).replace_days(landing({}, costs=frame))
    columns = "SELECT consumed_quantity, consumed_unit, region_id, sub_account_name FROM cloud_costs"
    assert query(every_database, columns) == [(None, "", "", "")]


def test_usage_is_read_without_the_other_charges(every_database: Database) -> None:
    tables = CostTables(every_database)
    both = pd.concat(
        [rows({(DAY, "S3"): "2", (BEFORE, "S3"): "1"}), rows({(DAY, "S3"): "-2"}, charge_type="Credit")],
        ignore_index=True,
    )
    tables.replace_days(landing({(BEFORE, "S3"): "1", (DAY, "S3"): "2"}, costs=both))
    frame = tables.replayed_usage(BEFORE, DAY, [])["USD"]
    assert list(frame.columns) == [
        "usage_date",
        "account_id",
        "service",
        "usage_type",
        "region",
        "billing_currency",
        "amount_usd",
    ]
    assert list(frame["amount_usd"]) == [Decimal(1), Decimal(2)]
    assert len(tables.replayed_usage(BEFORE, BEFORE, [])["USD"]) == 1


def test_a_day_that_was_asked_for_and_had_nothing_is_known(database: Database) -> None:
    tables = CostTables(database)
    tables.replace_days(landing({(DAY, "S3"): "2"}, span=DayRange(BEFORE, DAY + ONE_DAY), estimated=True))
    known = tables.landed_days()
    assert {day: state.groups for day, state in known.items()} == {BEFORE: 0, DAY: 1}
    assert known[DAY].observed_at == NOW
    assert known[DAY].estimated
    assert tables.newest_day(date.max) == (DAY, NOW)
    assert tables.newest_day(BEFORE) is None


def test_an_account_goes_by_its_latest_name(database: Database) -> None:
    tables = CostTables(database)
    for day, name in ((BEFORE, "zz old name"), (DAY, "a new name"), (DAY + ONE_DAY, "")):
        frame = normalize(
            [page(period(group(), day=day), names={PROD: name})], fixed={"x_charge_type": "Usage"}
        )
        tables.replace_days(landing({}, costs=frame, span=DayRange(day, day + ONE_DAY)))
    assert tables.account_names(BEFORE) == {PROD: "a new name"}
    assert tables.account_names(DAY + ONE_DAY) == {PROD: ""}


def test_two_landings_of_the_same_days_at_once_both_succeed(database: Database) -> None:
    tables = CostTables(database)
    tables.landed_days()  # creates the tables
    bills: list[Any] = [{(DAY, f"service {n}"): str(cost) for n in range(500)} for cost in (1, 2, 3, 4)]
    jobs = [
        lambda bill=bill, n=n: tables.replace_days(landing(bill, run_id=f"run {n}"))
        for n, bill in enumerate(bills)
    ]
    for result in at_once(jobs):
        assert not isinstance(result, Exception), result
    ((count, least, most, runs),) = query(
        database,
        "SELECT COUNT(*), MIN(billed_cost), MAX(billed_cost), COUNT(DISTINCT x_run_id) FROM cloud_costs",
    )
    assert (count, runs) == (500, 1)
    assert least == most


def test_tables_are_made_once_by_several_at_once(database: Database) -> None:
    fresh = [
        Database(connect=database.connect, engine=database.engine, placeholder=database.placeholder)
        for _ in range(4)
    ]
    results = at_once([CostTables(each).landed_days for each in fresh])
    assert results == [{}, {}, {}, {}]


def test_a_table_can_be_looked_at_and_changed_by_hand(database: Database) -> None:
    CostTables(database).replace_days(landing({(DAY, "S3"): "2"}))
    change(database, "UPDATE cloud_costs SET x_estimated = TRUE")
    assert query(database, "SELECT x_estimated FROM cloud_costs") == [(True,)]
