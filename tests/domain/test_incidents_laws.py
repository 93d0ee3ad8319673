"""Laws of the fold, for any spike days and costs."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.incidents import DailyCosts, IncidentSettings, State, changes, fold, scopes_of
from costspike.domain.spikes import Scope, Spike
from tests.incident_days import ALL_EC2, EC2, EC2_OF_2, MONDAY, S3, TOTAL, costs, on, spike

DAYS = 45
AMOUNTS = [None, 0, 90, 100, 110, 160, 300, 900]
LARGE, SMALL = (Scope(account_id="1", service="EC2", usage_type=name) for name in ("large", "small"))
SCOPES = (TOTAL, ALL_EC2, EC2, EC2_OF_2, S3, LARGE, SMALL)
SETTINGS = st.builds(
    IncidentSettings,
    quiet_days=st.integers(1, 6),
    settle_days=st.integers(7, 40),
    quiet_percent=st.integers(0, 100),
)


# A fold takes a millisecond, but a busy machine may take its time.
LAW = settings(deadline=None)


@st.composite
def spike_sets(draw: st.DrawFn) -> list[Spike]:
    """Return spikes of related and unrelated scopes in two currencies, at most one a day, scope and currency."""
    keys = st.tuples(st.integers(0, DAYS - 1), st.sampled_from(SCOPES), st.sampled_from(["USD", "EUR"]))
    found = draw(st.lists(keys, unique=True, max_size=14))
    return [
        spike(day, 100 + draw(st.integers(1, 400)), scope=scope, currency=currency)
        for day, scope, currency in found
    ]


@st.composite
def histories(draw: st.DrawFn) -> DailyCosts:
    """Return daily costs of all scopes, or of some, with days that nobody knows."""
    random = draw(st.randoms(use_true_random=False))
    known = draw(st.lists(st.sampled_from(SCOPES), unique=True))
    return {
        (currency, scope): costs(random.choices(AMOUNTS, k=DAYS))
        for currency in ("USD", "EUR")
        for scope in known
    }


@LAW
@given(spike_sets(), histories(), SETTINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_days_does_not_matter(found, days, chosen, random) -> None:
    other = list(found)
    random.shuffle(other)
    assert fold(other, days, on(DAYS), chosen) == fold(found, days, on(DAYS), chosen)
    assert fold([*other, *found], days, on(DAYS), chosen) == fold(found, days, on(DAYS), chosen)


@LAW
@given(spike_sets(), histories(), SETTINGS)
def test_folding_the_spikes_of_incidents_gives_the_incidents(found, days, chosen) -> None:
    once = fold(found, days, on(DAYS), chosen)
    again = [one for incident in once for one in incident.spikes]
    assert fold(again, days, on(DAYS), chosen) == once


@LAW
@given(spike_sets(), histories(), SETTINGS)
def test_every_spike_is_in_exactly_one_incident_of_its_currency(found, days, chosen) -> None:
    incidents = fold(found, days, on(DAYS), chosen)
    placed = [one.spike_id for incident in incidents for one in incident.spikes]
    assert sorted(placed) == sorted(one.spike_id for one in found)
    assert all(
        one.billing_currency == incident.billing_currency for incident in incidents for one in incident.spikes
    )
    assert len({incident.incident_id for incident in incidents}) == len(incidents)


@LAW
@given(spike_sets(), histories(), SETTINGS, st.integers(0, DAYS))
def test_a_later_day_changes_neither_an_identity_nor_what_belonged_to_it(found, days, chosen, last) -> None:
    later = {incident.incident_id: incident for incident in fold(found, days, on(DAYS), chosen)}
    for early in fold(found, days, on(last), chosen):
        same = later[early.incident_id]
        assert same.spikes[: len(early.spikes)] == early.spikes
        assert same.days[: len(early.days)] == early.days
        assert (same.first_day, same.scope) == (early.first_day, early.scope)


@LAW
@given(spike_sets(), histories(), SETTINGS)
def test_the_dollars_of_the_days_sum_to_the_impact_and_hold_those_of_the_spikes(found, days, chosen) -> None:
    for incident in fold(found, days, on(DAYS), chosen):
        assert incident.impact == sum(day.impact for day in incident.days) == incident.impact_by(date.max)
        assert incident.impact >= sum(one.impact for one in incident.spikes)
        assert all(day.impact > 0 for day in incident.days)
        assert all(one.day < two.day for one, two in pairwise(incident.days))
        assert {day.day for day in incident.days if day.has_spike} == {one.day for one in incident.spikes}


@LAW
@given(spike_sets())
def test_the_first_day_costs_exactly_what_its_spikes_say(found) -> None:
    for incident in fold(found, {}, on(DAYS)):
        said = sum((one.impact for one in incident.spikes if one.day == incident.first_day), Decimal(0))
        assert incident.impact_by(incident.first_day) == said


@LAW
@given(spike_sets(), histories(), SETTINGS, st.integers(1, 10))
def test_quiet_days_change_nothing_but_states(found, days, chosen, count) -> None:
    last = DAYS - 1
    quiet = {
        key: known | {on(last + n): Decimal(0) for n in range(1, count + 1)} for key, known in days.items()
    }
    before = fold(found, days, on(last), chosen)
    after = fold(found, quiet, on(last + count), chosen)
    assert len(after) == len(before)
    for was, now in zip(before, after, strict=True):
        assert (now.incident_id, now.days, now.spikes) == (was.incident_id, was.days, was.spikes)
        assert now.state is was.state or now.state in {State.RESOLVED, State.SETTLED}


@LAW
@given(spike_sets(), histories(), st.data())
def test_a_withdrawn_spike_keeps_the_identities(found, days, data) -> None:
    gone = data.draw(
        st.lists(st.sampled_from(found), unique_by=lambda one: one.spike_id) if found else st.just([])
    )
    standing = [one for one in found if one not in gone]
    for incident in fold(standing, days, on(DAYS), withdrawn=gone):
        assert (incident.state is State.CORRECTED) == (not incident.spikes)
        assert {one.spike_id for one in incident.spikes} <= {one.spike_id for one in standing}
    ids = {incident.incident_id for incident in fold([], days, on(DAYS), withdrawn=found)}
    assert len(ids) == len(fold([], days, on(DAYS), withdrawn=found))


@LAW
@given(spike_sets(), histories(), SETTINGS)
def test_there_is_nothing_to_tell_twice(found, days, chosen) -> None:
    now = fold(found, days, on(DAYS), chosen)
    assert changes(now, now, chosen) == ()


@settings(deadline=None, max_examples=25)
@given(spike_sets(), histories(), SETTINGS)
def test_told_day_by_day_every_incident_is_told_once_as_new(found, days, chosen) -> None:
    told: dict[str, Any] = {}
    firsts = []
    for number in range(DAYS):
        now = fold(found, days, on(number), chosen)
        for change in changes(told.values(), now, chosen):
            told[change.incident_id] = change.incident
            firsts += [change.incident_id] if change.reason == "first_notification" else []
    assert len(set(firsts)) == len(firsts)
    assert set(firsts) == {incident.incident_id for incident in fold(found, days, on(DAYS - 1), chosen)}


@settings(deadline=None, max_examples=50)
@given(spike_sets(), histories())
def test_run_backwards_no_spike_is_told_twice_as_new(found, days) -> None:
    told: dict[str, Any] = {}
    new: list[str] = []
    stored: list[Spike] = []
    for one in sorted(found, key=lambda one: one.day, reverse=True):
        stored.append(one)
        for change in changes(told.values(), fold(stored, days, on(DAYS))):
            told[change.incident_id] = change.incident
            if change.incident is not None and change.reason == "first_notification":
                new += change.incident.spike_ids
    assert len(new) == len(set(new))


@LAW
@given(spike_sets())
def test_a_scope_is_asked_for_from_its_first_spike(found) -> None:
    wanted = scopes_of(found)
    assert all(MONDAY <= wanted[one.billing_currency, one.scope] <= one.day for one in found)
