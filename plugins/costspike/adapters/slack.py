"""Slack: posting once, and finding out whether a message is there.

What costs alerts in the wild: a connection that breaks after Slack took the message. slack_sdk's default
would post again. Here such an outcome is unknown until the channel's history was read.
"""

from __future__ import annotations

import http.client
import json
import logging
import re
import socket
import urllib.error
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from costspike.domain.credential_refusals import REFUSED_TOKEN
from costspike.domain.errors import Reason, UpstreamError

log = logging.getLogger(__name__)

Call = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
Write = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_AUTH = REFUSED_TOKEN | {
    "missing_scope",
    "no_permission",
    "ekm_access_denied",
    "team_access_not_granted",
}
_ADVICE = {
    "channel_not_found": "Set alerts.channel to a channel's id, and invite the app to it.",
    "not_in_channel": "Invite the app to the channel of alerts.channel.",
    "is_archived": "Set alerts.channel to a channel that is not archived.",
    "missing_scope": "Give the app the scopes chat:write and channels:history (groups:history for private channels).",
}
# Errors that Slack's own page says are worth another try: https://docs.slack.dev/reference/methods/chat.postMessage
_TRANSIENT = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
_CODE = re.compile(r"[a-z0-9_]+")
_WEBHOOK_CODE = re.compile(r"Response body: '?([a-z0-9_]+)'?[,.]")
_PAGE = 200
_MOST_PAGES = 50


