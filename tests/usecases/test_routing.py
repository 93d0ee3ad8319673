"""Alerts in other channels: where they are to go, and exactly once where that channel does not take them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest

from costspike.domain.errors import UpstreamError
from costspike.domain.routes import Route
from demo.servers.slack_store import Channel
from tests.usecases.pipeline import PROD, YESTERDAY, Pipeline, steady_world, with_settings

Over = Callable[..., Pipeline]
TEAM = "C0TEAM"


@pytest.fixture
def day(over: Over) -> Callable[..., Pipeline]:
    def make(*routes: Route, **alerts: Any) -> Pipeline:
        own = {"channel": "C0COSTS", "routes": routes} | alerts
        settings = with_settings(alerts=own, reading={"history_months": 1})
        spikes = {(YESTERDAY, "S3"): "320", (YESTERDAY, "EC2"): "900"}
        made = over(steady_world(spikes=spikes), settings=settings)
        made.slack_server.store.channels[TEAM] = Channel(id=TEAM, name="team")
        made.land()
        return made

    return make


def everywhere(day: Pipeline) -> list[tuple[str, Mapping[str, Any]]]:
    return [(key, one) for key in ("C0COSTS", TEAM) for one in day.slack_server.messages(key)]


def named(day: Pipeline) -> list[tuple[str, str]]:
    """Return channel and service of every message."""
    found = everywhere(day)
    return [
        (key, "S3" if ": S3" in one["text"] else "EC2" if ": EC2" in one["text"] else "?")
        for key, one in found
    ]


def s3_to(channel: str, **about: Any) -> Route:
    return Route(account=PROD, service="S3", channel=channel, **about)


def s3_item(day: Pipeline) -> dict[str, Any]:
    return next(item for item in day.detect() if "S3" in item["label"])


@pytest.mark.parametrize("channel", [TEAM, "#team"])
def test_an_alert_goes_where_its_route_says(day: Callable[..., Pipeline], channel: str) -> None:
    made = day(s3_to(channel))
    for _ in range(2):
        for item in made.detect():
            made.send(item)
    assert named(made) == [("C0COSTS", "EC2"), (TEAM, "S3")]


def test_owners_are_called_and_nobody_else(day: Callable[..., Pipeline]) -> None:
    made = day(s3_to(TEAM, mention=("U024BE7LH", "S0614TZR7")))
    for item in made.detect():
        made.send(item)
    pings = [(ping.channel, ping.mention) for ping in made.slack_server.pings]
    assert sorted(pings) == [(TEAM, "<!subteam^S0614TZR7>"), (TEAM, "<@U024BE7LH>")]


@pytest.mark.parametrize(
    ("channel", "code"),
    [("#gone", "channel_not_found"), ("C0GONE", "channel_not_found"), (TEAM, "is_archived")],
)
def test_a_channel_that_takes_nothing_is_told_of_and_the_alert_is_in_the_default_one(
    day: Callable[..., Pipeline], channel: str, code: str
) -> None:
    made = day(s3_to(channel))
    if code == "is_archived":
        made.slack_server.faults.push("error", method="chat.postMessage", error=code)
    item = s3_item(made)
    with pytest.raises(UpstreamError, match=rf"{channel} of alerts.routes does not take it.*{code}") as told:
        made.send(item)
    assert not told.value.retryable
    assert named(made) == [("C0COSTS", "S3")]
    message = everywhere(made)[0][1]
    assert message["text"].startswith(f"(meant for {channel}) P1")
    assert code in message["blocks"][1]["elements"][0]["text"]
    assert made.send(item)["state"] == "already_sent", "cleared, the task is green"
    assert len(everywhere(made)) == 1
    assert made.rows("SELECT channel, x_state FROM spike_alerts WHERE posted_channel <> ''") == [
        ("C0COSTS", "sent")
    ]


@pytest.mark.parametrize("fault", ["answer_lost", "posted_then_hang", "reset", "500"])
def test_an_answer_that_was_lost_in_the_default_channel_is_found_there(
    day: Callable[..., Pipeline], fault: str
) -> None:
    made = day(s3_to(TEAM))
    made.slack_server.faults.push("error", method="chat.postMessage", error="not_in_channel")
    made.slack_server.faults.push(fault, method="chat.postMessage", seconds=3)
    item = s3_item(made)
    with pytest.raises(UpstreamError) as lost:
        made.send(item)
    assert lost.value.retryable
    made.send(item)
    assert named(made) == [("C0COSTS", "S3")]


def test_an_answer_that_was_lost_in_its_own_channel_is_not_posted_to_the_default_one(
    day: Callable[..., Pipeline],
) -> None:
    made = day(s3_to(TEAM))
    made.slack_server.faults.push("answer_lost", method="chat.postMessage")
    item = s3_item(made)
    with pytest.raises(UpstreamError):
        made.send(item)
    assert made.send(item)["state"] == "already_sent"
    assert named(made) == [(TEAM, "S3")]


class Killed:
    """A sender whose process dies before or after one of its posts."""

    can_find = True

    def __init__(self, sender: Any, *, at: int, after: bool) -> None:
        self._sender, self._left, self._after = sender, at, after

    def post(self, channel: str, message: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KeyboardInterrupt
        try:
            return self._sender.post(channel, message)
        finally:
            if self._left == 0:
                raise KeyboardInterrupt  # the process is gone, whatever Slack said

    def find(self, *about: Any) -> Any:
        return self._sender.find(*about)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_point_neither_loses_nor_doubles(
    day: Callable[..., Pipeline], at: int, after: bool
) -> None:
    made = day(s3_to("C0GONE"))
    item = s3_item(made)
    with pytest.raises(KeyboardInterrupt):
        made.send(item, sender=Killed(made.sender, at=at, after=after))  # type: ignore[arg-type]
    with suppress(UpstreamError):  # red where it was the one to go to the default channel
        made.send(item)
    assert named(made) == [("C0COSTS", "S3")]
    assert made.send(item)["state"] == "already_sent"


def test_each_channel_has_a_digest_of_its_own(day: Callable[..., Pipeline]) -> None:
    made = day(s3_to(TEAM), max_items=1)
    made.settings = with_settings(made.settings, severity={"p1_impact": 10**6, "p1_share_impact": 10**6})
    for item in made.detect():
        made.send(item)
    told = [(key, one.get("thread_ts", one["ts"]) != one["ts"]) for key, one in everywhere(made)]
    assert sorted(key for key, is_answer in told if not is_answer) == ["C0COSTS", TEAM]
    assert len({key for key, is_answer in told if is_answer}) == 1, "details are where their digest is"


def test_a_webhook_has_its_own_channel(day: Callable[..., Pipeline]) -> None:
    made = day(s3_to("C0GONE"))

    class Webhook:
        can_find = False
        posted: tuple[str, ...] = ()

        def post(self, channel: str, _: Any) -> Any:
            self.posted += (channel,)
            msg = "no"
            raise UpstreamError(
                msg, system="Slack", reason="bad_request", retryable=False, code="is_archived"
            )

    hook = Webhook()
    with pytest.raises(UpstreamError, match="no"):
        made.send(s3_item(made), sender=hook)  # type: ignore[arg-type]
    assert hook.posted == ("C0GONE",)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_never_takes_leave_the_text(day: Callable[..., Pipeline], code: str) -> None:
    made = day()
    for _ in range(2):
        made.slack_server.faults.push("error", method="chat.postMessage", error=code)
    item = s3_item(made)
    made.send(item)
    ((_, message),) = everywhere(made)
    assert not message.get("blocks")
    assert message["text"].startswith("P1 AWS cost spike: S3")
    assert made.send(item)["state"] == "already_sent"
