"""From spike days to incidents, example by example."""

from datetime import timedelta
from decimal import Decimal

import pytest

from costspike.domain.incidents import IncidentSettings, State, fold, known_days, scopes_of
from costspike.domain.spikes import Scope
from tests.incident_days import ALL_EC2, EC2, EC2_OF_2, MONDAY, S3, TOTAL, costs, on, spike

USD_EC2 = ("USD", EC2)


def test_a_level_shift_of_thirty_days_is_one_incident_although_only_its_first_day_is_a_spike() -> None:
    days = {USD_EC2: costs([300] * 30)}
    (incident,) = fold([spike(0, 300)], days, on(29))
    assert incident.state is State.ONGOING
    assert incident.impact == 30 * 200
    assert (incident.first_day, incident.last_day, len(incident.days)) == (on(0), on(29), 30)
    assert incident.incident_id == spike(0, 300).spike_id


def test_a_level_shift_that_spikes_every_day_is_one_incident_too() -> None:
    (incident,) = fold([spike(n, 300) for n in range(30)], {USD_EC2: costs([300] * 30)}, on(29))
    assert incident.impact == 30 * 200
    assert len(incident.spikes) == 30


def test_an_adapted_expectation_does_not_shrink_the_dollars_of_a_long_incident() -> None:
    found = [spike(0, 300), spike(8, 500, 300)]
    (incident,) = fold(found, {USD_EC2: costs([300] * 8 + [500])}, on(8))
    assert incident.impact == 8 * 200 + 400


def test_a_new_incident_is_open() -> None:
    (incident,) = fold([spike(0, 300)], {USD_EC2: costs([300])}, on(0))
    assert incident.state is State.OPEN
    assert not incident.is_over


def test_quiet_days_resolve_an_incident_and_keep_its_dollars() -> None:
    days = {USD_EC2: costs([300, 100, 100, 100, 100])}
    states = [fold([spike(0, 300)], days, on(n))[0].state for n in range(5)]
    assert states == [State.OPEN] * 4 + [State.RESOLVED]
    (incident,) = fold([spike(0, 300)], days, on(4))
    assert (incident.impact, incident.closed_on) == (Decimal(200), on(4))


def test_days_that_nobody_knows_are_not_quiet() -> None:
    days = {USD_EC2: costs([300, None, None, None, None, None, 300])}
    (incident,) = fold([spike(0, 300)], days, on(6))
    assert incident.state is State.ONGOING
    assert incident.impact == 400


def test_a_spike_after_the_quiet_days_is_another_incident() -> None:
    days = {USD_EC2: costs([300, 100, 100, 100, 100, 300])}
    first, second = fold([spike(0, 300), spike(5, 300)], days, on(5))
    assert (first.state, second.state) == (State.RESOLVED, State.OPEN)
    assert first.incident_id != second.incident_id


def test_a_weekend_in_between_does_not_end_an_incident() -> None:
    working = dict.fromkeys(range(5), 100.0) | {5: 0.0, 6: 0.0}
    days = {USD_EC2: costs([300] * 5 + [0, 0] + [300] * 5, before=working)}
    (incident,) = fold([spike(0, 300)], days, on(11))
    assert incident.state is State.ONGOING
    assert incident.impact == 10 * 200


def test_a_spike_on_a_sunday_is_over_although_mondays_cost_more() -> None:
    weekly = dict.fromkeys(range(5), 100.0) | {5: 20.0, 6: 20.0}
    days = {USD_EC2: costs([90, *[100] * 5, 20, 20], first=6, before=weekly)}
    (incident,) = fold([spike(6, 90, 20, band=4)], days, on(12))
    assert incident.state is State.RESOLVED
    assert incident.impact == 70


def test_a_job_that_runs_now_and_then_is_over_when_it_runs_as_usual() -> None:
    usual = costs([], before=0) | {MONDAY - timedelta(days=ago): Decimal(80) for ago in (3, 9, 15, 22)}
    days = {USD_EC2: usual | costs([200, 0, 80, 0, 0, 80], before=None)}
    (incident,) = fold([spike(0, 200, 0, band=10)], days, on(5))
    assert incident.state is State.RESOLVED
    assert incident.impact == 200


def test_a_level_that_stays_up_settles() -> None:
    days = {USD_EC2: costs([300] * 60)}
    (incident,) = fold([spike(0, 300)], days, on(59))
    assert (incident.state, incident.closed_on) == (State.SETTLED, on(35))
    assert incident.impact == 36 * 200


def test_a_rise_above_a_settled_level_is_another_incident() -> None:
    days = {USD_EC2: costs([300] * 40 + [600])}
    first, second = fold([spike(0, 300), spike(40, 600, 300)], days, on(40))
    assert first.state is State.SETTLED
    assert second.impact == 300


