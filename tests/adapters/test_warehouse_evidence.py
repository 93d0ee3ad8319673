"""Evidence from the warehouse: what the questions find in the engines, and that answers are kept."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.evidence import EvidenceTables
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.evidence.records import Evidence, EvidenceRow
from costspike.domain.landed_reads import REFERENCE_DAYS, Breakdown, summed
from costspike.domain.normalization import normalize
from costspike.domain.reading import DayRange
from costspike.domain.spikes import Scope
from tests.clocks import NOW
from tests.cost_pages import DAY, PROD, amount, group, page, period
from tests.landings import landing
from tests.spike_cases import spike
from tests.verdicts import store

DEV = "333333333333"
ONE_DAY = timedelta(days=1)
BEFORE = DAY - 2 * ONE_DAY


def cost_rows(day: date, account: str, *types: tuple[str, str, str, str]) -> pd.DataFrame:
    """Return usage of S3: usage type, cost, quantity, unit."""
    groups = [
        group("Amazon S3", name, cost=cost, UsageQuantity=amount(quantity, unit))
        for name, cost, quantity, unit in types
    ]
    fixed = {"x_charge_type": "Usage", "sub_account_id": account}
    grouped = [{"Type": "DIMENSION", "Key": key} for key in ("SERVICE", "USAGE_TYPE")]
    return normalize([page(period(*groups, day=day), GroupDefinitions=grouped)], fixed=fixed)


@pytest.fixture
def evidence(database: Database) -> EvidenceTables:
    days = [
        cost_rows(BEFORE, PROD, ("USE1-Bytes", "10", "5", "GB"), ("USE1-Odd", "1", "1", "Hrs")),
        cost_rows(BEFORE, DEV, ("EUN1-Bytes", "7", "7", "GB")),
        cost_rows(DAY - ONE_DAY, PROD, ("USE1-Bytes", "20", "10", "GB")),
        cost_rows(
            DAY,
            PROD,
            ("USE1-Bytes", "60", "15", "GB"),
            ("EUN1-Bytes", "3", "3", "GB"),
            ("USE1-Odd", "1", "1", "GB"),
            ("USE1-Free", "0", "9", "GB"),
        ),
    ]
    CostTables(database).replace_days(
        landing({}, span=DayRange(BEFORE, DAY + ONE_DAY), costs=pd.concat(days, ignore_index=True))
    )
    return EvidenceTables(database)


def of_s3(**changes: Any) -> Any:
    return spike("Amazon S3", scope=Scope(account_id=PROD, service="Amazon S3"), day=DAY, **changes)


def test_series_are_summed_over_the_reference_days_and_read_on_the_day(evidence: EvidenceTables) -> None:
    found = {one.usage_type: one for one in evidence.series(of_s3(), BEFORE)}
    bytes_ = found["USE1-Bytes"]
    assert (bytes_.effective_before, bytes_.quantity_before) == (30, 15)
    assert (bytes_.effective, bytes_.quantity, bytes_.unit) == (60, 15, "GB")
    assert isinstance(bytes_.billed, Decimal)
    assert found["USE1-Odd"].quantity is None, "two units in one usage type"
    assert found["EUN1-Bytes"].quantity_before == 0


def test_series_of_other_accounts_and_earlier_days_do_not_count(evidence: EvidenceTables) -> None:
    found = {one.usage_type: one for one in evidence.series(of_s3(), DAY - ONE_DAY)}
    assert found["USE1-Bytes"].effective_before == 20
    whole = evidence.series(spike("Amazon S3", scope=Scope(service="Amazon S3"), day=DAY), BEFORE)
    assert {one.account_id for one in whole} == {PROD, DEV}


def test_a_breakdown_sums_a_scope_by_any_dimension_and_adds_up(evidence: EvidenceTables) -> None:
    whole = {**dict.fromkeys(("account_id", "service", "usage_type", "region"), ""), "dimension": "region"}
    for dimension, days in {
        "region": {"us-east-1": 61, "eu-north-1": 3},
        "account_id": {PROD: 64, DEV: 0},
        "usage_type": {"USE1-Bytes": 60, "USE1-Odd": 1, "USE1-Free": 0, "EUN1-Bytes": 3},
    }.items():
        asked = Breakdown.model_validate(whole | {"dimension": dimension})
        sums = summed(asked, evidence.breakdown(of_s3(), asked.scope, BEFORE))
        assert {name: day for name, (day, _) in sums.items()} == days
        assert sum(before for _, before in sums.values()) * REFERENCE_DAYS == 38
    part = evidence.breakdown(of_s3(), Scope(account_id=DEV, usage_type="EUN1-Bytes"), BEFORE)
    assert [(one["day_cost"], one["cost_before"]) for one in part] == [(0, 7)]


def test_first_uses_tell_the_scope_from_the_whole_bill(evidence: EvidenceTables) -> None:
    found = {(use.kind, use.name): use for use in evidence.first_uses(of_s3())}
    north = found["usage_type", "EUN1-Bytes"]
    assert (north.first_in_scope, north.first_anywhere, north.day_cost) == (DAY, BEFORE, 3)
    assert found["usage_type", "USE1-Bytes"].first_in_scope == BEFORE
    assert found["account_id", PROD].first_in_scope == BEFORE
    assert ("usage_type", "USE1-Free") not in found, "free of charge"


def test_the_days_of_a_usage_type_are_its_own(evidence: EvidenceTables, database: Database) -> None:
    tables, days = CostTables(database), (BEFORE, DAY + ONE_DAY)
    bytes_ = Scope(account_id=PROD, service="Amazon S3", usage_type="USE1-Bytes", region="us-east-1")
    anywhere = Scope(service="Amazon S3", usage_type="USE1-Bytes")
    whole = dict(tables.scope_days(*days, Scope(account_id=PROD, service="Amazon S3"), "USD"))
    assert dict(tables.scope_days(*days, bytes_, "USD"))[BEFORE] == 10 < whole[BEFORE]
    assert dict(tables.scope_days(*days, anywhere, "USD"))[BEFORE] == 10


def test_named_days_count_the_days_before(evidence: EvidenceTables) -> None:
    assert evidence.named_days(DAY)["usage_type"] == 2
    assert evidence.named_days(BEFORE)["usage_type"] == 0


def test_earlier_spikes_are_those_of_the_same_scope_and_currency(database: Database) -> None:
    spikes = SpikeTables(database)
    for back in (3, 2, 1, 0):
        day = DAY - back * ONE_DAY
        found = [of_s3(), spike("Amazon S3", scope=Scope(service="Amazon S3"), day=day)]
        found[0] = replace(found[0], day=day, billing_currency="EUR" if back == 1 else "USD")
        store(spikes, day, found, alert=False)
    earlier = spikes.earlier(of_s3(), DAY - 3 * ONE_DAY)
    assert [one.day for one in earlier] == [DAY - 3 * ONE_DAY, DAY - 2 * ONE_DAY]
    assert {one.scope for one in earlier} == {of_s3().scope}


def test_what_sources_said_is_kept_and_replaced(evidence: EvidenceTables) -> None:
    row = EvidenceRow(label="弹性", values={"impact_cost": "1.00", "nothing": None, "is_new": True})
    first = Evidence(source="a", title="A", state="denied", note="n", requests=0)
    second = Evidence(source="a", title="A", state="found", rows=(row,), requests=2)
    other = Evidence(source="b", title="B", state="empty")
    evidence.keep("s1", "f1", [first, other], now=NOW)
    evidence.keep("s1", "f1", [second], now=NOW)
    evidence.keep("s2", "f1", [first], now=NOW)
    assert evidence.collected("s1", "f1") == {"a": second, "b": other}
    assert evidence.collected("s1", "f2") == {}
