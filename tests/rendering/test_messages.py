"""What an alert, a digest and their changed forms say."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.explanation import Recommendation
from costspike.domain.grades import Severity
from costspike.domain.spikes import Scope
from costspike.rendering.alert import Alert
from costspike.rendering.alert_message import alert_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.fitting import size
from costspike.rendering.links import Link
from costspike.rendering.message import Message, plain_message, possible_repeat
from tests.rendering.samples import (
    ACCOUNT,
    DAY,
    alert,
    contributor,
    explained,
    explanation,
    spike,
    unexplained,
)


def _said(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def _block(message: Message, kind: str) -> dict[str, Any]:
    return next(block for block in message.blocks if block["type"] == kind)


def _send(one: Alert) -> Message:
    return alert_message(one, message_key="key")


@pytest.mark.parametrize(("severity", "mark"), [("P1", "🔴"), ("P2", "🟠"), ("P3", "🟡"), ("P4", "🔵")])
def test_the_title_has_the_mark_and_the_word(severity: Severity, mark: str) -> None:
    title = _block(_send(alert(severity)), "header")["text"]["text"]
    assert title == f"{mark} {severity} · EC2 - Other +$235 (+47 %) · prod-web (123456789012) · 2026-11-20"


def test_long_names_never_cut_the_amount_or_the_day_off_the_title() -> None:
    found = spike(scope=Scope(account_id=ACCOUNT, service="s" * 3000), actual="99999999999.5")
    title = _block(_send(alert(of=found, account_name="n" * 3000)), "header")["text"]["text"]
    assert "+$99,999,999,500 (+19,999,999,900 %)" in title
    assert title.endswith("… (123456789012) · 2026-11-20")


@pytest.mark.parametrize(
    ("scope", "name", "label"),
    [
        pytest.param(Scope(service="S3"), "", "all accounts", id="no-account"),
        pytest.param(Scope(service="S3", account_id=ACCOUNT), "", ACCOUNT, id="no-name"),
        pytest.param(Scope(service="S3", account_id=ACCOUNT), ACCOUNT, ACCOUNT, id="name-is-the-number"),
        pytest.param(
            Scope(service="S3", account_id=ACCOUNT), "prod", f"prod ({ACCOUNT})", id="name-and-number"
        ),
    ],
)
def test_the_account_is_shown_by_name_and_number(scope: Scope, name: str, label: str) -> None:
    assert (
        f" · {label} · "
        in _block(_send(alert(of=spike(scope=scope), account_name=name)), "header")["text"]["text"]
    )


def test_the_metadata_holds_the_key_and_the_severity_and_nothing_else() -> None:
    assert alert_message(alert("P2"), message_key="abc").metadata == {
        "event_type": "costspike_alert",
        "event_payload": {"message_key": "abc", "severity": "P2"},
    }


def test_the_spoken_text_is_complete() -> None:
    text = _send(alert("P2", estimated=True)).text
    for part in (
        "P2",
        "EC2 - Other",
        ACCOUNT,
        "2026-11-20",
        "+$234.56 (+47 %)",
        "$734.56",
        "$500.00",
        "NAT gateways",
    ):
        assert part in text
    assert text.endswith("it can change.")


def test_without_an_explanation_the_reason_is_said_and_nothing_is_called_ai_generated() -> None:
    message = _send(alert(known=unexplained(reason="the budget of today is used up.")))
    assert "No AI explanation: the budget of today is used up. The numbers come from the bill." in _said(
        message
    )
    assert "AI-generated" not in _said(message)
    assert "What to check" not in _said(message)


def test_no_reason_is_said_as_well() -> None:
    assert "No AI explanation: no reason is known." in _send(alert(known=unexplained(reason="\u200b"))).text


def test_the_models_severity_is_shown_where_it_differs_and_does_not_count() -> None:
    message = _send(alert(known=explained("P3", opinion="P1")))
    assert "Severity: P3 by rule; the model proposes P2: The rise comes from one account" in _said(message)
    assert message.metadata["event_payload"]["severity"] == "P3"
    assert "the model would say" not in _said(_send(alert("P3")))


def test_a_flag_does_not_bring_back_the_number_that_was_taken_out() -> None:
    flags = ('root_cause: unverified number "$5,000"', "a", "b", "c", "d", "e", "f")
    message = _send(alert(known=replace(explained(), flags=flags)))
    assert "Checks of the answer: root cause: unverified number; a; b; c; d; and 2 more" in _said(message)
    assert "5,000" not in _said(message) + message.text


def test_suspicious_text_in_the_data_is_reported() -> None:
    known = replace(explained(), explanation=explanation().model_copy(update={"suspicious_input": True}))
    assert "reads like instructions" in _said(_send(alert(known=known)))


def test_a_root_cause_of_one_sentence_is_not_said_twice() -> None:
    known = replace(
        explained(), explanation=explanation().model_copy(update={"root_cause": "A NAT gateway grew."})
    )
    message = _send(alert(known=known))
    assert _said(message).count("A NAT gateway grew.") == 1


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("It grew, e.g. NAT bytes. Then more.", "It grew, e.g. NAT bytes.", id="abbreviation"),
        pytest.param("In U.S. East it grew. Then more.", "In U.S. East it grew.", id="initials"),
        pytest.param("It costs $1.20 more. Then more.", "It costs $1.20 more.", id="amount"),
        pytest.param("no end", "no end", id="no-stop"),
        pytest.param("", "not stated.", id="empty"),
    ],
)
def test_the_line_under_the_title_is_the_first_sentence(text: str, first: str) -> None:
    known = replace(explained(), explanation=explanation().model_copy(update={"root_cause": text}))
    assert _send(alert(known=known)).text.endswith(f"Likely cause, by AI: {first}")


def test_a_falling_remainder_is_named() -> None:
    parts = (contributor("100", "500", usage_type="A"), contributor("400", "234.56"))
    assert (
        "Mostly A: +$400.00, offset elsewhere to +$234.56." in _send(alert(of=spike(contributors=parts))).text
    )


def test_the_chart_ends_with_the_spike_day_even_where_the_history_lacks_it() -> None:
    one = replace(alert(), history=((DAY - timedelta(days=1), Decimal("500.004")),))
    chart = _block(_send(one), "data_visualization")["chart"]
    assert chart["axis_config"]["categories"] == ["Nov 19", "Nov 20"]
    assert [point["value"] for point in chart["series"][0]["data"]] == [500.0, 734.56]


def test_one_day_is_no_chart() -> None:
    assert "data_visualization" not in [block["type"] for block in _send(replace(alert(), history=())).blocks]


def test_only_the_last_twenty_days_are_drawn() -> None:
    days = tuple((DAY - timedelta(days=at), Decimal(at)) for at in range(400))
    categories = _block(_send(replace(alert(), history=days)), "data_visualization")["chart"]["axis_config"][
        "categories"
    ]
    assert (len(categories), categories[0], categories[-1]) == (20, "Nov 01", "Nov 20")


@pytest.mark.parametrize(
    ("detector", "before"), [("baseline", "what was expected"), ("day_over_day", "the day before")]
)
def test_what_before_means_is_said(detector: str, before: str) -> None:
    assert f"(before: {before})" in _said(_send(alert(of=spike(detector=detector))))


def test_no_contributors_is_no_table() -> None:
    message = _send(alert(of=spike(contributors=())))
    assert "table" not in [block["type"] for block in message.blocks]
    assert "Mostly" not in message.text


def test_what_is_too_much_is_left_out_from_the_least_useful_and_said() -> None:
    step = Recommendation(action="Look. " * 60, console_path="VPC", cli="aws ec2 describe-vpcs " + "x" * 400)
    full = explanation().model_copy(update={"recommendations": [step] * 5, "prevention": "Do. " * 100})
    message = _send(alert(known=replace(explained(), explanation=full)))
    assert size(message.blocks) <= 11_000
    assert "… shortened, left out: step" in _said(message)
    assert "*1.* Look." in _said(message)
    assert "table" in [block["type"] for block in message.blocks]


def test_the_plain_form_keeps_the_contributors_as_lines() -> None:
    message = plain_message(_send(alert()))
    assert {block["type"] for block in message.blocks} == {"header", "section", "context"}
    assert "EUW1-NatGateway-Bytes" in _said(message)


def test_the_plain_form_of_a_digest_keeps_every_row() -> None:
    alerts = [alert("P3", of=spike(scope=Scope(service=f"Amazon Service {at:02}"))) for at in range(20)]
    message = plain_message(digest_message(alerts, day=DAY, message_key="key"))
    assert all(f"Amazon Service {at:02}" in _said(message) for at in range(20))


def test_a_possible_repeat_is_marked_once_in_text_and_blocks() -> None:
    once = possible_repeat(_send(alert()))
    assert once.text.startswith("(possible repeat) P2 AWS cost spike")
    assert "Possible repeat" in once.blocks[1]["elements"][0]["text"]
    assert possible_repeat(once) == once


def _service(name: str, actual: str, severity: Severity = "P3", **scope: str) -> Alert:
    return alert(severity, of=spike(scope=Scope(service=name, **scope), actual=actual))


def test_a_digest_lists_the_most_severe_and_largest_first() -> None:
    alerts = [_service("small", "510"), _service("large", "900"), _service("severe", "505", "P1")]
    rows = _block(digest_message(alerts, day=DAY, message_key="key"), "table")["rows"]
    assert [row[1]["text"] for row in rows] == ["Service", "severe", "large", "small"]


def test_a_digest_counts_and_sums_what_it_does_not_list() -> None:
    alerts = [_service(f"s{at}", str(600 + at)) for at in range(5)]
    message = digest_message(alerts, day=DAY, message_key="key", shown=3)
    assert "… and 2 more, +$201.00." in _said(message)
    assert _block(message, "header")["text"]["text"] == "🟡 5 AWS cost spikes on 2026-11-20: +$510.00"


def test_a_digest_keeps_currencies_apart() -> None:
    alerts = [_service("S3", "700"), alert("P3", of=spike(scope=Scope(), currency="CNY", actual="600"))]
    title = _block(digest_message(alerts, day=DAY, message_key="key"), "header")["text"]["text"]
    assert title.endswith(": +$200.00 and +CNY 100.00")


def test_a_digest_has_the_worst_severity_and_our_links() -> None:
    links = (Link(label="Dashboard", url="https://airflow.example.com/costspike/"),)
    alerts = [_service("a", "700", "P4"), _service("b", "700", "P2")]
    message = digest_message(alerts, day=DAY, message_key="key", links=links)
    assert message.metadata["event_payload"] == {"message_key": "key", "severity": "P2"}
    assert "<https://airflow.example.com/costspike/|Dashboard>" in _said(message)


def test_an_empty_digest_says_so() -> None:
    message = digest_message([], day=DAY, message_key="key")
    assert message.text == "No AWS cost spikes on 2026-11-20."
    assert message.metadata["event_payload"]["severity"] == "none"
