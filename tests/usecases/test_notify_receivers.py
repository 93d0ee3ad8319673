"""Other receivers: whatever Slack has they get at least once, whoever of them is down, and none is flooded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from costspike.adapters.warehouse.receiver_deliveries import ReceiverDeliveries
from costspike.domain.errors import UpstreamError
from costspike.domain.receivers import Handover, ReceiverSettings
from costspike.domain.runs import Run
from costspike.usecases.notify_receivers import Telling, notify_receivers, register_receivers
from tests.usecases.pipeline import YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
SPIKES = {(YESTERDAY, "S3"): "35", (YESTERDAY, "EC2"): "1400"}
PAGER = ReceiverSettings(kind="pagerduty", connection="pagerduty_default", min_severity="P1")
MAIL = ReceiverSettings(kind="email", connection="smtp_default", to=("finops@example.com",))
LEDGER = "SELECT receiver, x_state, attempts, problem FROM receiver_deliveries ORDER BY receiver, message_key"


@dataclass
class Told:
    """What receivers were told, and how many of the next times they refuse."""

    given: dict[str, list[Handover]] = field(default_factory=dict)
    refusing: dict[str, int] = field(default_factory=dict)

    def way(self, settings: ReceiverSettings) -> Told._Way:
        return Told._Way(self, settings.name)

    @dataclass
    class _Way:
        told: Told
        name: str

        def tell(self, given: Handover) -> None:
            if self.told.refusing.get(self.name):
                self.told.refusing[self.name] -= 1
                msg = f"503: no service for password=geheim at {self.name}"
                raise ConnectionError(msg)
            self.told.given.setdefault(self.name, []).append(given)


@pytest.fixture
def day(over: Over) -> Pipeline:
    alerts = {"channel": "C0COSTS", "least_full_severity": "P4"}
    settings = with_settings(alerts=alerts, reading={"history_months": 1})
    made = over(steady_world(spikes=SPIKES), settings=settings)
    made.whole_day()
    return made


@pytest.fixture
def told() -> Told:
    return Told()


def telling(day: Pipeline, told: Told) -> Telling:
    deliveries = ReceiverDeliveries(day.database)
    return Telling(deliveries=deliveries, receiver=told.way, css="", clock=day.clock)


def notify(day: Pipeline, told: Told, *receivers: ReceiverSettings, run: Run | None = None) -> dict[str, int]:
    return notify_receivers(run or day.run(), receivers, telling(day, told), redeliver_days=7)


def test_each_gets_what_is_severe_enough_for_it(day: Pipeline, told: Told) -> None:
    assert notify(day, told, PAGER, MAIL) == {PAGER.name: 2, MAIL.name: 2}
    assert [given.severity for given in told.given[PAGER.name]] == ["P1"]
    assert len(told.given[MAIL.name]) == 2


def test_it_is_the_alert_that_slack_has(day: Pipeline, told: Told) -> None:
    notify(day, told, PAGER)
    (given,) = told.given[PAGER.name]
    assert "+$1,300.00" in given.text
    assert given.title.startswith("🔴 P1 · EC2")
    label, url = given.links[0]
    assert label == "Cost Explorer"
    assert url.startswith("https://us-east-1.console.aws.amazon.com/")
    ((spike_id,),) = day.rows("SELECT spike_id FROM cost_spikes WHERE service_name = 'EC2'")
    assert given.dedup_key == spike_id


def test_a_rerun_hands_over_nothing_again(day: Pipeline, told: Told) -> None:
    notify(day, told, MAIL)
    assert notify(day, told, MAIL) == {MAIL.name: 0}
    assert notify(day, told, MAIL, run=day.run(run_id="manual__again")) == {MAIL.name: 0}
    assert len(told.given[MAIL.name]) == 2


def test_one_that_is_down_stops_no_other_and_is_told_with_the_next_try(day: Pipeline, told: Told) -> None:
    told.refusing = {MAIL.name: 1}
    with pytest.raises(
        UpstreamError, match=r"1 message\(s\) were not handed over; Slack has them."
    ) as failed:
        notify(day, told, MAIL, PAGER)
    assert failed.value.retryable
    assert "geheim" not in str(failed.value)
    assert len(told.given[PAGER.name]) == 1
    assert ("pending", 1) in [(state, attempts) for _, state, attempts, _ in day.rows(LEDGER)]
    assert notify(day, told, MAIL, PAGER)[MAIL.name] == 1
    assert len(told.given[MAIL.name]) == 2


def test_what_a_run_could_not_hand_over_goes_out_with_the_next_day(day: Pipeline, told: Told) -> None:
    told.refusing = {MAIL.name: 2}
    with pytest.raises(UpstreamError):
        notify(day, told, MAIL)
    day.clock.pass_by(days=1)
    assert notify(day, told, MAIL, run=day.run(YESTERDAY + timedelta(days=1))) == {MAIL.name: 2}


def test_a_receiver_that_is_new_is_not_flooded_with_the_past(day: Pipeline, told: Told) -> None:
    day.clock.pass_by(days=1)
    later = day.run(YESTERDAY + timedelta(days=1))
    register_receivers(later, [MAIL], telling(day, told))
    assert notify(day, told, MAIL, run=later) == {MAIL.name: 0}


def test_a_new_receiver_misses_nothing_of_a_first_run_that_died(over: Over, told: Told) -> None:
    day = over(steady_world(spikes=SPIKES), settings=with_settings(alerts={"channel": "C0COSTS"}))
    for _ in range(2):
        register_receivers(day.run(), [MAIL], telling(day, told))
    day.whole_day()
    day.clock.pass_by(days=1)
    later = day.run(YESTERDAY + timedelta(days=1))
    register_receivers(later, [MAIL, PAGER], telling(day, told))
    assert notify(day, told, MAIL, PAGER, run=later) == {MAIL.name: 2, PAGER.name: 0}
    short, full = (given for given in told.given[MAIL.name] if given.text.startswith(("P1 ", "P3 ", "P4 ")))
    assert all("Contributor" in given.html for given in (short, full)), (
        "the mail has what Slack has in the thread"
    )


def test_a_run_killed_before_it_told_anybody_is_made_up_for(day: Pipeline, told: Told) -> None:
    notify(day, told, MAIL)
    day.rows("SELECT 1")
    with day.database.transaction() as tx:
        tx.cursor.execute(
            "DELETE FROM receiver_deliveries WHERE message_key = (SELECT MAX(message_key) FROM receiver_deliveries)"
        )
    assert notify(day, told, MAIL, run=day.run(run_id="another")) == {MAIL.name: 1}


def test_a_digest_has_a_key_of_its_own(over: Over, told: Told) -> None:
    settings = with_settings(alerts={"channel": "C0COSTS", "max_items": 0}, reading={"history_months": 1})
    day = over(steady_world(spikes=SPIKES), settings=settings)
    day.whole_day()
    notify(day, told, PAGER)
    (given,) = told.given[PAGER.name]
    assert given.dedup_key.startswith("digest-")
    assert given.severity == "P1"


def test_an_incident_that_is_over_is_handed_over_as_that(day: Pipeline, told: Told) -> None:
    with day.database.transaction() as tx:
        tx.cursor.execute("UPDATE spike_alerts SET notify_reason = 'resolved'")
    notify(day, told, PAGER)
    assert [given.resolved for given in told.given[PAGER.name]] == [True]


def test_what_slack_has_not_nobody_gets(day: Pipeline, told: Told) -> None:
    with day.database.transaction() as tx:
        tx.cursor.execute("UPDATE spike_alerts SET x_state = 'pending'")
    assert notify(day, told, MAIL) == {MAIL.name: 0}


def test_a_dry_run_tells_nobody(day: Pipeline, told: Told) -> None:
    assert notify(day, told, MAIL, run=replace(day.run(), dry_run=True)) == {}
    assert told.given == {}


def test_details_in_a_thread_are_no_message_of_their_own(over: Over, told: Told) -> None:
    day = over(steady_world(spikes=SPIKES), settings=with_settings(alerts={"channel": "C0COSTS"}))
    day.whole_day()
    assert day.rows("SELECT COUNT(*) FROM spike_alerts WHERE notify_reason = 'details'") == [(1,)]
    assert notify(day, told, MAIL) == {MAIL.name: 2}