def test_settings_say_when_it_is_over() -> None:
    days = {USD_EC2: costs([300, 160, 160])}
    chosen = IncidentSettings(quiet_days=2, quiet_percent=40)
    assert fold([spike(0, 300)], days, on(2), chosen)[0].state is State.RESOLVED
    assert fold([spike(0, 300)], days, on(2))[0].impact == 200 + 60 + 60


def test_related_spikes_of_a_day_are_one_incident_called_after_the_largest() -> None:
    found = [spike(0, 1100, 900, scope=TOTAL), spike(0, 500, 400, scope=ALL_EC2), spike(0, 700, 100)]
    (incident,) = fold(found, {}, on(0))
    assert incident.scope == TOTAL
    assert incident.leading_scope == EC2
    assert incident.impact == 200 + 100 + 600


def test_unrelated_spikes_of_a_day_are_incidents_of_their_own() -> None:
    found = [spike(0, 300), spike(0, 300, scope=S3), spike(0, 300, scope=EC2_OF_2)]
    assert len(fold(found, {}, on(0))) == 3


def test_two_usage_types_of_one_accounts_service_are_one_incident_soon_and_two_later() -> None:
    large, small = (Scope(account_id="1", service="EC2", usage_type=name) for name in ("large", "small"))
    days = {("USD", large): costs([300] * 30), ("USD", small): costs([100] * 20 + [300] * 10)}
    together = [spike(0, 300, scope=large), spike(0, 150, scope=small)]
    assert [one.impact for one in fold(together, {}, on(0))] == [250]
    assert len(fold([spike(0, 300, scope=large), spike(20, 300, scope=small)], days, on(20))) == 2


def test_currencies_are_never_mixed() -> None:
    assert len(fold([spike(0, 300), spike(0, 300, currency="EUR")], {}, on(0))) == 2


def test_a_broader_spike_soon_after_goes_on_with_the_incident() -> None:
    days = {USD_EC2: costs([300] * 30), ("USD", ALL_EC2): costs([500] * 30, before=300)}
    soon = fold([spike(0, 300), spike(2, 500, 300, scope=ALL_EC2)], days, on(2))
    assert len(soon) == 1
    assert soon[0].impact == 3 * 200
    late = fold([spike(0, 300), spike(20, 500, 300, scope=ALL_EC2)], days, on(20))
    assert len(late) == 2


def test_the_rest_of_a_broad_rise_counts_when_only_a_part_spikes_again() -> None:
    days = {("USD", ALL_EC2): costs([1300, 1300], before=300), USD_EC2: costs([400, 400])}
    (incident,) = fold([spike(0, 1300, 300, scope=ALL_EC2), spike(1, 400, 100)], days, on(1))
    assert incident.impact == 2 * 1000


def test_what_a_part_explains_is_not_counted_twice_on_later_days() -> None:
    days = {("USD", ALL_EC2): costs([1000, 1000], before=300), USD_EC2: costs([600, 600])}
    (incident,) = fold([spike(0, 1000, 800, scope=ALL_EC2), spike(0, 600, 100)], days, on(1))
    assert [day.impact for day in incident.days] == [700, 700]
    assert [day.expected_cost for day in incident.days] == [300, 300]


def test_an_incident_whose_spikes_were_all_restated_away_is_corrected() -> None:
    (incident,) = fold([], {USD_EC2: costs([110, 100])}, on(1), withdrawn=[spike(0, 300)])
    assert incident.state is State.CORRECTED
    assert (incident.withdrawn_impact, incident.impact) == (Decimal(200), Decimal(0))
    assert incident.is_over


def test_a_withdrawn_first_day_keeps_the_identity() -> None:
    (incident,) = fold([spike(1, 300)], {USD_EC2: costs([100, 300])}, on(1), withdrawn=[spike(0, 300)])
    assert incident.incident_id == spike(0, 300).spike_id
    assert incident.state is State.ONGOING
    assert incident.impact == 200


def test_a_spike_that_stands_again_is_not_withdrawn() -> None:
    (incident,) = fold([spike(0, 250)], {}, on(0), withdrawn=[spike(0, 300)])
    assert incident.impact == 150
    assert incident.withdrawn == ()


def test_a_rule_that_compares_with_one_day_still_knows_weekdays() -> None:
    weekly = dict.fromkeys(range(5), 100.0) | {5: 20.0, 6: 20.0}
    days = {("USD", TOTAL): costs([100] * 5, before=weekly)}
    (incident,) = fold([spike(0, 100, 20, scope=TOTAL, band=0)], days, on(4))
    assert incident.state is State.RESOLVED


def test_a_new_service_is_measured_from_nothing() -> None:
    days = {USD_EC2: costs([50, 60], before=0)}
    (incident,) = fold([spike(0, 50, 0, band=0)], days, on(1))
    assert incident.impact == 110


