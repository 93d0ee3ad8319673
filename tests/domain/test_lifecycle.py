"""Which messages the incidents call for: first ones, what goes on with them, and never the same news twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.incident_book import GradedIncident, IncidentEnd, KnownSpikes, fold_known, fold_start
from costspike.domain.incidents import IncidentSettings, NotifyReason, State
from costspike.domain.lifecycle import News, Occasion, decide, decide_news
from costspike.domain.notices import Notice, is_note, notice_of
from costspike.domain.severity import SeveritySettings
from costspike.domain.spikes import Scope, Spike
from costspike.domain.told import Entry
from tests.incident_days import EC2, EC2_OF_2, MONDAY, TOTAL, costs, on, spike

SETTINGS, GRADES = IncidentSettings(), SeveritySettings()
FIRST, GREW = NotifyReason.FIRST_NOTIFICATION, NotifyReason.GREW


def known(
    *standing: Spike, withdrawn: Sequence[Spike] = (), days: Sequence[float] = (), as_of: int = 0
) -> KnownSpikes:
    daily = costs(days)
    whole = {day: cost * 100 for day, cost in daily.items()}
    return KnownSpikes(
        since=MONDAY - timedelta(days=56),
        as_of=on(as_of),
        standing=standing,
        withdrawn=tuple(withdrawn),
        daily={("USD", EC2): daily, ("USD", TOTAL): whole},
        landed=frozenset(daily),
    )


def incidents(*standing: Spike, **about: Any) -> tuple[GradedIncident, ...]:
    return fold_known(known(*standing, **about), SETTINGS, GRADES)


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


def test_those_that_nobody_is_told_of_are_named() -> None:
    other = spike(0, 900, scope=EC2_OF_2)
    occasion = Occasion(day=on(0), tellable=frozenset({ONE.spike_id}), notes=True)
    decision = decide(known(ONE, other, days=[300]), (), occasion, SETTINGS, GRADES)
    assert [one.incident.scope for one in decision.silent] == [EC2_OF_2]


@pytest.mark.parametrize("text", ["EC2", "弹性 'x' \"y\" \ud800 {{ x }}", ""])
def test_a_notice_is_read_as_it_was_kept(text: str) -> None:
    kept = first(scope=Scope(account_id="1", service=text), impact=Decimal("0.000000000001"))
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
        settled = [replace(one, state="sent") for one in outbox.values()]
        assert news(found, settled, tellable=standing, day=number + 1).new == ()


def end(
    first_day: int, closed: int | None, state: State = State.RESOLVED, spiked: int | None = None
) -> IncidentEnd:
    last = on(first_day if spiked is None else spiked)
    return IncidentEnd(
        first_day=on(first_day),
        last_spike_day=last,
        closed_on=None if closed is None else on(closed),
        state=state,
    )


@pytest.mark.parametrize(
    ("judged", "stored", "start"),
    [
        pytest.param([450], [], 50, id="thirteen months"),
        pytest.param([20], [], 20, id="an older day was judged"),
        pytest.param([450], [end(10, 40)], 50, id="over before"),
        pytest.param([450], [end(10, 60)], 10, id="open across the cut"),
        pytest.param([450], [end(10, None, State.ONGOING)], 10, id="never closed"),
        pytest.param([450], [end(30, 60), end(5, 31)], 5, id="one reaches into another"),
        pytest.param([450], [end(30, 60), end(5, 29)], 30, id="one ends before another"),
        pytest.param([450], [end(5, None, State.CORRECTED)], 50, id="corrected long ago"),
    ],
)
def test_no_incident_lies_across_the_day_from_which_is_folded_again(
    judged: list[int], stored: list[IncidentEnd], start: int
) -> None:
    assert fold_start(on(450), [on(day) for day in judged], stored, SETTINGS) == on(start)


def test_an_incident_has_the_grade_of_its_worst_spike_and_its_dearest_day() -> None:
    small, large = spike(0, 300), spike(1, 3000, 300)
    (one,) = incidents(small, large, days=[300, 3000, 300], as_of=2)
    assert (one.severity, one.worst.spike_id) == ("P1", large.spike_id)
    assert (one.peak.day, one.peak.impact) == (on(1), 2900)


def test_a_corrected_incident_keeps_its_grade() -> None:
    (one,) = incidents(withdrawn=[ONE], days=[100])
    assert (one.severity, one.incident.state, one.peak.impact) == ("P3", State.CORRECTED, 0)


def test_the_grade_is_measured_by_the_organisation_of_the_day() -> None:
    whole: dict[date, Decimal] = {day: Decimal(150) for day in costs([])}
    small = replace(known(ONE, days=[300]), daily={("USD", EC2): costs([300]), ("USD", TOTAL): whole})
    (one,) = fold_known(small, SETTINGS, GRADES)
    assert one.severity == "P2", "200 of 150 a day"


def test_an_incident_is_graded_by_the_accounts_environment_like_its_alert() -> None:
    grades = [
        fold_known(known(spike(0, 400), days=[400]), SETTINGS, GRADES, environments)[0].severity
        for environments in ({}, {"1": "production"}, {"1": "sandbox"})
    ]
    assert grades[0] == grades[1] == "P2"
    assert grades[2] == "P3"