class SlackChannels:
    """The bot-token way: posts, and can find what was posted.

    Args:
        post: sends the payload of chat.postMessage through the Slack provider's operator.
        call: calls a reading method of the Web API through the Slack provider's hook.
        change: sends the payload of chat.update through that hook.
        conn_id: the connection, named in errors.
    """

    can_find = True

    def __init__(self, post: Write, call: Call, change: Write, *, conn_id: str) -> None:
        self._post = post
        self._call = call
        self._change = change
        self._conn_id = conn_id

    def post(self, channel: str, payload: Mapping[str, Any]) -> tuple[str, str]:
        """Post a message; return Slack's id of the channel and the message's ts."""
        answer = self._guarded(lambda: self._post({"channel": channel, **payload}), posting=True)
        if not answer.get("ts"):
            msg = f"Slack's answer has no ts (it has {sorted(answer)}); {_LOOKED_FOR}"
            raise _error(msg, "unknown_outcome", retryable=True)
        return str(answer.get("channel", channel)), str(answer["ts"])

    def update(self, channel_id: str, ts: str, payload: Mapping[str, Any]) -> None:
        """Replace what a message says. It may be repeated at will: the same again changes nothing."""
        whole = {"channel": channel_id, "ts": ts, **payload}
        self._guarded(lambda: self._change(whole), posting=False)

    def find(
        self, channel: str, event_type: str, message_key: str, since: datetime, *, thread_ts: str = ""
    ) -> tuple[str, str] | None:
        """Return channel id and ts of the message with a key, None if it is not in the channel since then.

        History does not hold the replies of a thread; with ``thread_ts`` that thread is looked through.
        """
        channel_id = self._channel_id(channel)
        wanted = {
            "channel": channel_id,
            "oldest": f"{since.timestamp():.6f}",
            "limit": _PAGE,
            "include_all_metadata": True,
            **({"ts": thread_ts} if thread_ts else {}),
        }
        method = "conversations.replies" if thread_ts else "conversations.history"
        for answer in self._pages(method, wanted):
            for message in answer.get("messages", ()):
                meta = message.get("metadata") or {}
                payload = meta.get("event_payload") or {}
                if meta.get("event_type") == event_type and payload.get("message_key") == message_key:
                    return channel_id, str(message["ts"])
        return None

    def ask(self, method: str) -> Mapping[str, Any]:
        """Return the answer of a method that changes nothing and takes nothing, such as ``auth.test``."""
        return self._guarded(partial(self._call, method, {}), posting=False)

    def _channel_id(self, channel: str) -> str:
        """Return the id of a channel, the name itself where Slack does not tell: history says what it thinks of it."""
        name = channel.removeprefix("#")
        if name == channel and channel[:1] in "CDG" and channel.isupper():
            return channel
        types = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": _PAGE}
        try:
            for answer in self._pages("conversations.list", types):
                for known in answer.get("channels", ()):
                    if known.get("name") == name:
                        return str(known["id"])
        except UpstreamError as error:
            if error.retryable or error.code in REFUSED_TOKEN:
                raise
            log.warning(
                "The id of the channel %s is not known: %s. Set alerts.channel to the id.", channel, error
            )
        return channel

    def _pages(self, method: str, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = {**parameters, **({"cursor": cursor} if cursor else {})}
            answer = self._guarded(partial(self._call, method, page), posting=False)
            yield answer
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _guarded(self, do: Callable[[], Mapping[str, Any]], *, posting: bool) -> Mapping[str, Any]:
        try:
            return do()
        except SlackApiError as error:
            raise self._refusal(error, posting=posting) from error
        except (OSError, http.client.HTTPException, SlackClientError, json.JSONDecodeError) as error:
            raise _no_answer(error, posting=posting) from error

    def _refusal(self, error: SlackApiError, *, posting: bool) -> UpstreamError:
        status = int(getattr(error.response, "status_code", 0) or 0)
        data = getattr(error.response, "data", None)
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        if not _CODE.fullmatch(code):
            # slack_sdk puts a body that is no JSON where Slack's error code belongs.
            code = ""
        if status == 429 or code in {"ratelimited", "rate_limited"}:  # noqa: PLR2004 - HTTP's too many requests
            wait = _seconds(error.response.headers.get("Retry-After"))
            msg = f"Slack limits the rate of the app of {self._conn_id!r}; the task is tried again later"
            return _error(msg, "rate_limited", retryable=True, retry_after=wait)
        if not code and 400 <= status < 500:  # noqa: PLR2004 - HTTP's client errors
            msg = (
                f"what answered {status} through the connection {self._conn_id!r} is not Slack's API; "
                "correct its base_url or the proxy on the way"
            )
            return _error(msg, "bad_request", retryable=False)
        if not code or status >= 500:  # noqa: PLR2004 - HTTP's server errors
            reason: Reason = "unknown_outcome" if posting else "unavailable"
            msg = f"Slack answered {status} without a verdict; {_LOOKED_FOR if posting else _TRIED}"
            return _error(msg, reason, retryable=True)
        needed = f" (needed: {data['needed']})" if isinstance(data, dict) and data.get("needed") else ""
        advice = _ADVICE.get(
            code, f"Correct the token of the connection {self._conn_id!r}." if code in _AUTH else ""
        )
        msg = f"Slack refused with {code}{needed} through the connection {self._conn_id!r}. {advice}".strip()
        return _error(
            msg, "auth" if code in _AUTH else "bad_request", retryable=code in _TRANSIENT, code=code
        )


class SlackWebhook:
    """The reduced way: an incoming webhook posts to its own channel, tells nothing back and finds nothing."""

    can_find = False

    def __init__(self, send: Callable[[Mapping[str, Any]], object], *, conn_id: str) -> None:
        self._send = send
        self._conn_id = conn_id

    def post(self, channel: str, payload: Mapping[str, Any]) -> tuple[str, str]:  # noqa: ARG002 - its own channel
        """Post a message; return two empty texts, since a webhook does not say where it is."""
        try:
            self._send({name: value for name, value in payload.items() if name != "metadata"})
        except (OSError, http.client.HTTPException, SlackClientError) as error:
            raise _no_answer(error, posting=True) from error
        except Exception as error:
            # The provider raises AirflowException, which adapters do not know, with body and status in its text.
            if type(error).__name__ != "AirflowException":
                raise
            raise self._refusal(str(error)) from error
        return "", ""

    def _refusal(self, text: str) -> UpstreamError:
        if "Status Code: 429" in text:
            return _error(
                "Slack limits the rate of the webhook; tried again later", "rate_limited", retryable=True
            )
        if "Status Code: 5" in text:
            return _error(
                f"Slack's webhook failed ({text[:200]}); {_TRIED}", "unknown_outcome", retryable=True
            )
        msg = f"Slack's webhook of the connection {self._conn_id!r} refused: {text[:200]}. Correct the connection."
        code = _WEBHOOK_CODE.search(text)
        return _error(msg, "bad_request", retryable=False, code=code.group(1) if code else "")


_LOOKED_FOR = "the message is looked for before it is sent again"
_TRIED = "the task is tried again"


def _no_answer(error: Exception, *, posting: bool) -> UpstreamError:
    """Return what a broken connection means; only a refused one is sure not to have posted."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    refused = isinstance(cause, ConnectionRefusedError | socket.gaierror)
    unknown = posting and not refused
    what = f"{type(error).__name__}: {str(error)[:100]}"
    msg = f"Slack's answer did not arrive ({what}); {_LOOKED_FOR if unknown else _TRIED}"
    return _error(msg, "unknown_outcome" if unknown else "unavailable", retryable=True)


def _error(
    message: str, reason: Reason, *, retryable: bool, retry_after: float | None = None, code: str = ""
) -> UpstreamError:
    return UpstreamError(
        message, system="Slack", reason=reason, retryable=retryable, retry_after=retry_after, code=code
    )


def _seconds(header: str | list[str] | None) -> float | None:
    text = header[0] if isinstance(header, list) and header else header
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None
