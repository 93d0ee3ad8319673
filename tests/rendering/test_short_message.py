"""The short message holds all that a reader needs at once, and only true numbers."""

import re
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.spikes import Contributor, Scope
from costspike.rendering.alert_message import alert_message
from costspike.rendering.amounts import to_cents
from costspike.rendering.contributors import contributor_line
from costspike.rendering.message import Message
from costspike.rendering.short_message import folded_message
from tests.rendering.samples import ACCOUNT, CONTRIBUTORS, alert, contributor, spike, unexplained

_DOLLARS = re.compile(r" ([+-]?)\$([\d,]+\.\d\d)(?=;|$)")
_amounts = st.decimals(0, 100_000, places=4)
_parts = st.lists(st.tuples(_amounts, _amounts), min_size=1, max_size=7)


def seen(message: Message) -> str:
    first, second = message.blocks[1], message.blocks[2]
    return "\n".join([first["text"]["text"], *(one["text"] for one in second["fields"])])


def test_it_has_the_increase_both_days_the_contributors_and_the_analysis() -> None:
    short = folded_message(alert("P3"), message_key="key").short
    assert short.blocks[0]["text"]["text"].startswith("🟡 P3 · EC2 - Other +$235 (+47 %) · ")
    text = seen(short)
    for told in (
        "*Likely cause* (AI, medium confidence, data transfer): Traffic through the NAT gateways",
        "EUW1-NatGateway-Bytes · eu-west-1 +$181.20; ",
        "; USE1-EBS:VolumeUsage.gp3 · us-east-1 +$12.70; Everything else +$9.54.",
        "*The day before, 2026-11-19*\n$503.10",
        "*Spike day, 2026-11-20*\n$734.56",
        "*Impact*\n+$234.56 (+47 %)",
        ACCOUNT,
    ):
        assert told in text


def test_without_an_explanation_it_says_why_and_promises_nothing_of_it() -> None:
    one = alert("P3", known=unexplained("P3"), of=spike(contributors=()))
    short = folded_message(one, message_key="key").short
    assert "No AI explanation: " in seen(short)
    promised = short.blocks[-1]["elements"][0]["text"]
    assert promised == "In the Slack thread: why this was flagged, the chart."
    beside = replace(one, spike=replace(one.spike, fallen=(contributor("9", "1", service="S3"),)))
    promised = folded_message(beside, message_key="key").short.blocks[-1]["elements"][0]["text"]
    assert promised == "In the Slack thread: why this was flagged, the chart, what fell on the same day."


def test_the_full_form_is_the_message_that_a_severe_alert_would_be() -> None:
    assert folded_message(alert("P3"), message_key="key").full == alert_message(
        alert("P3"), message_key="key"
    )


def test_one_part_that_is_the_whole_is_not_called_a_part() -> None:
    coarse = (replace(contributor("500", "734.56"), account_id=ACCOUNT, service="EC2 - Other"),)
    assert contributor_line(spike(contributors=coarse)) == ""
    assert contributor_line(spike(contributors=CONTRIBUTORS[:1])).startswith("EUW1-NatGateway-Bytes")
    fine = Scope(account_id=ACCOUNT, service="EC2 - Other", usage_type="USE1-NatGateway-Bytes")
    whole = (contributor("500", "734.56", usage_type="USE1-NatGateway-Bytes"),)
    told = contributor_line(spike(scope=fine, contributors=whole))
    assert told == "EC2 - Other · USE1-NatGateway-Bytes +$234.56", "nothing is finer than that"


@settings(max_examples=50, deadline=None)
@given(_parts)
def test_the_parts_of_the_line_add_up_to_the_impact_to_the_cent(parts: list[tuple[Decimal, Decimal]]) -> None:
    named = tuple(
        Contributor(usage_type=f"U{at}", before=before, after=after, delta=after - before)
        for at, (before, after) in enumerate(parts)
    )
    before, after = (sum(column, Decimal(0)) for column in zip(*parts, strict=True))
    one = spike(
        scope=Scope(account_id=ACCOUNT, service="S3"),
        actual=str(after),
        expected=str(before),
        contributors=named,
    )
    told = [
        Decimal(dollars.replace(",", "")) * (-1 if sign == "-" else 1)
        for sign, dollars in _DOLLARS.findall(contributor_line(one))
    ]
    assert len(told) >= min(3, len(parts))
    assert sum(told) == to_cents(one.impact)
