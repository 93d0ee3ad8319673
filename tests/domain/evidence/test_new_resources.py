"""What counts as new, and when that cannot be said."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costspike.domain.evidence.new_resources import KINDS, FirstUse, Kind, new_resources

DAY = date(2026, 11, 20)
LONG_AGO = DAY - timedelta(days=300)
ENOUGH: dict[Kind, int] = dict.fromkeys(KINDS, 90)


def use(name: str, kind: Kind = "usage_type", cost: str = "5", **first: date) -> FirstUse:
    known: dict[str, Any] = {"first_in_scope": DAY, "first_anywhere": DAY}
    return FirstUse(kind=kind, name=name, day_cost=Decimal(cost), **(known | first))


def test_new_names_are_listed_the_dearest_first() -> None:
    uses = [use("a"), use("eu-north-1", "region", "80"), use("old", first_in_scope=LONG_AGO)]
    evidence = new_resources(uses, DAY, ENOUGH, frozenset())
    assert evidence.state == "found"
    assert [row.values.get("region") or row.values.get("usage_type") for row in evidence.rows] == [
        "eu-north-1",
        "a",
    ]
    assert dict(evidence.rows[0].values) == {
        "kind": "region",
        "region": "eu-north-1",
        "day_cost": "80.00",
        "new_to": "the whole bill",
        "first_seen_elsewhere": None,
        "days_compared": "90",
    }


def test_a_name_that_others_used_before_is_new_to_this_part_only() -> None:
    (row,) = new_resources([use("a", first_anywhere=LONG_AGO)], DAY, ENOUGH, frozenset()).rows
    assert row.values["new_to"] == "this part of the bill"
    assert row.values["first_seen_elsewhere"] == LONG_AGO.isoformat()


def test_what_the_scope_itself_names_is_new_only_to_the_whole_bill() -> None:
    service = use("EC2", "service", first_anywhere=LONG_AGO)
    assert new_resources([service], DAY, ENOUGH, frozenset({"service"})).state == "empty"
    assert new_resources([use("EC2", "service")], DAY, ENOUGH, frozenset({"service"})).state == "found"


def test_nothing_new_is_said() -> None:
    evidence = new_resources([use("a", first_in_scope=LONG_AGO)], DAY, ENOUGH, frozenset())
    assert evidence.state == "empty"
    assert "was used before" in evidence.note


def test_a_kind_with_little_history_is_not_judged_and_named() -> None:
    evidence = new_resources([use("a"), use("r", "region")], DAY, {**ENOUGH, "usage_type": 3}, frozenset())
    assert [row.values["kind"] for row in evidence.rows] == ["region"]
    assert evidence.note == "not judged for lack of history: usage_type"


def test_without_history_nothing_is_said() -> None:
    assert new_resources([use("a")], DAY, {}, frozenset()).state == "unavailable"
