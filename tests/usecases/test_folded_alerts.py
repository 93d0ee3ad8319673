"""What is short or in a digest, with its details in the thread: once each, whatever fails in between."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from costspike.adapters.warehouse.health import HealthTables
from costspike.domain.deliveries import WAITS_FOR_DIGEST
from costspike.domain.errors import UpstreamError
from costspike.usecases.sender import Posted
from tests.usecases.pipeline import DEV, PROD, YESTERDAY, Pipeline, steady_world, with_settings
from tests.usecases.timeline import Timeline, begin, short

Over = Callable[..., Pipeline]
# In this world 70 a day for S3 is a P3, 45 a P4, 320 a P1.
MINOR: dict[str, Any] = {"severity": {"p3_impact": 40, "p3_share_percent": 100}}


@pytest.fixture
def day(over: Over) -> Callable[..., Pipeline]:
    def make(s3: str = "70", **alerts: Any) -> Pipeline:
        own = {"channel": "C0COSTS"} | alerts
        spikes = {(YESTERDAY, "S3"): s3, (YESTERDAY, "EC2"): "900"} if alerts else {(YESTERDAY, "S3"): s3}
        made = over(
            steady_world(spikes=spikes),
            settings=with_settings(alerts=own, reading={"history_months": 1}, **MINOR),
        )
        made.land()
        return made

    return make


def parents(day: Pipeline) -> list[Mapping[str, Any]]:
    return [one for one in day.messages if one.get("thread_ts", one["ts"]) == one["ts"]]


def answers(day: Pipeline) -> list[Mapping[str, Any]]:
    return [one for one in day.messages if one not in parents(day)]


def kinds(message: Mapping[str, Any]) -> set[str]:
    return {block["type"] for block in message["blocks"]}


def test_a_minor_alert_is_short_and_the_rest_is_in_its_thread(day: Callable[..., Pipeline]) -> None:
    made = day()
    for _ in range(2):
        (item,) = made.detect()
        made.send(item)
    ((first,), (details,)) = parents(made), answers(made)
    assert kinds(first) == {"header", "section", "context"}
    assert "In the Slack thread: why this was flagged" in first["blocks"][-1]["elements"][0]["text"]
    assert details["text"] == f"Details of the P3 spike of S3, production ({PROD}), on {YESTERDAY} (+$50.00)."
    assert {"data_visualization", "table"} <= kinds(details)
    assert details["thread_ts"] == first["ts"]
    assert made.rows("SELECT notify_reason, x_state FROM spike_alerts ORDER BY x_created_at") == [
        ("first_notification", "sent"),
        ("details", "sent"),
    ]


def test_every_message_links_to_the_dashboard_of_what_it_is_about(day: Callable[..., Pipeline]) -> None:
    address = "https://grafana.example.com/d/1?var-account={account}&var-service={service}"
    made = day("70", least_own_severity="P2", dashboard_url=address)
    for item in made.detect():
        made.send(item)
    linked = [
        re.findall(r"<https://grafana[^|>]*[?]([^|>]*)[|]Dashboard>", str(one["blocks"]))
        for one in made.messages
    ]
    ec2, s3 = (f"var-account={PROD}&amp;var-service={name}" for name in ("EC2", "S3"))
    assert linked == [[ec2], ["var-account=&amp;var-service="], [s3]], "a full one, the digest, its details"


def test_a_severe_alert_is_full(day: Callable[..., Pipeline]) -> None:
    made = day("320")
    (item,) = made.detect()
    made.send(item)
    assert [kinds(one) >= {"data_visualization", "table"} for one in made.messages] == [True]


@pytest.mark.parametrize("fault", ["answer_lost", "reset", "500"])
def test_details_that_failed_are_seen_through_by_the_next_try(
    day: Callable[..., Pipeline], fault: str
) -> None:
    made = day()
    (item,) = made.detect()
    made.slack_server.faults.push("none", method="chat.postMessage")
    made.slack_server.faults.push(fault, method="chat.postMessage")
    with pytest.raises(UpstreamError):
        made.send(item)
    assert made.send(item)["state"] == "already_sent"
    assert (len(parents(made)), len(answers(made))) == (1, 1)


def test_details_that_a_dead_task_left_are_sent_by_the_next_run(day: Callable[..., Pipeline]) -> None:
    made = day()
    (item,) = made.detect()
    post = made.sender.post  # type: ignore[union-attr]

    class Dies:
        can_find = True

        def post(self, channel: str, message: Any) -> Posted:
            return post(channel, message)

        def reply(self, *_: Any) -> Posted:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.send(item, sender=Dies())  # type: ignore[arg-type]
    assert answers(made) == []
    made.clock.pass_by(hours=1)
    again = made.detect(made.run(run_id="another"))
    assert [one["label"].split(":")[0] for one in again] == [f"{PROD} S3 +$50.00", "details"]
    for one in again:
        made.send(one, made.run(run_id="another"))
    assert (len(parents(made)), len(answers(made))) == (1, 1)
    assert len(made.detect()) == 1


def test_a_webhook_gets_all_of_it_at_once(day: Callable[..., Pipeline]) -> None:
    made = day()
    posted = []

    class Webhook:
        can_find = False

        def post(self, _: str, message: Any) -> Posted:
            posted.append(message)
            return Posted(channel="", ts="")

    (item,) = made.detect()
    made.send(item, sender=Webhook())  # type: ignore[arg-type]
    assert [{block["type"] for block in one.blocks} >= {"table"} for one in posted] == [True]


def test_a_digest_has_the_details_of_each_in_its_thread(day: Callable[..., Pipeline]) -> None:
    made = day("320", max_items=1)
    for _ in range(2):
        for item in made.detect():
            made.send(item)
    (own, digest) = parents(made)
    assert "EC2" in own["text"]
    assert digest["blocks"][0]["text"]["text"].startswith("🔴 1 AWS cost spike on")
    ((details,),) = [answers(made)]
    assert (details["thread_ts"], details["text"][:29]) == (digest["ts"], "Details of the P1 spike of S3")


def test_what_is_minor_is_in_the_digest_only(day: Callable[..., Pipeline]) -> None:
    made = day("70", least_own_severity="P2")
    items = made.detect()
    assert [item["message_key"].startswith("digest-") for item in items] == [False, True]
    assert [item["explain"] for item in items] == [True, False]
    for item in items:
        made.send(item)
    assert [("AWS cost spike on" in one["text"]) for one in parents(made)] == [False, True]


def weekly(over: Over, **alerts: Any) -> Timeline:
    own = {"channel": "C0COSTS", "least_own_severity": "P2", "weekly_digest": "monday"} | alerts
    return begin(over, sections={"alerts": own, "reading": {"history_months": 2}, **MINOR})


def waiting(line: Timeline) -> int:
    return len(line.pipeline.rows(f"SELECT 1 FROM spike_alerts WHERE problem = '{WAITS_FOR_DIGEST}'"))


def pass_to(line: Timeline, weekday: int) -> None:
    """Let days pass until the run of the next day is on a weekday (Monday is 0)."""
    while (line.pipeline.clock().weekday() + 1) % 7 != weekday:
        line.pass_day(run=False)


def test_the_digest_of_the_week_is_told_once_on_its_day(over: Over) -> None:
    line = weekly(over)
    pass_to(line, 1)
    severe = {(DEV, "EC2"): "530"}
    told = [line.pass_day(costs) for costs in ("70", "20", severe, "20", "20", "20")]
    assert [len(texts) for texts in told] == [0, 0, 1, 0, 0, 0], "what is severe does not wait"
    monday = line.pass_day("20")
    assert [text for text in monday if "AWS cost spike on" in text] != [], "the digest"
    assert len([text for text in monday if text.startswith("↳ Details")]) == 1
    line.pipeline.whole_day(line.run())
    assert line.news() == []
    week = [text for _ in range(7) for text in line.pass_day("20")]
    assert not any("AWS cost spike" in text for text in week), "a week without anything minor has no digest"


def test_a_monday_without_a_run_is_made_up_for(over: Over) -> None:
    line = weekly(over)
    pass_to(line, 5)
    assert line.pass_day("70") == []
    line.pass_day("20", run=False)
    line.pass_day("20", run=False)
    assert waiting(line) == 1
    made = line.pipeline
    made.land(line.run())
    made.detect(line.run())
    assert waiting(line) == 0, "what is due and does not go out is undelivered"
    texts = line.pass_day("20")
    assert short([text for text in texts if not text.startswith("↳")]) != []


def test_a_worse_grade_does_not_wait_for_the_week(over: Over) -> None:
    line = weekly(over)
    pass_to(line, 1)
    assert line.pass_day("70") == []
    assert line.pipeline.rows("SELECT x_state, problem FROM spike_alerts") == [("pending", WAITS_FOR_DIGEST)]
    health = HealthTables(line.pipeline.database).figures(
        alerts_since=line.day(0), spent_since=line.pipeline.clock()
    )
    assert health.undelivered == 0, "what waits is not undelivered"
    (text,) = line.pass_day("900")
    assert text.startswith("P1 AWS cost spike: S3")
    assert line.pipeline.messages[0]["blocks"][1]["text"]["text"].startswith("*Ongoing*: 2 days")