def test_scopes_are_asked_for_from_their_first_spike_on() -> None:
    assert scopes_of([spike(3, 300), spike(1, 300), spike(2, 9, scope=Scope())]) == {
        USD_EC2: on(1),
        ("USD", TOTAL): on(2),
    }


def test_a_landed_day_without_a_row_of_the_scope_was_free() -> None:
    landed = [on(0), on(1)]
    assert known_days({on(0): Decimal(5)}, landed) == {on(0): Decimal(5), on(1): Decimal(0)}


@pytest.mark.parametrize("days", [{}, {USD_EC2: costs([])}], ids=["no-costs", "no-later-costs"])
def test_nothing_is_invented_where_costs_are_unknown(days: dict) -> None:
    (incident,) = fold([spike(0, 300), spike(2, 400)], days, on(20))
    assert incident.impact == 200 + 300
    assert incident.state is State.ONGOING


def test_a_usage_type_of_all_accounts_and_an_accounts_service_share_series_and_are_one_incident() -> None:
    box = Scope(service="EC2", usage_type="box")
    found = [spike(0, 300), spike(0, 560, 510, scope=box), spike(0, 90, 40, scope=S3)]
    first, second = fold(found, {}, on(0))
    assert {one.scope for one in first.spikes} == {EC2, box}
    assert (first.impact, second.scope) == (200 + 50, S3)


def test_what_all_accounts_did_is_not_counted_again_when_one_of_them_speaks_later() -> None:
    box = Scope(service="EC2", usage_type="box")
    days = {("USD", box): costs([600, 900, 900], before=400), USD_EC2: costs([200, 500, 500])}
    (incident,) = fold([spike(0, 600, 400, scope=box), spike(1, 500)], days, on(2))
    assert [day.impact for day in incident.days] == [200, 500, 500]


def test_a_rise_on_top_of_a_tenfold_level_is_only_that_rise_on_every_weekday() -> None:
    usual = {0: 100, 1: 110, 2: 100, 3: 100, 4: 100, 5: 10, 6: 10}
    days = {USD_EC2: costs([1030, 1130, 1030, 1030, 1030, 130, 130], before=usual)}
    (incident,) = fold([spike(0, 1030, 1000, band=10)], days, on(6))
    assert max(day.impact for day in incident.days) <= 120
    assert incident.impact >= 5 * 30


def test_a_dollar_of_a_part_that_is_an_incident_of_its_own_is_not_in_the_totals_too() -> None:
    days = {
        ("USD", TOTAL): costs([1100] * 8 + [1500, 1500, 1100], before=1000),
        USD_EC2: costs([110] * 8 + [510, 510, 110], before=100),
    }
    total, ec2 = fold([spike(0, 1100, 1000, scope=TOTAL), spike(8, 510, 110)], days, on(10))
    assert [day.impact for day in ec2.days] == [400, 400]
    assert [day.impact for day in total.days] == [100] * 11


def test_what_a_part_rose_by_before_is_expected_of_the_total() -> None:
    days = {
        ("USD", TOTAL): costs([1400] * 8 + [1600, 1600], before=1000),
        USD_EC2: costs([500] * 10, before=100),
    }
    ec2, total = fold([spike(0, 500), spike(8, 1600, 1400, scope=TOTAL)], days, on(9))
    assert (ec2.impact, [day.impact for day in total.days]) == (4000, [200, 200])


def test_a_part_that_was_taken_back_leaves_the_total_as_it_is() -> None:
    days = {
        ("USD", TOTAL): costs([1100] * 8 + [1500] * 2, before=1000),
        USD_EC2: costs([100] * 8 + [500] * 2, before=100),
    }
    total, ec2 = fold([spike(0, 1100, 1000, scope=TOTAL)], days, on(9), withdrawn=[spike(8, 500)])
    assert ec2.state is State.CORRECTED
    assert total.impact == 8 * 100 + 2 * 500


def test_a_part_that_swings_is_not_counted_in_a_total_that_rose_after_it() -> None:
    days = {
        ("USD", TOTAL): costs([1400] * 6 + [1300, 1450], before=1000),
        USD_EC2: costs([500] * 6 + [250, 400], before=100),
    }
    ec2, total = fold([spike(0, 500), spike(6, 1300, 1150, scope=TOTAL)], days, on(7))
    assert ec2.days[-1].impact == 300
    assert [day.impact for day in total.days] == [150, 150]


def test_an_accounts_service_goes_on_with_the_incident_of_its_part_as_long_as_it_is_not_over() -> None:
    box = Scope(account_id="1", service="EC2", usage_type="box")
    days = {("USD", box): costs([300] * 12), USD_EC2: costs([400] * 12, before=200)}
    found = [spike(0, 300, scope=box), spike(11, 400, 200)]
    (incident,) = fold(found, days, on(11))
    assert [one.scope for one in incident.spikes] == [box, EC2]
    assert incident.impact == 12 * 200
