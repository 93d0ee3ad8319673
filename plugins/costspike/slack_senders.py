"""Which way to Slack a deployment has, from its Airflow connections."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from costspike.connections import find_connection
from costspike.domain.errors import UpstreamError
from costspike.rendering.message import EVENT_TYPE, Message
from costspike.usecases.self_test import Identity
from costspike.usecases.sender import Posted

if TYPE_CHECKING:
    from costspike.adapters.slack import SlackChannels, SlackWebhook
    from costspike.settings import Settings

log = logging.getLogger(__name__)

# Where Slack says what a token may do; a header of every answer.
_SCOPES = "x-oauth-scopes"


def sender_for(settings: Settings) -> ApiSender | WebhookSender | None:
    """Return the bot token's way, else the webhook's, None where there is neither connection."""
    own, seconds = settings.connections, settings.alerts.timeout_seconds
    if find_connection(own.slack_api):
        return ApiSender(_channels(own.slack_api, seconds))
    if find_connection(own.slack_webhook):
        log.warning("Sending through the webhook %r: at least once, and without threads.", own.slack_webhook)
        return WebhookSender(_webhook(own.slack_webhook, seconds))
    return None


class ApiSender:
    """Messages over a bot token."""

    can_find = True

    def __init__(self, channels: SlackChannels) -> None:
        self._channels = channels

    def post(self, channel: str, message: Message) -> Posted:
        """Post a message."""
        return Posted(**_where(self._channels.post(channel, payload(message))))

    def find(self, channel: str, message_key: str, since: datetime) -> Posted | None:
        """Return where a message is, None if it is not there."""
        found = self._channels.find(channel, EVENT_TYPE, message_key, since)
        return Posted(**_where(found)) if found else None

    def reply(self, thread: Posted, message: Message) -> Posted:
        """Post an answer to a message."""
        answer = payload(message) | {"thread_ts": thread.ts}
        return Posted(**_where(self._channels.post(thread.channel, answer)))

    def find_reply(self, thread: Posted, message_key: str, since: datetime) -> Posted | None:
        """Return where an answer is, None if it is not in the thread."""
        found = self._channels.find(thread.channel, EVENT_TYPE, message_key, since, thread_ts=thread.ts)
        return Posted(**_where(found)) if found else None

    def update(self, posted: Posted, message: Message) -> None:
        """Replace what a message says."""
        self._channels.update(posted.channel, posted.ts, payload(message))

    def identity(self) -> Identity:
        """Return whom the token belongs to and, where Slack says so, what it may do."""
        answer = self._channels.ask("auth.test")
        scopes = answer.get(_SCOPES)
        return Identity(
            team=str(answer.get("team", "")),
            bot=str(answer.get("user", "")),
            scopes=frozenset(scopes.replace(" ", "").split(",")) if scopes else None,
        )


class WebhookSender:
    """Messages over an incoming webhook, which has no threads: an answer is a message of its own."""

    can_find = False

    def __init__(self, webhook: SlackWebhook) -> None:
        self._webhook = webhook

    def post(self, channel: str, message: Message) -> Posted:
        """Post a message."""
        return Posted(**_where(self._webhook.post(channel, payload(message))))

    def find(self, channel: str, message_key: str, since: datetime) -> Posted | None:  # noqa: ARG002 - it cannot
        """Return None: a webhook finds nothing."""
        return None

    def reply(self, thread: Posted, message: Message) -> Posted:
        """Post a message of its own."""
        return self.post(thread.channel, message)

    def find_reply(self, thread: Posted, message_key: str, since: datetime) -> Posted | None:  # noqa: ARG002 - it cannot
        """Return None: a webhook finds nothing."""
        return None

    def update(self, posted: Posted, message: Message) -> None:
        """Do nothing: a webhook cannot change what it posted."""

    def identity(self) -> None:
        """Return None: a webhook has no token."""


def payload(message: Message) -> dict[str, Any]:
    """Return a message as chat.postMessage takes it in a JSON body."""
    blocks = {"blocks": message.blocks} if message.blocks else {}
    return {"text": message.text, **blocks, "metadata": message.metadata}


def _channels(conn_id: str, timeout_seconds: int) -> SlackChannels:
    from airflow.providers.slack.hooks.slack import SlackHook

    from costspike.adapters.slack import SlackChannels
    from costspike.operators import ShortRateLimitHandler, SpikeAlertOperator

    def post(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        operator = SpikeAlertOperator(
            task_id="post", slack_conn_id=conn_id, timeout=timeout_seconds, payload=parameters
        )
        with _naming_connection(conn_id):
            return operator.post()

    hook = SlackHook(
        slack_conn_id=conn_id,
        timeout=timeout_seconds,
        retry_handlers=[ShortRateLimitHandler(timeout_seconds)],
    )

    def call(method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        with _naming_connection(conn_id):
            return _answer(hook.call(method, http_verb="GET", params=_as_text(parameters)))

    def change(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        with _naming_connection(conn_id):
            return _answer(hook.call("chat.update", json=dict(parameters)))

    return SlackChannels(post, call, change, conn_id=conn_id)


def _webhook(conn_id: str, timeout_seconds: int) -> SlackWebhook:
    from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook

    from costspike.adapters.slack import SlackWebhook
    from costspike.operators import ShortRateLimitHandler

    hook = SlackWebhookHook(
        slack_webhook_conn_id=conn_id,
        timeout=timeout_seconds,
        retry_handlers=[ShortRateLimitHandler(timeout_seconds)],
    )

    def send(body: Mapping[str, Any]) -> None:
        with _naming_connection(conn_id):
            hook.send_dict({**body, "unfurl_links": False, "unfurl_media": False})

    return SlackWebhook(send, conn_id=conn_id)


def _answer(response: Any) -> dict[str, Any]:
    """Return an answer with the scopes that its header names."""
    headers = {str(name).lower(): value for name, value in (response.headers or {}).items()}
    return {**response.data, _SCOPES: str(headers.get(_SCOPES) or "")}


@contextmanager
def _naming_connection(conn_id: str) -> Iterator[None]:
    """Turn what Airflow says of a connection without a token into an error that does not ask for another try."""
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        yield
    except AirflowNotFoundException as error:
        msg = f"the connection {conn_id!r} for Slack cannot be used: {error} Correct it under Admin > Connections."
        raise UpstreamError(msg, system="Slack", reason="auth", retryable=False) from error


def _where(found: tuple[str, str]) -> dict[str, str]:
    return {"channel": found[0], "ts": found[1]}


def _as_text(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return query parameters as Slack reads them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in parameters.items()
    }
