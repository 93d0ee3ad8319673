"""The message about costs that fell: true words, hostile names harmless, and never too long for Slack."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.drops import Drop
from costspike.domain.spikes import Scope
from costspike.rendering import slack_limits
from costspike.rendering.drops_message import drops_message
from costspike.rendering.fitting import fits

DAY = date(2026, 11, 20)


def drop(
    service: str = "AmazonS3", account: str = "111111111111", cost: str = "1.5", lowest: str = "90"
) -> Drop:
    return Drop(
        day=DAY,
        scope=Scope(account_id=account, service=service),
        billing_currency="USD",
        actual_cost=Decimal(cost),
        expected_cost=Decimal(100),
        expected_low=Decimal(90),
        lowest_cost=Decimal(lowest),
        gates=(),
    )


def test_it_says_what_fell_and_calls_it_no_spike() -> None:
    message = drops_message(
        [drop(), drop("", "")], day=DAY, account_names={"111111111111": "production"}, message_key="k"
    )
    assert message.text == (
        "📉 AWS costs fell on 2026-11-20: $197.00 less than expected. "
        "AmazonS3, production (111111111111): $1.50 instead of $100.00 (lowest day of the two months before: $90.00); "
        "All services, all accounts: $1.50 instead of $100.00 (lowest day of the two months before: $90.00)."
    )
    assert "no spike" in str(message.blocks[-1])
    assert message.metadata["event_payload"] == {"message_key": "k", "severity": "none"}


@settings(max_examples=20, deadline=None)
@given(
    name=st.sampled_from(
        ["<!channel>", "`x`", "{{ conn.x.password }}", "<https://evil|ok>", "a" * 3000, "&" * 500]
    ),
    count=st.integers(1, 60),
)
def test_no_name_is_obeyed_and_any_number_of_drops_fits(name: str, count: int) -> None:
    message = drops_message(
        [drop(name) for _ in range(count)], day=DAY, account_names={"111111111111": name}, message_key="k"
    )
    shown = message.text + str(message.blocks)
    assert not any(opening in shown for opening in ("<!", "<http", "{{ conn", "`"))
    assert fits(message.blocks)
    assert len(message.text) <= slack_limits.FALLBACK_TEXT
    assert ("more, together" in shown) == (count > 10)
