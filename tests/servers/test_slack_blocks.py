"""What the local Slack takes as a message, and what it refuses."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from demo.servers.slack import SlackServer
from tests.servers.slack_posts import chart, post, refused, section, table


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        pytest.param({"type": "heading"}, "unsupported type: heading", id="unknown type"),
        pytest.param(
            {**section("x"), "colour": "red"}, "invalid additional property: colour", id="unknown key"
        ),
        pytest.param({"type": "header"}, "missing required field: text", id="no text"),
        pytest.param(
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "type plain_text", id="mrkdwn header"
        ),
        pytest.param(
            {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}, "150", id="long header"
        ),
        pytest.param(section("x" * 3001), "1 to 3000", id="long section"),
        pytest.param(section(""), "1 to 3000", id="empty section"),
        pytest.param(
            {"type": "section", "fields": [section("x")["text"]] * 11}, "1 to 10 items", id="fields"
        ),
        pytest.param(
            {"type": "section", "fields": [section("x" * 2001)["text"]]}, "1 to 2000", id="long field"
        ),
        pytest.param(
            {"type": "context", "elements": [section("x")["text"]] * 11}, "1 to 10 items", id="context"
        ),
        pytest.param({"type": "divider", "block_id": "x" * 256}, "255", id="block id"),
        pytest.param({"type": "markdown", "text": "x" * 12_001}, "12000", id="markdown"),
        pytest.param(table(rows=101), "1 to 100 items", id="rows"),
        pytest.param(table(columns=21), "1 to 20 items", id="columns"),
        pytest.param(
            {"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}, "at least 1 char", id="cell"
        ),
        pytest.param(chart(21), "1 to 20", id="points"),
        pytest.param(chart(type="donut"), "line, bar, area or pie", id="chart type"),
        pytest.param(chart(axis_config={"categories": ["day 0"]}), "every category", id="categories"),
        pytest.param({**chart(), "title": "x" * 51}, "1 to 50", id="chart title"),
        pytest.param({"type": "image", "alt_text": "x"}, "exactly one of image_url", id="image"),
    ],
)
def test_blocks_outside_the_limits_are_refused(bot: WebClient, block: dict[str, Any], problem: str) -> None:
    with pytest.raises(SlackApiError) as raised:
        post(bot, blocks=[block])
    assert refused(raised) == "invalid_blocks"
    assert any(problem in message for message in raised.value.response["response_metadata"]["messages"])


def test_blocks_within_the_limits_are_taken(bot: WebClient, slack: SlackServer) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150, "emoji": True}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "x", "verbatim": True}] * 10},
        {"type": "context", "elements": [section("x")["text"]] * 10},
        {"type": "divider", "block_id": "d1"},
        table() | {"column_settings": [{"is_wrapped": True}, {"align": "right"}]},
        chart(20),
        chart(type="area"),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
        {"type": "image", "alt_text": "x", "image_url": "https://example.com/x.png"},
    ]
    post(bot, blocks=blocks)
    assert slack.messages()[0]["blocks"] == blocks


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks", id="51 blocks"),
        pytest.param({"blocks": [chart(), chart(), chart()]}, "invalid_blocks", id="three charts"),
        pytest.param({"blocks": [table(), table()]}, "invalid_attachments", id="two tables"),
        pytest.param({"blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long", id="too much text"),
        pytest.param(
            {"metadata": {"event_type": "e"}}, "invalid_metadata_format", id="metadata without payload"
        ),
        pytest.param({"thread_ts": "1.0"}, "thread_not_found", id="reply to nothing"),
    ],
)
def test_a_message_can_be_refused_as_a_whole(
    bot: WebClient, slack: SlackServer, arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises(SlackApiError) as raised:
        post(bot, **arguments)
    assert refused(raised) == error
    assert slack.messages() == []


def test_a_message_must_say_something(bot: WebClient) -> None:
    with pytest.raises(SlackApiError) as raised:
        bot.api_call("chat.postMessage", json={"channel": "C0COSTS", "text": "", "blocks": []})
    assert refused(raised) == "no_text"


def test_a_very_long_text_is_cut(bot: WebClient, slack: SlackServer) -> None:
    post(bot, "x" * 40_001)
    assert len(slack.messages()[0]["text"]) == 40_000


def test_a_mention_that_would_notify_is_recorded(bot: WebClient, slack: SlackServer) -> None:
    ts = post(bot, "look <!channel>", blocks=[section("<@U123> and <!subteam^S1|team>")])
    plain = {"type": "header", "text": {"type": "plain_text", "text": "<!here>"}}
    post(
        bot,
        "&lt;!channel&gt; @here",
        blocks=[plain, {"type": "table", "rows": [[{"type": "raw_text", "text": "<!here>"}]]}],
    )

    assert [ping.mention for ping in slack.pings] == ["<!channel>", "<@U123>", "<!subteam^S1|team>"]
    assert {ping.ts for ping in slack.pings} == {ts}
