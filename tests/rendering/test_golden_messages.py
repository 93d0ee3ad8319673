"""Whole messages, as they are sent. Read a changed snapshot before you accept it."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from costspike.domain.grades import Severity
from costspike.domain.incidents import NotifyReason, State
from costspike.domain.spikes import Scope
from costspike.rendering.alert_message import alert_message, details_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.links import Link
from costspike.rendering.message import Message, misrouted, plain_message, possible_repeat
from costspike.rendering.note_message import note_message
from costspike.rendering.short_message import folded_message
from costspike.rendering.status import with_status
from tests.rendering.samples import (
    ACCOUNT,
    DAY,
    HOSTILE,
    alert,
    contributor,
    explained,
    hostile_alert,
    spike,
    status,
    unexplained,
)

RDS = "Amazon Relational Database Service"


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def _usual() -> Message:
    return alert_message(alert("P2"), message_key="key")


def _corrected() -> Message:
    flags = ('root_cause: unverified number "$5,000"', "step 2 cli: command removed, not read-only")
    known = replace(explained("P1", opinion="P3"), flags=flags)
    return alert_message(alert("P1", known=known, estimated=True), message_key="key")


def _coarse() -> Message:
    one = (contributor("500", "734.56", service=RDS, account_id=ACCOUNT),)
    found = spike(scope=Scope(service=RDS, account_id=ACCOUNT), contributors=one, detector="day_over_day")
    return alert_message(alert("P3", of=found, account_name=ACCOUNT), message_key="key")


def _new_service() -> Message:
    parts = (contributor("0", "80", account_id=ACCOUNT), contributor("0", "20"))
    found = spike(
        scope=Scope(service="Amazon Bedrock"), actual="100", expected="0", contributors=parts, currency="CNY"
    )
    return alert_message(alert("P3", of=found), message_key="key")


def _digest() -> Message:
    total = spike(scope=Scope(), actual="1934.56", expected="500")
    severities: tuple[Severity, ...] = ("P1", "P2", "P3", "P4")
    parts = [
        alert(
            severities[at % 4],
            of=spike(scope=Scope(account_id=ACCOUNT, service=f"Service {at:02}"), actual=str(700 + at)),
        )
        for at in range(24)
    ]
    return digest_message([*parts, alert("P1", of=total, estimated=True)], day=DAY, message_key="key")


def _note(reason: NotifyReason, state: State = State.ONGOING, **changes: Any) -> Message:
    console = Link(label="Cost Explorer", url="https://console.example.com/cost-explorer")
    return note_message(status(reason, state, **changes), account_name="prod-web", links=[console])


def _rose() -> Message:
    worse = status(NotifyReason.SEVERITY_ROSE, severity="P1", old_severity="P2")
    return note_message(worse, account_name="prod-web", explained=explained("P1"), worst=spike())


def _marked(reason: NotifyReason, state: State) -> Message:
    return with_status(alert_message(alert("P2"), message_key="key"), status(reason, state))


def _with_related() -> Message:
    others = (
        spike(scope=Scope(service=RDS), actual="150", expected="100"),
        spike(scope=Scope(), actual="9000", expected="8000"),
    )
    return alert_message(replace(alert("P2"), related=others), message_key="key")


def _beside_falls() -> Message:
    fallen = (
        contributor("140.25", "20", account_id=ACCOUNT, service="EC2", usage_type="BoxUsage:m5.large"),
        contributor("61.005", "0", account_id="210987654321", service="EC2 - Other", region="eu-west-1"),
    )
    return alert_message(alert("P2", of=replace(spike(), fallen=fallen)), message_key="key")


def _week() -> Message:
    days = (alert("P3"), alert("P4", of=replace(spike(), day=DAY - timedelta(days=3))))
    return digest_message(days, day=DAY, message_key="key")


def _called() -> Message:
    own = replace(
        alert("P1"), mentions=("U024BE7LH", "S0614TZR7"), first_day=DAY - timedelta(days=2), raised_days=3
    )
    return misrouted(alert_message(own, message_key="key"), "#team-web", "is_archived")


MESSAGES: dict[str, Callable[[], Message]] = {
    "p1_corrected_and_estimated": _corrected,
    "p2": lambda: alert_message(alert("P2"), message_key="key"),
    "p2_plain_possible_repeat": lambda: possible_repeat(
        plain_message(alert_message(alert("P2"), message_key="key"))
    ),
    "p3_coarse_single_contributor": _coarse,
    "p3_new_service_in_another_currency": _new_service,
    "p4_without_explanation": lambda: alert_message(alert("P4", known=unexplained("P4")), message_key="key"),
    "p1_called_and_misrouted": _called,
    "p3_short": lambda: folded_message(alert("P3"), message_key="key").short,
    "p3_details": lambda: details_message(alert("P3"), message_key="key"),
    "digest_of_a_week": _week,
    "hostile": lambda: alert_message(hostile_alert(), message_key="key"),
    "p2_with_related_spikes": _with_related,
    "p2_beside_falls": _beside_falls,
    "p2_marked_ongoing": lambda: _marked(NotifyReason.GREW, State.ONGOING),
    "p2_marked_resolved": lambda: _marked(NotifyReason.RESOLVED, State.RESOLVED),
    "note_grew": lambda: _note(NotifyReason.GREW),
    "note_severity_rose": _rose,
    "note_corrected": lambda: _note(
        NotifyReason.CORRECTED,
        impact=Decimal("100.10"),
        old_impact=Decimal(250),
        restated=((DAY, Decimal("734.56"), Decimal("584.66")),),
    ),
    "note_withdrawn": lambda: _note(
        NotifyReason.CORRECTED, State.CORRECTED, impact=Decimal(0), raised_days=0
    ),
    "note_resolved": lambda: _note(NotifyReason.RESOLVED, State.RESOLVED),
    "note_settled": lambda: _note(NotifyReason.SETTLED, State.SETTLED, raised_days=36),
    "note_hostile": lambda: _note(
        NotifyReason.GREW, scope=Scope(account_id="<@W1>", service=HOSTILE * 9), billing_currency="<!x>"
    ),
    "digest": _digest,
    "digest_of_nothing": lambda: digest_message([], day=DAY, message_key="key"),
    "digest_hostile": lambda: digest_message([hostile_alert()] * 30, day=DAY, message_key="key"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str, golden: SnapshotAssertion) -> None:
    assert asdict(MESSAGES[name]()) == golden
