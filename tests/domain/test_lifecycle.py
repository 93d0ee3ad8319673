"""Which messages the incidents call for: first ones, what goes on with them, and never the same news twice."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.incident_book import GradedIncident
from costspike.domain.incidents import NotifyReason, State
from costspike.domain.lifecycle import News, decide, decide_news
from costspike.domain.notices import Notice, is_note, notice_of
from costspike.domain.occasions import Occasion
from costspike.domain.spikes import Scope, Spike
from costspike.domain.told import Entry
from tests.incident_books import GRADES, SETTINGS, incidents, known
from tests.incident_days import EC2_OF_2, on, spike

FIRST, GREW = NotifyReason.FIRST_NOTIFICATION, NotifyReason.GREW


def news(
    found: Sequence[GradedIncident],
    outbox: Sequence[Entry] = (),
    *,
    tellable: Sequence[Spike] = (),
    day: int = 0,
    notes: bool = True,
) -> News:
    ids = frozenset(one.spike_id for one in tellable)
    return decide_news(found, outbox, Occasion(day=on(day), tellable=ids, notes=notes), SETTINGS)


def sent(notice: Notice, *, has_thread: bool = True) -> Entry:
    return Entry(notice=notice, state="sent", has_thread=has_thread)


ONE = spike(0, 300)
NEXT = incidents(ONE, days=[300, 300], as_of=1)


def first(**about: Any) -> Notice:
    (notice,) = news(incidents(ONE, days=[300]), tellable=[ONE]).new
    return replace(notice, **about)


def test_the_first_message_has_the_identity_of_its_spike() -> None:
    notice = first()
    assert (notice.reason, notice.alert_id, notice.day) == (FIRST, ONE.spike_id, on(0))
    assert (notice.impact, notice.old_impact, notice.raised_days, notice.state) == (200, 0, 1, State.OPEN)
    assert not is_note(notice.alert_id)


def test_a_spike_that_is_too_old_to_tell_begins_nothing() -> None:
    assert news(incidents(ONE, days=[300])) == News()


def test_a_later_spike_begins_to_tell_what_nobody_was_told_of() -> None:
    later = spike(1, 900, 300)
    (notice,) = news(incidents(ONE, later, days=[300, 900], as_of=1), tellable=[later], day=1).new
    assert (notice.spike_id, notice.day, notice.raised_days) == (later.spike_id, on(1), 2)
    assert notice.incident_id == ONE.spike_id


def test_growth_goes_on_with_the_first_message() -> None:
    (notice,) = news(NEXT, [sent(first())], day=1).new
    assert (notice.reason, notice.impact, notice.old_impact) == (GREW, 400, 200)
    assert notice.incident_id == first().incident_id
    assert is_note(notice.alert_id)


def test_news_differ_by_day_and_reason() -> None:
    (grew,) = news(NEXT, [sent(first())], day=1).new
    ids = {
        grew.alert_id,
        replace(grew, day=on(2)).alert_id,
        replace(grew, reason=NotifyReason.RESOLVED).alert_id,
    }
    assert len(ids) == 3


@pytest.mark.parametrize("state", ["pending", "claimed"])
def test_nothing_goes_on_with_a_first_message_that_is_not_known_to_be_out(state: Any) -> None:
    waiting = Entry(notice=first(), state=state)
    assert news(NEXT, [waiting], tellable=[ONE], day=1).new == ()


def test_a_first_message_that_waits_tells_what_is_so_when_it_goes_out() -> None:
    (renewed,) = news(NEXT, [Entry(notice=first(), state="pending")], day=1).renewed
    assert (renewed.alert_id, renewed.impact, renewed.raised_days) == (ONE.spike_id, 400, 2)
    assert news(NEXT, [Entry(notice=first(), state="claimed")], day=1).renewed == ()


def test_a_first_message_whose_spike_was_withdrawn_does_not_go_out() -> None:
    gone = incidents(withdrawn=[ONE], days=[100])
    assert news(gone, [Entry(notice=first(), state="pending")]) == News(dropped=(ONE.spike_id,))


def test_what_may_have_arrived_is_never_dropped() -> None:
    gone = incidents(withdrawn=[ONE], days=[100])
    assert news(gone, [Entry(notice=first(), state="claimed")]).dropped == ()


def test_a_note_that_waits_is_decided_again() -> None:
    (grew,) = news(NEXT, [sent(first())], day=1).new
    back = incidents(ONE, days=[300, 100, 100, 100, 100], as_of=4)
    found = news(back, [sent(first()), Entry(notice=grew, state="pending")], day=4)
    assert found.dropped == (grew.alert_id,)
    assert [one.reason for one in found.new] == [NotifyReason.RESOLVED]


def test_a_silent_run_leaves_notes_as_they_are() -> None:
    (grew,) = news(NEXT, [sent(first())], day=1).new
    outbox = [sent(first()), Entry(notice=grew, state="pending")]
    assert news(NEXT, outbox, day=2, notes=False) == News()


def test_without_a_thread_only_the_end_and_corrections_are_told() -> None:
    told = [sent(first(), has_thread=False)]
    assert news(NEXT, told, day=1).new == ()
    back = incidents(ONE, days=[300, 100, 100, 100, 100], as_of=4)
    assert [one.reason for one in news(back, told, day=4).new] == [NotifyReason.RESOLVED]
    gone = incidents(withdrawn=[ONE], days=[100])
    assert [one.reason for one in news(gone, told).new] == [NotifyReason.CORRECTED]


def test_a_worse_grade_beats_mere_growth() -> None:
    later = spike(1, 3000, 300)
    found = incidents(ONE, later, days=[300, 3000], as_of=1)
    (notice,) = news(found, [sent(first())], day=1).new
    assert (notice.reason, notice.severity, notice.old_severity) == (NotifyReason.SEVERITY_ROSE, "P1", "P3")
    assert notice.spike_id == later.spike_id


def test_an_incident_that_the_warehouse_forgot_is_taken_back() -> None:
    (notice,) = news((), [sent(first())], day=3).new
    assert (notice.reason, notice.state, notice.impact, notice.old_impact) == (
        NotifyReason.CORRECTED,
        State.CORRECTED,
        0,
        200,
    )
    assert news((), [sent(first()), sent(notice)], day=4).new == ()


def test_a_correction_names_the_days_that_cost_something_else() -> None:
    told = first()
    assert told.day_costs == ((on(0), Decimal(300)),)
    (notice,) = news(incidents(withdrawn=[ONE], days=[110]), [sent(told)], day=1).new
    assert notice.restated == ((on(0), Decimal(300), Decimal(110)),)
    (same,) = news(incidents(withdrawn=[ONE], days=[300]), [sent(told)], day=1).new
    assert (same.reason, same.restated) == (NotifyReason.CORRECTED, ()), "judged again, by other rules"


def test_those_that_nobody_is_told_of_are_named() -> None:
    other = spike(0, 900, scope=EC2_OF_2)
    occasion = Occasion(day=on(0), tellable=frozenset({ONE.spike_id}), notes=True)
    decision = decide(known(ONE, other, days=[300]), (), occasion, SETTINGS, GRADES)
    assert [one.incident.scope for one in decision.silent] == [EC2_OF_2]


@pytest.mark.parametrize("text", ["EC2", "弹性 'x' \"y\" \ud800 {{ x }}", ""])
def test_a_notice_is_read_as_it_was_kept(text: str) -> None:
    restated = ((on(0), Decimal("1.5"), Decimal("0.000000000001")),)
    kept = first(
        scope=Scope(account_id="1", service=text), impact=Decimal("0.000000000001"), restated=restated
    )
    assert notice_of(kept.as_text()) == kept


DAYS = st.lists(st.sampled_from([100, 100, 100, 300, 2000]), min_size=1, max_size=14)
VERDICTS = st.lists(st.sampled_from(["", "spike", "withdrawn"]), min_size=14, max_size=14)
FATES = st.lists(st.sampled_from(["sent", "sent", "claimed", "pending"]), min_size=60, max_size=60)


@given(amounts=DAYS, verdicts=VERDICTS, fates=FATES)
def test_news_that_was_told_is_never_due_again(
    amounts: list[float], verdicts: list[str], fates: list[Any]
) -> None:
    outbox: dict[str, Entry] = {}
    fate = iter(fates)
    for number in range(len(amounts)):
        judged = [
            (verdict, spike(at, amounts[at])) for at, verdict in enumerate(verdicts[: number + 1]) if verdict
        ]
        standing = [one for verdict, one in judged if verdict == "spike"]
        gone = [one for verdict, one in judged if verdict == "withdrawn"]
        found = incidents(*standing, withdrawn=gone, days=amounts[: number + 1], as_of=number)
        due = news(found, list(outbox.values()), tellable=standing, day=number)
        for alert_id in due.dropped:
            assert outbox.pop(alert_id).state == "pending"
        for notice in due.renewed:
            outbox[notice.alert_id] = replace(outbox[notice.alert_id], notice=notice)
        for notice in due.new:
            assert notice.alert_id not in outbox, "a key is used once"
            begun = [one for one in outbox.values() if one.notice.incident_id == notice.incident_id]
            assert bool(begun) == (notice.reason is not FIRST), "one first message an incident"
            assert all(one.state == "sent" for one in begun if one.notice.reason is FIRST)
            outbox[notice.alert_id] = Entry(notice=notice, state=next(fate), has_thread=True)
        if any(one.state == "claimed" and one.notice.reason is FIRST for one in outbox.values()):
            continue  # nothing goes on with it yet; what does is due once it is known to be out
        settled = [replace(one, state="sent") for one in outbox.values()]
        assert news(found, settled, tellable=standing, day=number + 1).new == ()
