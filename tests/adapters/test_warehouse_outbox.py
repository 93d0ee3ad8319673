"""The outbox: whoever claims a message is alone with it, and knows what went before."""

from datetime import timedelta
from functools import partial

import pytest

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.outbox import Claim, Outbox
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.deliveries import Delivery, digest
from tests.at_once import at_once
from tests.clocks import NOW
from tests.cost_pages import DAY
from tests.spike_cases import spike
from tests.verdicts import store
from tests.warehouses import query

MINUTE = timedelta(minutes=1)
A, B, C = (spike(name, impact).spike_id for name, impact in (("a", "30"), ("b", "20"), ("c", "10")))
ALONE = Delivery(message_key=A, spike_ids=(A,))
TOGETHER = digest([B, C])


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return filled(database)


def filled(database: Database) -> Outbox:
    found = [spike("a", "30"), spike("b", "20"), spike("c", "10")]
    store(SpikeTables(database), DAY, found)
    return Outbox(database)


def claim(outbox: Outbox, delivery: Delivery = ALONE, who: str = "me", after: timedelta = MINUTE) -> Claim:
    """Claim a message some time after it was put there; another's claim is stale after an hour."""
    now = NOW + after
    return outbox.claim(delivery, claimant=who, now=now, stale_before=now - timedelta(hours=1))


def keep(outbox: Outbox, delivery: Delivery, one: Claim, channel: str = "C0COSTS") -> None:
    outbox.sent(delivery, one.alert_ids, channel=channel, ts="1.2", message="{}", now=NOW + MINUTE * 2)


def state(database: Database, spike_id: str = A) -> str:
    ((found,),) = query(database, f"SELECT x_state FROM spike_alerts WHERE spike_id = '{spike_id}'")
    return str(found)


def test_a_fresh_message_is_claimed(outbox: Outbox, database: Database) -> None:
    assert claim(outbox) == Claim(
        state="mine",
        alert_ids=(A,),
        channel="#costs",
        attempted_since=None,
        claimant="me",
        held_since=NOW + MINUTE,
    )
    assert state(database) == "claimed"


def test_a_claimed_message_is_nobody_elses(outbox: Outbox) -> None:
    claim(outbox)
    assert claim(outbox, who="another").state == "busy"


def test_a_digest_is_claimed_as_a_whole(outbox: Outbox, database: Database) -> None:
    assert claim(outbox, TOGETHER).alert_ids == (B, C)
    assert [state(database, one) for one in (A, B, C)] == ["pending", "claimed", "claimed"]
    assert claim(outbox, Delivery(message_key=B, spike_ids=(B,)), who="another").state == "busy"


def test_an_own_claim_is_taken_over_at_once_and_has_to_be_looked_for(outbox: Outbox) -> None:
    claim(outbox)
    again = claim(outbox, after=MINUTE * 2)
    assert (again.state, again.attempted_since) == ("mine", NOW)


def test_a_stale_claim_is_taken_over_and_has_to_be_looked_for(outbox: Outbox) -> None:
    claim(outbox)
    other = claim(outbox, who="another", after=MINUTE * 62)
    assert (other.state, other.attempted_since) == ("mine", NOW)


def test_the_search_reaches_back_before_every_attempt_however_many_failed(outbox: Outbox) -> None:
    for hours in range(1, 6):
        again = claim(outbox, after=timedelta(hours=hours))
    assert again.attempted_since == NOW


def test_a_message_that_was_sent_is_sent_for_ever(outbox: Outbox, database: Database) -> None:
    keep(outbox, ALONE, claim(outbox))
    assert state(database) == "sent"
    for who in ("me", "another"):
        assert claim(outbox, who=who, after=timedelta(days=3)).state == "sent"
    stored = "SELECT posted_channel, ts, problem, sent_at FROM spike_alerts WHERE x_state = 'sent'"
    assert query(database, stored) == [("C0COSTS", "1.2", "", (NOW + MINUTE * 2).replace(tzinfo=None))]


def test_a_digest_leaves_out_what_was_sent_meanwhile(outbox: Outbox) -> None:
    keep(
        outbox,
        Delivery(message_key=B, spike_ids=(B,)),
        claim(outbox, Delivery(message_key=B, spike_ids=(B,))),
    )
    assert claim(outbox, TOGETHER).alert_ids == (C,)


def test_a_message_that_may_be_out_under_another_key_stays_with_that_key(outbox: Outbox) -> None:
    claim(outbox, TOGETHER)
    assert claim(outbox, Delivery(message_key=B, spike_ids=(B,)), after=timedelta(hours=2)).state == "busy"
    assert claim(outbox, digest([A, B, C]), after=timedelta(hours=2)).alert_ids == (A,)
    assert claim(outbox, TOGETHER, who="another", after=timedelta(hours=2)).alert_ids == (B, C)


def test_a_withdrawn_message_is_told_from_a_sent_one(outbox: Outbox, database: Database) -> None:
    store(SpikeTables(database), DAY, [], run_id="run 2")
    assert claim(outbox).state == "withdrawn"


def test_a_failure_that_is_sure_frees_the_message(outbox: Outbox, database: Database) -> None:
    outbox.not_sent(claim(outbox), problem="refused \ud800\x00", message="{}", outcome_known=True)
    assert state(database) == "pending"
    assert claim(outbox, who="another").attempted_since is None


def test_a_failure_that_is_not_sure_keeps_it_claimed(outbox: Outbox, database: Database) -> None:
    outbox.not_sent(claim(outbox), problem="p" * 5000, message="{}", outcome_known=False)
    assert state(database) == "claimed"
    assert claim(outbox, who="another").state == "busy"


def test_a_claim_is_renewed_while_nobody_took_it_over(outbox: Outbox) -> None:
    first = claim(outbox, TOGETHER)
    renewed = outbox.renew(first, now=NOW + MINUTE * 30)
    assert renewed is not None
    assert renewed.held_since == NOW + MINUTE * 30
    assert claim(outbox, TOGETHER, who="another", after=MINUTE * 62).state == "busy"
    assert outbox.renew(first, now=NOW + MINUTE * 31) is None, "it was renewed by somebody meanwhile"


def test_a_claim_that_was_taken_over_is_lost_for_good(outbox: Outbox, database: Database) -> None:
    slow = claim(outbox)
    other = claim(outbox, who="another", after=MINUTE * 62)
    assert outbox.renew(slow, now=NOW + MINUTE * 63) is None
    outbox.not_sent(slow, problem="too late", message="{}", outcome_known=True)
    assert state(database) == "claimed"
    assert outbox.renew(other, now=NOW + MINUTE * 63) is not None


def test_a_channel_goes_by_the_id_that_slack_told(outbox: Outbox) -> None:
    assert outbox.channel_id("#costs") == ""
    keep(outbox, ALONE, claim(outbox))
    assert outbox.channel_id("#costs") == "C0COSTS"
    assert outbox.channel_id("#others") == ""


def test_of_many_at_once_one_gets_the_message(database: Database) -> None:
    outbox = filled(database)
    for number in range(5):
        now = NOW + timedelta(hours=2 * number)
        take = partial(outbox.claim, TOGETHER, now=now, stale_before=now - MINUTE)
        jobs = [partial(take, claimant=f"run {number}.{n}") for n in range(6)]
        states = sorted(one.state if isinstance(one, Claim) else repr(one) for one in at_once(jobs))
        assert states == ["busy"] * 5 + ["mine"]
