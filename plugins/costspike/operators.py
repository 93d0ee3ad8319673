"""The Slack provider's operator, made safe for text that nobody vouches for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from airflow.providers.slack.operators.slack import SlackAPIPostOperator
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState


class ShortRateLimitHandler(RetryHandler):
    """Waits out a rate limit once, if Slack asks for no more than ``longest_seconds``.

    slack_sdk's own handler waits however long Slack asks for, an hour too, and holds the worker's slot.
    """

    def __init__(self, longest_seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(max_retry_count=1)
        self._longest = longest_seconds
        self._sleep = sleep

    def _can_retry(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - as the base
        request: HttpRequest,  # noqa: ARG002 - as the base
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002 - as the base
    ) -> bool:
        limited = response is not None and response.status_code == HTTPStatus.TOO_MANY_REQUESTS
        return limited and _retry_after(response) <= self._longest

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002 - as the base
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002 - as the base
    ) -> None:
        """Wait for as long as Slack asks for, and try again."""
        self._sleep(_retry_after(response))
        state.next_attempt_requested = True
        state.increment_current_attempt()


class SpikeAlertOperator(SlackAPIPostOperator):
    """Posts one finished message with ``chat.postMessage``, exactly as it was rendered.

    No field is a template: names from AWS and text from a model are in the message, and Jinja in them would
    run with every connection at hand. slack_sdk may wait when Slack limits the rate, which posts nothing,
    but may not repeat a request whose answer was lost: that posts twice.
    """

    template_fields: Sequence[str] = ()

    def __init__(self, *, payload: Mapping[str, Any], timeout: int, **kwargs: Any) -> None:
        if not payload.get("text"):
            # Without parameters the parent posts its own joke to #general.
            msg = "an alert without a text cannot be sent; expected the payload of chat.postMessage"
            raise ValueError(msg)
        super().__init__(timeout=timeout, retry_handlers=[ShortRateLimitHandler(timeout)], **kwargs)
        self.payload = payload

    def construct_api_call_params(self) -> None:
        """Send what was rendered, and none of the parent's defaults (user name, icon, legacy attachments)."""
        self.api_params = {**self.payload, "unfurl_links": False, "unfurl_media": False}

    def post(self) -> dict[str, Any]:
        """Post the message and return Slack's answer, with ``channel`` and ``ts``."""
        self.construct_api_call_params()
        answer: dict[str, Any] = self.hook.call(self.method, json=self.api_params).data  # type: ignore[assignment]
        return answer


def _retry_after(response: HttpResponse | None) -> float:
    """Return the seconds that Slack asks to wait; one where it does not say, or not in seconds."""
    headers = response.headers if response is not None else {}
    found = next((values for name, values in headers.items() if name.lower() == "retry-after"), None)
    text = found[0] if isinstance(found, list) and found else found
    return float(text) if isinstance(text, str) and text.isdecimal() else 1.0
