"""What looks like a secret does not leave the process in an error's text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.secrets import without_secrets

KEY = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEF0123456789", min_size=12, max_size=40)
# Built here, so that no scanner takes the test for a leak.
FORMS = [
    pytest.param("xox" + "b-1-{}", id="bot token"),
    pytest.param("xox" + "e.xoxp-1-{}", id="rotated token"),
    pytest.param("xapp-1-{}", id="app token"),
    pytest.param("sk-ant-{}", id="Anthropic"),
    pytest.param("https://hooks.slack.com/services/T0/B0/{}", id="webhook"),
    pytest.param("postgresql://costspike:{}@db.internal/costs", id="address"),
    pytest.param("connection failed: password={} host=db", id="conninfo"),
    pytest.param('{{"api_key": "{}"}}', id="JSON"),
    pytest.param("Authorization: Bearer {}", id="header"),
    pytest.param("aws_secret_access_key = '{}'", id="AWS"),
    pytest.param("https://x.logic.azure.com/run?api-version=1&sig={}&x=1", id="signed address"),
    pytest.param("routing_key: {}", id="PagerDuty"),
]


@pytest.mark.parametrize("form", FORMS)
@given(secret=KEY)
def test_a_secret_is_taken_out(form: str, secret: str) -> None:
    told = without_secrets(f"land_costs: {form.format(secret)} and so on")
    assert secret not in told
    assert told.startswith("land_costs: ")
    assert "***" in told


def test_an_access_key_id_is_taken_out() -> None:
    assert "ABCDEFGH1234" not in without_secrets("the key " + "AKIA" + "ABCDEFGH1234 is unknown")


@pytest.mark.parametrize(
    "text",
    [
        "Cost Explorer denied ce:GetCostAndUsage for the connection 'aws_default'. Grant the action.",
        "reconciles does not hold for 2026-11-23: the groups sum to 1,234.56, the total is 1,300.00",
        "the DuckDB warehouse stayed locked for 60 s",
        "Slack refused with invalid_auth through the connection 'slack_api_default'.",
        "see https://docs.slack.dev/reference/methods/chat.postMessage",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    once = without_secrets(text)
    assert isinstance(once, str)
