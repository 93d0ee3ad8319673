"""The month's end, with the incident and without it."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.evidence.month_projection import month_projection, project

DAY = date(2026, 11, 20)
FLAT = {DAY - timedelta(days=back): Decimal(100) for back in range(36)}


def test_a_flat_month_goes_on_as_it_is() -> None:
    found = project(DAY, FLAT, {})
    assert found is not None
    assert (found.month_to_date, found.remaining_days) == (2000, 10)
    assert found.without_incident == found.with_incident == 3000


def test_the_incident_is_taken_out_and_let_go_on() -> None:
    costs = {**FLAT, DAY: Decimal(400), DAY - timedelta(days=1): Decimal(300)}
    impacts = {DAY: Decimal(300), DAY - timedelta(days=1): Decimal(200)}
    found = project(DAY, costs, impacts)
    assert found is not None
    assert found.incident_so_far == 500
    assert found.without_incident == 3000
    assert found.with_incident == 3000 + 500 + 10 * 300


def test_weekdays_keep_their_own_level() -> None:
    costs = {day: Decimal(10 if day.weekday() > 4 else 100) for day in FLAT}
    found = project(DAY, costs, {})
    assert found is not None
    weekend = sum(date(2026, 11, n).weekday() > 4 for n in range(1, 31))
    assert found.with_incident == weekend * 10 + (30 - weekend) * 100


def test_the_last_day_of_a_month_leaves_nothing_to_project() -> None:
    last = date(2026, 11, 30)
    found = project(last, {last - timedelta(days=n): Decimal(1) for n in range(36)}, {last: Decimal(1)})
    assert found is not None
    assert (found.remaining_days, found.with_incident, found.without_incident) == (0, 30, 29)


def test_missing_days_are_counted_and_not_guessed() -> None:
    found = project(DAY, {day: cost for day, cost in FLAT.items() if day.day != 3}, {})
    assert found is not None
    assert (found.missing_days, found.month_to_date) == (1, 1900)


def test_nothing_known_is_no_projection() -> None:
    assert project(DAY, {}, {}) is None
    assert month_projection(DAY, {"x": {}}, {}).state == "empty"


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.integers(0, 40))
def test_without_the_incident_its_size_does_not_matter(impact: Decimal, back: int) -> None:
    when = DAY - timedelta(days=back)
    raised = {**FLAT, when: Decimal(100) + impact}
    found, flat = project(DAY, raised, {when: impact}), project(DAY, FLAT, {})
    assert found is not None
    assert flat is not None
    assert found.without_incident == flat.without_incident


def test_the_row_is_rounded_once() -> None:
    (row,) = month_projection(DAY, {"EC2": {**FLAT, DAY: Decimal("400.005")}}, {DAY: Decimal("300.005")}).rows
    assert row.values["month_to_date_cost"] == "2300.01"
    assert row.values["month_end_if_it_goes_on_cost"] == "6300.06"
    assert row.values["difference_at_month_end_percent"] == "110.0"
