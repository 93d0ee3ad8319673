"""Ways to call the local Slack, and blocks to post there."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from demo.servers.slack import SlackServer

TOKEN = "xoxb-test"
TIMEOUT: Any = 0.3
CHANNELS = {"C0COSTS": "cost-alerts", "C0OTHER": "other"}
METADATA = {"event_type": "costspike_alert", "event_payload": {"spike_key": "k1"}}


def bot_of(slack: SlackServer, token: str = TOKEN) -> WebClient:
    return WebClient(token, base_url=slack.api_url, timeout=TIMEOUT, retry_handlers=[])


def post(bot: WebClient, text: str = "hello", **more: Any) -> str:
    return str(bot.chat_postMessage(channel="C0COSTS", text=text, **more)["ts"])


def history(bot: WebClient, **more: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = bot.conversations_history(channel="C0COSTS", **more)["messages"]
    return messages


def refused(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def chart(points: int = 3, **more: Any) -> dict[str, Any]:
    labels = [f"day {n}" for n in range(points)]
    data = [{"label": label, "value": 1.5} for label in labels]
    parts = {
        "type": "line",
        "series": [{"name": "Actual", "data": data}],
        "axis_config": {"categories": labels},
    }
    return {"type": "data_visualization", "title": "Cost", "chart": parts | more}


def table(rows: int = 2, columns: int = 3) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}
