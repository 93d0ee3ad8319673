"""Verdicts, spending, alerts and the age of data, from both warehouses to a real Prometheus."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.outbox import Outbox
from costspike.adapters.warehouse.spending import Spending
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.deliveries import Delivery
from costspike.domain.spikes import Scope
from tests.prometheus_server import PrometheusServer
from tests.spike_cases import spike
from tests.usecases.publishing import (
    ACCOUNT,
    NOW,
    YESTERDAY,
    Publisher,
    bill,
    days_ago,
    publisher,
    run_of_today,
)
from tests.verdicts import store
from tests.warehouses import change

SCOPE = f'{{scope="account_service", account="{ACCOUNT}", service="Service 0"}}'


def judged(own: Publisher, day: date, *impacts: str) -> list[str]:
    """Store a verdict of a day with spikes of these impacts; return their ids."""
    found = [
        spike(impact=impact, day=day, scope=Scope(account_id=ACCOUNT, service=f"Service {n}"))
        for n, impact in enumerate(impacts)
    ]
    store(SpikeTables(own.database), day, found, detected_at=NOW)
    return [one.spike_id for one in found]


def daily(own: Publisher, name: str, day: date = YESTERDAY, labels: str = SCOPE) -> float | None:
    return own.value(f"last_over_time({name}{labels}[1d])", day)


@pytest.fixture
def own(prometheus: PrometheusServer, database: Database) -> Any:
    with publisher(database, prometheus) as found:
        found.land(bill(10))
        yield found


def test_a_verdict_is_published_and_withdrawn(own: Publisher) -> None:
    judged(own, YESTERDAY, "300")
    own.publish()
    names = ("impact_usd", "expected_usd", "expected_low_usd", "expected_high_usd", "score")
    told = [daily(own, f"costspike_daily_spike_{name}") for name in names]
    assert told == [300, 20, 18, 22, 7.123456789012345]
    judged(own, YESTERDAY)
    own.publish()
    assert daily(own, "costspike_daily_spike_impact_usd") == 0
    assert daily(own, "costspike_daily_spike_score") == 0
    unknown = daily(own, "costspike_daily_spike_expected_usd")
    assert unknown != unknown, "what is expected of no spike is not known"  # noqa: PLR0124
    assert own.publish().samples == 0


def test_incidents_are_open_until_they_are_over(own: Publisher) -> None:
    # The bill that the fixture landed is back at its level after the spike: quiet for four days.
    judged(own, days_ago(6), "300")
    for back in range(5, -1, -1):
        judged(own, days_ago(back))
    own.publish()
    severe = '{severity="P1"}'
    counts = [daily(own, "costspike_daily_open_incidents", days_ago(back), severe) for back in range(8)]
    assert counts == [0, 0, 0, 1, 1, 1, 1, 0]
    assert daily(own, "costspike_daily_open_incidents", labels='{severity="P2"}') == 0


def test_alerts_are_counted_by_what_became_of_them(own: Publisher) -> None:
    sent, failed, _ = judged(own, YESTERDAY, "300", "200", "100")
    outbox = Outbox(own.database)
    for spike_id in (sent, failed):
        claim = outbox.claim(
            Delivery(message_key=spike_id, spike_ids=(spike_id,)),
            claimant="dag/run 1/task/0",
            now=NOW,
            stale_before=NOW - timedelta(minutes=1),
        )
        if spike_id == sent:
            delivery = Delivery(message_key=sent, spike_ids=(sent,))
            outbox.sent(delivery, claim.alert_ids, channel="C1", ts="1.2", message="{}", now=NOW)
        else:
            refusal = "Slack refused with channel_not_found"
            outbox.not_sent(claim, problem=refusal, message="", outcome_known=True)
    own.publish()
    labels = (
        '{result="sent"}',
        '{result="undelivered", reason="channel"}',
        '{result="undelivered", reason="waiting"}',
    )
    assert [daily(own, "costspike_daily_alerts", labels=text) for text in labels] == [1, 1, 1]


def test_spending_is_told_for_the_day_it_was_for(own: Publisher) -> None:
    spending = Spending(own.database)
    spending.add(run_of_today(), "daily", 6)
    spending.add(run_of_today(), "history", 50)
    (spike_id,) = judged(own, days_ago(2), "300")
    columns = "spike_id, prompt_hash, model, facts_hash, x_state, claimed_by, claimed_at, prompt_version, facts, answer"
    more = "severity, model_severity, flags, reason, request_id, input_tokens, output_tokens, usd"
    for model, usd in (("known", "0.25"), ("unpriced", "NULL")):
        change(
            own.database,
            f"INSERT INTO spike_explanations ({columns}, {more}) VALUES ('{spike_id}', 'h', '{model}', 'f', 'answered', "
            f"'c', '2026-01-01', 'v1', '[]', 'a', 'P3', 'P3', '[]', '', '', 1000, 200, {usd})",
        )
    own.publish()
    assert daily(own, "costspike_daily_api_requests", labels='{purpose="daily"}') == 6
    assert daily(own, "costspike_daily_api_spend_usd", labels='{purpose="history"}') == 0.5
    tokens = '{model="known", direction="%s"}'
    assert daily(own, "costspike_daily_claude_tokens", days_ago(2), tokens % "input") == 1000
    assert daily(own, "costspike_daily_claude_tokens", days_ago(2), tokens % "output") == 200
    assert daily(own, "costspike_daily_claude_spend_usd", days_ago(2), '{model="known"}') == 0.25
    unpriced = daily(own, "costspike_daily_claude_spend_usd", days_ago(2), '{model="unpriced"}')
    assert unpriced is None, "an unknown price is not zero"


def test_the_bill_by_charge_type_and_when_a_day_was_read(own: Publisher) -> None:
    own.publish()
    labels = f'{{account="{ACCOUNT}", charge_type="Usage"}}'
    assert daily(own, "costspike_daily_billed_cost_usd", labels=labels) == float(
        Decimal("10.000") + Decimal("20.000")
    )
    assert daily(own, "costspike_daily_read_timestamp_seconds", labels="") == int(NOW.timestamp())
    assert daily(own, "costspike_daily_provisional", labels="") == 0
