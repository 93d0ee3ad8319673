"""From where everything is folded again, and how incidents are graded."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from costspike.domain.incident_book import IncidentEnd, fold_known, fold_start
from costspike.domain.incidents import State
from tests.incident_books import GRADES, SETTINGS, incidents, known
from tests.incident_days import EC2, TOTAL, costs, on, spike

ONE = spike(0, 300)


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
        pytest.param([50], [], 50, id="nothing before"),
        pytest.param([50, 20, 40], [], 20, id="the earliest of the judged days"),
        pytest.param([50], [end(10, 49)], 50, id="over the day before"),
        pytest.param([50], [end(10, 50)], 10, id="over on the day itself"),
        pytest.param([50], [end(10, 60)], 10, id="over later"),
        pytest.param([50], [end(10, None, State.ONGOING)], 10, id="not over"),
        pytest.param([50], [end(30, 60), end(5, 31)], 5, id="one reaches into another"),
        pytest.param([50], [end(30, 60), end(5, 29)], 30, id="one ends before another"),
        pytest.param([50], [end(5, None, State.CORRECTED)], 50, id="corrected long ago"),
        pytest.param(
            [50], [end(15, None, State.CORRECTED)], 15, id="corrected, and may still be gone on with"
        ),
    ],
)
def test_no_incident_lies_across_the_day_from_which_is_folded_again(
    judged: list[int], stored: list[IncidentEnd], start: int
) -> None:
    assert fold_start([on(day) for day in judged], stored, SETTINGS) == on(start)


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
