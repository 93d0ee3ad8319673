"""Which events are looked for, where and when, and how they are counted."""

from datetime import UTC, date, datetime, timedelta

from costspike.adapters.event_map import load_event_map
from costspike.domain.evidence.management_events import (
    Lookup,
    ManagementEvent,
    event_rows,
    lookups,
    window,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENTS = load_event_map()


def event(name: str = "CreateNatGateway", user: str = "ana", hours: int = 0, **more: str) -> ManagementEvent:
    return ManagementEvent(
        name=name,
        source="ec2.amazonaws.com",
        user=user,
        at=NOON + timedelta(hours=hours),
        region="us-east-1",
        error_code=more.get("error_code", ""),
        resources=tuple(filter(None, [more.get("resource", "")])),
    )


def test_a_service_is_looked_for_in_its_regions_and_rights_in_theirs() -> None:
    found = lookups("EC2 - Other", ["eu-west-1"], EVENTS, 60)
    assert found[0] == Lookup(region="eu-west-1", event_name="CreateNatGateway")
    assert Lookup(region="us-east-1", event_name="CreateAccessKey") in found
    assert len(found) == len(set(found))


def test_a_global_service_is_looked_for_where_it_logs() -> None:
    assert {one.region for one in lookups("Amazon CloudFront", ["eu-west-1"], EVENTS, 60)} == {"us-east-1"}


def test_a_service_that_nobody_mapped_is_looked_for_by_what_deploys_anything() -> None:
    names = {one.event_name for one in lookups("Amazon Whatever", ["eu-west-1"], EVENTS, 60)}
    assert {"CreateStack", "CreateAccessKey"} <= names


def test_without_a_region_only_rights_are_looked_for() -> None:
    assert {one.event_name for one in lookups("EC2 - Other", [], EVENTS, 60)} == set(EVENTS.always)


def test_the_limit_holds_and_keeps_the_most_telling() -> None:
    assert [one.event_name for one in lookups("EC2 - Other", ["eu-west-1"], EVENTS, 1)] == [
        "CreateNatGateway"
    ]


def test_the_window_opens_the_day_before_and_closes_with_the_spikes_day() -> None:
    later = NOON + timedelta(days=9)
    assert window(date(2026, 11, 19), date(2026, 11, 20), later) == (
        datetime(2026, 11, 18, tzinfo=UTC),
        datetime(2026, 11, 21, tzinfo=UTC),
    )
    assert window(date(2026, 11, 20), date(2026, 11, 20), NOON) == (datetime(2026, 11, 19, tzinfo=UTC), NOON)


def test_what_cloudtrail_does_not_keep_is_not_asked_for() -> None:
    assert window(date(2026, 1, 1), date(2026, 1, 1), NOON) is None
    start, _ = window(date(2026, 1, 1), date(2026, 11, 20), NOON) or (None, None)
    assert start == NOON - timedelta(days=90)


def test_events_are_counted_by_name_and_user_the_rare_ones_first() -> None:
    often = [event("RunInstances", "scheduler", hours) for hours in range(20)]
    once = event(resource="AWS::EC2::NatGateway nat-0123456789abcdef0")
    rows = event_rows([*often, once, event("RunInstances", "mallory", error_code="UnauthorizedOperation")])
    assert [row.values["event_count"] for row in rows] == ["1", "1", "20"]
    assert dict(rows[0].values) == {
        "event": "CreateNatGateway",
        "event_source": "ec2.amazonaws.com",
        "user": "ana",
        "region": "us-east-1",
        "event_count": "1",
        "count_is_a_minimum": False,
        "failed_count": "0",
        "first_at": "2026-11-20T12:00Z",
        "last_at": "2026-11-20T12:00Z",
        "first_day": "2026-11-20",
        "resource_1": "AWS::EC2::NatGateway nat-0123456789abcdef0",
        "resource_count": "1",
    }
    assert rows[1].values["failed_count"] == "1"


def test_a_capped_count_says_that_it_is_a_minimum() -> None:
    capped = frozenset({Lookup(region="us-east-1", event_name="CreateNatGateway")})
    assert event_rows([event()], capped=capped)[0].values["count_is_a_minimum"] is True


def test_the_map_names_events_as_cloudtrail_writes_them() -> None:
    names = [name for names in EVENTS.services.values() for name in names]
    assert all(name[0].isupper() and name.isalnum() for name in (*names, *EVENTS.always, *EVENTS.default))
    assert len(EVENTS.services) >= 30
