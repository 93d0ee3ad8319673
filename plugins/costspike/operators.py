"""The Slack provider's operator, made safe for text that nobody vouches for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.slack.operators.slack import SlackAPIPostOperator
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler


class SpikeAlertOperator(SlackAPIPostOperator):
    """Posts one finished message with ``chat.postMessage``, exactly as it was rendered.

    No field is a template: names from AWS and text from a model are in the message, and Jinja in them would
    run with every connection at hand. slack_sdk may wait when Slack limits the rate, which posts nothing,
    but may not repeat a request whose answer was lost: that posts twice.
    """

    template_fields: Sequence[str] = ()

    def __init__(self, *, payload: Mapping[str, Any], **kwargs: Any) -> None:
        if not payload.get("text"):
            # Without parameters the parent posts its own joke to #general.
            msg = "an alert without a text cannot be sent; expected the payload of chat.postMessage"
            raise ValueError(msg)
        super().__init__(retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=2)], **kwargs)
        self.payload = payload

    def construct_api_call_params(self) -> None:
        """Send what was rendered, and none of the parent's defaults (user name, icon, legacy attachments)."""
        self.api_params = {**self.payload, "unfurl_links": False, "unfurl_media": False}

    def post(self) -> dict[str, Any]:
        """Post the message and return Slack's answer, with ``channel`` and ``ts``."""
        self.construct_api_call_params()
        answer: dict[str, Any] = self.hook.call(self.method, json=self.api_params).data  # type: ignore[assignment]
        return answer
