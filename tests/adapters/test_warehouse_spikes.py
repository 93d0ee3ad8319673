"""Verdicts, and the alerts that they put into the outbox."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.spikes import FELL_ELSEWHERE, Gate, Scope, Spike
from tests.clocks import NOW
from tests.cost_pages import DAY
from tests.landings import ONE_DAY, landing
from tests.spike_cases import spike
from tests.verdicts import store as store_day
from tests.warehouses import change, query

REASONS = "SELECT notify_reason, x_state FROM spike_alerts ORDER BY x_created_at, spike_id"
FELL = Gate(name=FELL_ELSEWHERE, value=12.5, limit=0.0)
ALERTS = "SELECT spike_id, x_state FROM spike_alerts ORDER BY x_created_at, spike_id"


def store(spikes: SpikeTables, *found: Spike, alert: bool = True, **changes: Any) -> None:
    store_day(spikes, changes.pop("day", DAY), found, alert=alert, **changes)


@pytest.fixture
def spikes(database: Database) -> SpikeTables:
    return SpikeTables(database)


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(spike(), id="plain"),
        pytest.param(spike("弹性 \U0001f4b8 'x' \"y\" " + "n" * 3000), id="odd name"),
        pytest.param(spike(scope=Scope()), id="total"),
        pytest.param(spike(contributors=(), gates=()), id="no parts"),
        pytest.param(spike(gates=(FELL, *spike().gates), fallen=spike().contributors), id="falls"),
        pytest.param(spike(impact="99999999999999999999.999999999999"), id="huge"),
        pytest.param(spike(score=float("inf")), id="infinite score"),
        pytest.param(spike(billing_currency="JPY", expected_cost=Decimal("-5.5")), id="negative"),
    ],
)
def test_a_spike_is_read_as_it_was_stored(spikes: SpikeTables, one: Spike) -> None:
    store(spikes, one)
    assert spikes.spike(one.spike_id) == one
    assert spikes.spikes_of(DAY) == [one]


def test_an_unknown_spike_is_none(spikes: SpikeTables) -> None:
    assert spikes.spike("0123456789abcdef") is None


def test_spikes_come_largest_first(spikes: SpikeTables) -> None:
    store(spikes, spike("a", "10"), spike("b", "30"), spike("c", "20"))
    assert [one.scope.service for one in spikes.spikes_of(DAY)] == ["b", "c", "a"]


def test_a_new_verdict_replaces_the_old_one(spikes: SpikeTables, database: Database) -> None:
    store(spikes, spike("a"), spike("b"))
    store(spikes, spike("b", "55"), spike("c"), run_id="run 2")
    assert [one.scope.service for one in spikes.spikes_of(DAY)] == ["c", "b"]
    ids = {one.spike_id for one in (spike("b"), spike("c"))}
    assert {spike_id for spike_id, _ in query(database, ALERTS)} == ids


def test_the_same_verdict_again_asks_for_no_second_alert(spikes: SpikeTables, database: Database) -> None:
    for channel in ("#costs", "#costs", "#renamed"):
        store(spikes, spike(), channel=channel, detected_at=NOW + timedelta(hours=1))
    assert query(database, ALERTS) == [(spike().spike_id, "pending")]


def test_what_was_told_stays_told_when_the_verdict_changes(spikes: SpikeTables, database: Database) -> None:
    store(spikes, spike("a"), spike("b"))
    change(
        database,
        f"UPDATE spike_alerts SET x_state = 'sent', attempts = 1 WHERE spike_id = '{spike('a').spike_id}'",
    )
    told = [("first_notification", "sent")]
    store(spikes, detected_at=NOW + timedelta(hours=1))
    assert query(database, REASONS) == [*told, ("corrected", "pending")]
    store(spikes, spike("a", "400"), detected_at=NOW + timedelta(hours=2))
    assert query(database, REASONS) == told, "what is not so any more is not told"


def test_without_alert_a_verdict_is_only_stored(spikes: SpikeTables, database: Database) -> None:
    store(spikes, spike(), alert=False)
    assert spikes.spikes_of(DAY) == [spike()]
    assert query(database, ALERTS) == []


def test_alerts_of_a_period_are_those_whose_spikes_stand(spikes: SpikeTables) -> None:
    day_before = DAY - timedelta(days=1)
    store(spikes, spike("old", "500", day_before), day=day_before)
    store(spikes, spike("small", "10"), spike("large", "30"))
    assert [alert.spike_id for alert in spikes.alerts(day_before, DAY)] == [
        spike("old", day=day_before).spike_id,
        spike("large").spike_id,
        spike("small").spike_id,
    ]
    assert [alert.notice.impact for alert in spikes.alerts(DAY, DAY)] == [30, 10]


def test_a_verdict_that_cannot_be_stored_leaves_the_old_one(spikes: SpikeTables, database: Database) -> None:
    store(spikes, spike("a"))
    with pytest.raises(Exception, match=r"(?i)duplicate|unique"):
        store(spikes, spike("b"), spike("b"))
    assert spikes.spikes_of(DAY) == [spike("a")]
    assert query(database, ALERTS) == [(spike("a").spike_id, "pending")]


def test_a_character_that_postgres_does_not_store_does_not_stop_a_verdict(spikes: SpikeTables) -> None:
    store(spikes, spike("a\x00b"))
    assert len(spikes.spikes_of(DAY)) == 1


def test_a_day_that_was_restated_after_its_verdict_has_none_any_more(
    spikes: SpikeTables, database: Database
) -> None:
    tables, end = CostTables(database), DAY + ONE_DAY
    unjudged = partial(spikes.unjudged_days, end=end, restated_start=DAY)
    tables.replace_days(landing({(DAY, "S3"): "2"}))
    assert (unjudged(DAY), unjudged(end)) == ([DAY], [])
    store(spikes)
    assert unjudged(DAY) == []
    tables.replace_days(landing({(DAY, "S3"): "3"}, at=NOW + timedelta(hours=1)))
    assert unjudged(DAY) == unjudged(end) == [DAY]
    assert spikes.unjudged_days(DAY, end, restated_start=end) == []
