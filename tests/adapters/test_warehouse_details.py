"""What a message leaves for its thread, what waits for its day, and who else is told: in both engines."""

from datetime import timedelta

import pytest

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.health import HealthTables
from costspike.adapters.warehouse.outbox import Outbox
from costspike.adapters.warehouse.receiver_deliveries import ReceiverDeliveries
from costspike.adapters.warehouse.spending import Spending
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.deliveries import WAITS_FOR_DIGEST, Delivery
from costspike.domain.runs import Run
from tests.clocks import NOW
from tests.cost_pages import DAY
from tests.spike_cases import spike
from tests.verdicts import store

MINUTE = timedelta(minutes=1)
A, B = (spike(name, impact) for name, impact in (("a", "30"), ("b", "20")))
MAIL = "email:smtp_default finops@example.com"


@pytest.fixture
def spikes(database: Database) -> SpikeTables:
    tables = SpikeTables(database)
    store(tables, DAY, [A, B])
    return tables


def send(
    database: Database, delivery: Delivery, message: str, *, after: int, has_details: bool = False
) -> None:
    outbox, now = Outbox(database), NOW + MINUTE * after
    claim = outbox.claim(delivery, claimant="me", now=now, stale_before=now)
    assert claim.state == "mine"
    outbox.sent(
        delivery,
        claim.alert_ids,
        channel="C0COSTS",
        ts=f"{after}.1",
        message=message,
        now=now,
        has_details=has_details,
    )


def short(database: Database, after: int = 5) -> list[Delivery]:
    first = Delivery(message_key=A.spike_id, spike_ids=(A.spike_id,))
    send(database, first, "short", after=after, has_details=True)
    return Outbox(database).details(first)


def undelivered(database: Database) -> int:
    return HealthTables(database).figures(alerts_since=DAY, spent_since=NOW).undelivered


def test_details_are_owed_once_and_are_no_alerts(spikes: SpikeTables, database: Database) -> None:
    assert undelivered(database) == 2
    (owed,) = short(database)
    assert undelivered(database) == 1, "the other spike"
    run = Run(cost_day=DAY, run_id="r", claimant="me", run_type="scheduled", started=NOW, now=NOW)
    counted = Spending(database).summarize(run, outcome="success", source="cost_explorer")
    assert counted.alerts_undelivered == 1
    send(database, owed, "details", after=6)
    assert Outbox(database).details(Delivery(message_key=A.spike_id, spike_ids=(A.spike_id,))) == []
    assert len(spikes.alerts(DAY, DAY)) == 3


def test_details_of_a_withdrawn_spike_are_not_owed_any_more(spikes: SpikeTables, database: Database) -> None:
    (owed,) = short(database)
    assert owed.message_key in {alert.alert_id for alert in spikes.alerts(DAY, DAY)}
    store(spikes, DAY, [B], run_id="run 2")
    assert owed.message_key not in {alert.alert_id for alert in spikes.alerts(DAY, DAY)}


def test_what_waits_counts_as_undelivered_from_its_day_on(spikes: SpikeTables, database: Database) -> None:
    spikes.keep_waiting([A.spike_id, B.spike_id], [], problem=WAITS_FOR_DIGEST)
    assert undelivered(database) == 0
    spikes.keep_waiting([B.spike_id], [A.spike_id], problem=WAITS_FOR_DIGEST)
    assert undelivered(database) == 1


def test_a_receiver_gets_all_from_when_it_was_noted_and_of_a_short_message_what_is_in_its_thread(
    spikes: SpikeTables, database: Database
) -> None:
    receivers = ReceiverDeliveries(database)

    def waiting(name: str) -> list[tuple[str, str, str]]:
        found = receivers.waiting(name, claims="another run/", since=NOW - MINUTE)
        return [(sent.message_key, sent.message, sent.details) for sent in found]

    receivers.register(MAIL, now=NOW + MINUTE)
    (owed,) = short(database)
    assert waiting(MAIL) == [(A.spike_id, "short", "")]
    send(database, owed, "details", after=6)
    assert waiting(MAIL) == [(A.spike_id, "short", "details")]
    receivers.register(MAIL, now=NOW + MINUTE * 9)
    assert waiting(MAIL) == [(A.spike_id, "short", "details")], (
        "noted again, it is known since the first time"
    )
    receivers.register("new", now=NOW + MINUTE * 9)
    assert waiting("new") == []
    receivers.begin(MAIL, A.spike_id, now=NOW + MINUTE * 9)
    receivers.end(MAIL, A.spike_id, state="handed_over", problem="", now=NOW + MINUTE * 9)
    assert waiting(MAIL) == []
