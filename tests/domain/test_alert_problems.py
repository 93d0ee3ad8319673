"""The words for undelivered alerts fit the texts that the sender and the Slack adapter really write."""

import pytest
from slack_sdk.errors import SlackApiError

from costspike.adapters.slack import SlackChannels
from costspike.domain.alert_problems import problem_reason
from costspike.domain.errors import UpstreamError


class Answer(dict):
    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(error=code)
        self.status_code, self.data = status, {"error": code} if code else ""
        self.headers: dict[str, str] = {}


def slack_says(error: Exception) -> str:
    def post(_: object) -> dict:
        raise error

    with pytest.raises(UpstreamError) as caught:
        SlackChannels(post, lambda *_: {}, post, conn_id="slack_api_default").post("C1", {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (SlackApiError("x", Answer(200, "channel_not_found")), "channel"),
        (SlackApiError("x", Answer(200, "invalid_auth")), "auth"),
        (SlackApiError("x", Answer(200, "missing_scope")), "auth"),
        (SlackApiError("x", Answer(429)), "rate_limited"),
        (SlackApiError("x", Answer(200, "msg_too_long")), "refused"),
        (SlackApiError("x", Answer(404)), "refused"),
        (SlackApiError("x", Answer(503)), "unknown_outcome"),
        (TimeoutError("slow"), "unknown_outcome"),
        (ConnectionRefusedError("down"), "unavailable"),
    ],
)
def test_what_slack_says_has_its_word(error: Exception, word: str) -> None:
    assert problem_reason(slack_says(error)) == word


def test_what_nobody_tried_is_waiting_and_the_rest_is_unknown() -> None:
    assert problem_reason("") == "waiting"
    assert problem_reason("there is no Slack connection") == "no_connection"
    assert problem_reason("the newest verdict does not hold the spike any more") == "withdrawn"
    assert problem_reason("something else") == "unknown"
