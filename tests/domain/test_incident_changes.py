"""What there is to tell of an incident, and when."""

from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.incidents import (
    Incident,
    IncidentSettings,
    NotifyReason,
    State,
    Told,
    changes,
    fold,
)
from tests.incident_days import EC2, costs, on, spike

SHIFT = {("USD", EC2): costs([300] * 60)}
OVER = {("USD", EC2): costs([300, 100, 100, 100, 100])}


def _shift(days: int) -> tuple[Incident, ...]:
    return fold([spike(0, 300)], SHIFT, on(days - 1))


def _reasons(before, after) -> list[NotifyReason]:
    return [change.reason for change in changes(before, after)]


def test_a_new_incident_is_told_with_its_dollars() -> None:
    (change,) = changes([], _shift(1))
    assert change.reason is NotifyReason.FIRST_NOTIFICATION
    assert (change.old_impact, change.new_impact) == (0, 200)


def test_growth_is_told_when_the_total_has_doubled_since_the_last_telling() -> None:
    told: tuple[Any, ...] = _shift(1)
    days = []
    for day in range(2, 33):
        for change in changes(told, _shift(day)):
            assert change.reason is NotifyReason.GREW
            days.append(day)
            told = (change.incident,)
    assert days == [2, 4, 8, 16, 32]


def test_another_factor_tells_of_less() -> None:
    assert changes(_shift(1), _shift(4), IncidentSettings(update_factor=5)) == ()


def test_the_end_is_told_with_the_final_figure() -> None:
    before = fold([spike(0, 300)], OVER, on(0))
    (change,) = changes(before, fold([spike(0, 300)], OVER, on(4)))
    assert change.reason is NotifyReason.RESOLVED
    assert change.new_impact == 200


def test_a_settled_level_is_told() -> None:
    assert _reasons(_shift(32), _shift(36)) == [NotifyReason.SETTLED]


@pytest.mark.parametrize(
    "after", [(), fold([], {}, on(1), withdrawn=[spike(0, 300)])], ids=["gone", "withdrawn"]
)
def test_an_incident_that_was_restated_away_is_corrected(after: tuple[Incident, ...]) -> None:
    (change,) = changes(_shift(1), after)
    assert change.reason is NotifyReason.CORRECTED
    assert (change.old_impact, change.new_impact) == (200, 0)
    assert change.incident_id == spike(0, 300).spike_id


def test_an_incident_that_shrank_to_half_is_corrected() -> None:
    (change,) = changes(_shift(1), fold([spike(0, 190)], {}, on(0)))
    assert (change.reason, change.old_impact, change.new_impact) == (NotifyReason.CORRECTED, 200, 90)


def test_a_small_correction_is_no_news() -> None:
    assert changes(_shift(1), fold([spike(0, 280)], {}, on(0))) == ()


def test_an_incident_that_nobody_was_told_of_is_not_corrected() -> None:
    assert changes([], fold([], {}, on(1), withdrawn=[spike(0, 300)])) == ()


def test_a_correction_is_told_once() -> None:
    told = Told(
        incident_id=spike(0, 300).spike_id,
        state=State.CORRECTED,
        impact=Decimal(0),
        spike_ids=frozenset({spike(0, 300).spike_id}),
    )
    assert changes([told], ()) == ()
    assert changes([told], fold([], {}, on(1), withdrawn=[spike(0, 300)])) == ()


def test_a_corrected_incident_that_is_one_again_is_told() -> None:
    gone = fold([], {}, on(0), withdrawn=[spike(0, 300)])
    assert _reasons(gone, _shift(1)) == [NotifyReason.REOPENED]


def test_one_that_only_other_rules_withdrew_is_told_again_although_its_total_is_the_same() -> None:
    gone = fold([], SHIFT, on(0), withdrawn=[spike(0, 300)])
    assert (gone[0].state, gone[0].impact) == (State.CORRECTED, 200)
    assert _reasons(gone, _shift(1)) == [NotifyReason.REOPENED]


@pytest.mark.parametrize("last", [4, 35], ids=["resolved", "settled"])
def test_an_end_that_a_restatement_takes_back_is_told(last: int) -> None:
    ended = fold([spike(0, 300)], OVER if last == 4 else SHIFT, on(last))
    assert _reasons(ended, _shift(3)) == [NotifyReason.REOPENED]


def test_an_earlier_first_day_from_a_backfill_is_not_a_new_incident() -> None:
    costs_known = {("USD", EC2): costs([300, 300, 300])}
    told = fold([spike(2, 300)], costs_known, on(2))
    now = fold([spike(0, 300), spike(2, 300)], costs_known, on(2))
    (change,) = changes(told, now)
    assert change.reason is NotifyReason.GREW
    assert change.incident_id == told[0].incident_id != now[0].incident_id
    assert (change.old_impact, change.new_impact) == (200, 600)


def test_two_told_incidents_that_turn_out_to_be_one_are_no_new_one() -> None:
    told = (*fold([spike(0, 300)], {}, on(0)), *fold([spike(6, 300)], {}, on(6)))
    now = fold([spike(0, 300), spike(6, 300)], {}, on(6))
    assert [change.incident_id for change in changes(told, now)] == [told[0].incident_id]


def test_two_told_incidents_that_a_restatement_made_one_both_hear_of_the_end() -> None:
    found = [spike(0, 300), spike(6, 300)]
    apart = fold(found, {("USD", EC2): costs([300, 100, 100, 100, 100, 100, 300])}, on(6))
    raised = {("USD", EC2): costs([300] * 7 + [100] * 4)}
    assert len(apart) == 2
    told = [apart[0], apart[1]]
    assert _reasons(told, fold(found, raised, on(9))) == [NotifyReason.REOPENED]
    ended = fold(found, raised, on(10))
    assert len(ended) == 1
    ends = changes([told[1], *fold(found, raised, on(9))], ended)
    assert [(change.incident_id, change.reason) for change in ends] == [
        (spike(0, 300).spike_id, NotifyReason.RESOLVED),
        (spike(6, 300).spike_id, NotifyReason.RESOLVED),
    ]
    assert (
        changes(
            [
                *ended,
                Told(
                    incident_id=spike(6, 300).spike_id,
                    state=State.RESOLVED,
                    impact=ended[0].impact,
                    spike_ids=ended[0].spike_ids,
                ),
            ],
            ended,
        )
        == ()
    )
