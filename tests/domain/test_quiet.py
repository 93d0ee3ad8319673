"""Planned changes and mutes: what they cover, what they do not, and that no other scope is hidden."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.calendar_settings import CalendarSettings
from costspike.domain.quiet import expired_mutes, quiet_spikes
from costspike.domain.scope_patterns import ScopePattern
from costspike.domain.spikes import Contributor, Scope, Spike
from tests import incident_days
from tests.incident_days import ALL_EC2, EC2, EC2_OF_2, S3, TOTAL, on

MARGIN = Decimal(20)
WORDS = {"reason": "Sale", "owner": "Team Web"}


def part(delta: float, **names: str) -> Contributor:
    return Contributor(
        before=Decimal(100), after=Decimal(100) + Decimal(str(delta)), delta=Decimal(str(delta)), **names
    )


def spike(
    impact: float, *, scope: Scope = EC2, parts: tuple[Contributor, ...] = (), number: int = 0
) -> Spike:
    one = incident_days.spike(number, 100 + impact, scope=scope)
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return Spike(**(fields | ({"contributors": parts} if parts else {})))


def plan(scope: dict[str, str], **about: Any) -> CalendarSettings:
    own = {"scope": scope, "from": on(0), "to": on(2), **WORDS, **about}
    return CalendarSettings.model_validate({"planned_changes": [own]})


LAST = on(2)


def mute(scope: dict[str, str], until: date = LAST) -> CalendarSettings:
    return CalendarSettings.model_validate({"mutes": [{"scope": scope, "until": until, **WORDS}]})


def is_quiet(one: Spike, calendar: CalendarSettings) -> bool:
    return bool(quiet_spikes([one], calendar, MARGIN))


@pytest.mark.parametrize(
    ("pattern", "scope", "held"),
    [
        ({"account": "1"}, EC2, True),
        ({"account": "1"}, EC2_OF_2, False),
        ({"account": "1"}, ALL_EC2, False),
        ({"account": "1*", "service": "ec*"}, EC2, True),
        ({"service": "EC?"}, ALL_EC2, True),
        ({"service": "EC2"}, TOTAL, False),
        ({"service": "EC"}, EC2, False),
        ({"service": "[ES]3"}, S3, True),
        ({"usage_type": "*Box*"}, EC2, False),
        ({}, TOTAL, True),
    ],
)
def test_a_pattern_holds_what_it_names(pattern: dict[str, str], scope: Scope, held: bool) -> None:
    assert ScopePattern(**pattern).holds(scope) is held


def test_what_is_quiet_carries_the_words_of_who_said_so() -> None:
    (one,) = quiet_spikes([spike(50)], plan({"account": "1", "service": "EC2"}), MARGIN)
    assert (one.kind, one.reason, one.owner, one.until) == ("planned", "Sale", "Team Web", on(2))
    assert one.scope == "account 1, service EC2"
    (one,) = quiet_spikes([spike(50)], mute({"service": "EC2"}), MARGIN)
    assert (one.kind, one.spike_id) == ("muted", spike(50).spike_id)


@pytest.mark.parametrize(("impact", "quiet"), [(100, True), (120, True), (120.01, False), (500, False)])
def test_a_rise_may_exceed_its_plan_by_the_margin(impact: float, quiet: bool) -> None:
    assert is_quiet(spike(impact), plan({"service": "EC2"}, expected_a_day=100)) is quiet


def test_without_expected_dollars_any_rise_in_the_scope_is_planned() -> None:
    assert is_quiet(spike(1e6), plan({"service": "EC2"}))


@pytest.mark.parametrize(("number", "quiet"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_plan_holds_on_its_days_the_last_one_included(number: int, quiet: bool) -> None:
    assert is_quiet(spike(50, number=number), plan({"service": "EC2"})) is quiet


@pytest.mark.parametrize(("number", "quiet"), [(-9, True), (2, True), (3, False)])
def test_a_mute_holds_up_to_its_last_day(number: int, quiet: bool) -> None:
    assert is_quiet(spike(50, number=number), mute({"service": "EC2"})) is quiet


def test_a_broader_spike_is_planned_as_far_as_its_parts_are() -> None:
    parts = (part(90, account_id="1"), part(10, account_id="2"))
    assert is_quiet(spike(100, scope=ALL_EC2, parts=parts), plan({"account": "1"}))
    parts = (part(79, account_id="1"), part(21, account_id="2"))
    assert not is_quiet(spike(100, scope=ALL_EC2, parts=parts), plan({"account": "1"}))


def test_a_mute_hides_a_broader_spike_only_if_nothing_else_rose() -> None:
    alone = (part(120, account_id="1"), part(-20, account_id="2"))
    assert is_quiet(spike(100, scope=ALL_EC2, parts=alone), mute({"account": "1"}))
    not_alone = (part(99.99, account_id="1"), part(0.01, account_id="2"))
    assert not is_quiet(spike(100, scope=ALL_EC2, parts=not_alone), mute({"account": "1"}))
    unnamed = (part(99, account_id="1"), part(1))
    assert not is_quiet(spike(100, scope=ALL_EC2, parts=unnamed), mute({"account": "1"}))


def test_a_usage_type_is_known_by_the_parts() -> None:
    parts = (part(90, usage_type="USE1-BoxUsage:m5.large"), part(10, usage_type="USE1-EBS:Volume"))
    assert is_quiet(spike(100, parts=parts), plan({"account": "1", "usage_type": "*boxusage*"}))
    assert not is_quiet(spike(100), plan({"usage_type": "*BoxUsage*"})), "not landed, so not known"


def test_expired_mutes_are_those_that_ended_before_the_day() -> None:
    calendar = mute({"service": "EC2"}, until=on(2))
    assert expired_mutes(calendar, on(2)) == ()
    assert expired_mutes(calendar, on(3)) == calendar.mutes


_NAMES = st.sampled_from(["", "1", "2"])
_SCOPES = st.builds(Scope, account_id=_NAMES, service=st.sampled_from(["EC2", "S3"]))
_PARTS = st.builds(
    part,
    st.floats(-100, 100).map(lambda value: round(value, 2)),
    account_id=_NAMES,
    service=st.sampled_from(["", "EC2", "S3"]),
)


@given(_SCOPES, st.lists(_PARTS, min_size=1, max_size=5).map(tuple), st.integers(-3, 3))
def test_a_mute_never_hides_a_dollar_of_another_scope(
    scope: Scope, parts: tuple[Contributor, ...], days: int
) -> None:
    impact = float(sum(one.delta for one in parts))
    found = spike(impact, scope=scope, parts=parts)
    calendar = mute({"account": "1", "service": "EC2"}, until=on(0) + timedelta(days=days))
    if is_quiet(found, calendar):
        assert days >= 0
        rises = [one for one in parts if one.delta > 0]
        inside = (scope.account_id, scope.service) == ("1", "EC2")
        assert inside or all(
            (one.account_id or scope.account_id, one.service or scope.service) == ("1", "EC2")
            for one in rises
        )
