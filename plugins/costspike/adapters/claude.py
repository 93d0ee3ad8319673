"""Asks Claude one question: one paid answer, or an error that says what to do.

The SDK's own retries are switched off: it obeys a ``retry-after`` of hours inside a worker slot. And
``messages.parse`` is not used: it loses ``stop_reason`` and ``usage`` of an answer that was cut off.
"""

import json
import logging
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import anthropic
from anthropic.types import Message

from costspike.domain.claude_refusals import ADVICE, BUSY, REFUSED, STOPPED
from costspike.domain.errors import Reason, UpstreamError
from costspike.domain.replies import Reply, UnusableReply

LOGGER = logging.getLogger(__name__)

Client = (
    anthropic.Anthropic
    | anthropic.AnthropicBedrock
    | anthropic.AnthropicVertex
    | anthropic.AnthropicAWS
    | anthropic.AnthropicFoundry
)
Effort = Literal["low", "medium", "high", "xhigh", "max"]

_FIRST_WAIT_SECONDS = 0.5
_MAX_MESSAGE_CHARACTERS = 200
_RETRYABLE_STATUS = frozenset({408, 409, 429})
_SERVER_ERROR = 500
_COUNT_SECONDS = 10
# English has four to a token, JSON fewer; a low figure errs on the side of the budget.
_CHARACTERS_PER_TOKEN = 3
_KEY = re.compile(r"sk-[\w-]{6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """What one question may take; the longest wait is ``attempts`` x timeout, plus the waits between."""

    max_tokens: int = 8000
    effort: Effort = "medium"
    timeout_seconds: float = 120
    attempts: int = 3
    max_wait_seconds: float = 20


class Claude:
    """One model behind one connection. ``conn_id`` is only named in errors; the client holds the key."""

    def __init__(
        self,
        client: Client,
        *,
        conn_id: str,
        model: str,
        limits: CallLimits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits or CallLimits()
        self._client = client.with_options(max_retries=0, timeout=self._limits.timeout_seconds)
        self._conn_id = conn_id
        self._model = model
        self._sleep = sleep

    def ask(
        self, system: str, user: str, schema: Mapping[str, Any], *, again: tuple[str, str] | None = None
    ) -> Reply:
        """Return Claude's answer, a JSON text after ``schema``, which is a plain JSON schema.

        ``again`` holds the answer that it gave before, and what is said to it.

        Raises:
            UpstreamError: there is no answer. ``retryable`` ones were tried again already, unless
                ``retry_after`` is longer than this call may wait.
            UnusableReply: there is an answer to be paid, and it is cut off, refused or empty.
        """
        question = self.question(system, user, schema, again)
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self.usable(self._send(question))
            except UpstreamError as error:
                wait = self._wait_seconds(error, attempt)
                if (
                    not error.retryable
                    or attempt == self._limits.attempts
                    or wait > self._limits.max_wait_seconds
                ):
                    raise
                LOGGER.info(
                    "Claude, attempt %d of %d: %s Next in %.1f s.",
                    attempt,
                    self._limits.attempts,
                    error,
                    wait,
                )
                self._sleep(wait)
        msg = f"attempts must be at least 1, not {self._limits.attempts}"
        raise ValueError(msg)

    def _wait_seconds(self, error: UpstreamError, attempt: int) -> float:
        if error.retry_after is not None:
            return error.retry_after
        return min(_FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1), self._limits.max_wait_seconds)

    def count_tokens(self, system: str, user: str, schema: Mapping[str, Any]) -> int:
        """Return the tokens of a prompt, free of charge; an estimate on the high side where it is not counted.

        Raises:
            UpstreamError: the credentials are refused, which asking would be as well.
        """
        estimate = (len(system) + len(user) + len(json.dumps(schema))) // _CHARACTERS_PER_TOKEN
        client = self._client.with_options(timeout=min(self._limits.timeout_seconds, _COUNT_SECONDS))
        try:
            question = self.question(system, user, schema)
            question.pop("max_tokens")
            counted = client.messages.count_tokens(**question)
            tokens: object = getattr(counted, "input_tokens", None)
        except anthropic.APIStatusError as error:
            if error.status_code in {401, 403}:
                raise self._status_error(error) from error
            return estimate
        except Exception:  # noqa: BLE001 - not every platform can count, and each says so in its own way
            return estimate
        return tokens if isinstance(tokens, int) else estimate

    def question(
        self, system: str, user: str, schema: Mapping[str, Any], again: tuple[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the parameters of ``messages.create``; a batch takes the same."""
        messages = [{"role": "user", "content": user}]
        if again is not None:
            answer, remark = again
            messages += [{"role": "assistant", "content": answer}, {"role": "user", "content": remark}]
        return {
            "model": self._model,
            "max_tokens": self._limits.max_tokens,
            "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
            "messages": messages,
            "output_config": {
                "effort": self._limits.effort,
                "format": {"type": "json_schema", "schema": anthropic.transform_schema(dict(schema))},
            },
        }

    def _send(self, question: Mapping[str, Any]) -> Message:
        try:
            answer: object = self._client.messages.create(**question)
        except anthropic.APIStatusError as error:
            raise self._status_error(error) from error
        except anthropic.APIConnectionError as error:
            raise self._no_answer(error) from error
        except (anthropic.APIResponseValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise self._broken_answer() from error
        except (anthropic.AnthropicError, TypeError, RuntimeError) as error:
            # The clients find out at the first request that they have no key or no AWS credentials, and
            # have no type of their own for it (SDK 2.12).
            if isinstance(error, anthropic.CredentialsError) or "could not resolve" in str(error).lower():
                raise self._no_credentials() from error
            raise
        if not _is_message(answer):
            raise self._broken_answer()
        return answer

    def usable(self, message: Message) -> Reply:
        """Return a message as a reply, or raise UnusableReply: it is cut off, refused or empty."""
        usage = message.usage
        reply = Reply(
            text="".join(block.text for block in message.content or () if block.type == "text"),
            model=message.model or self._model,
            message_id=message.id,
            stop_reason=message.stop_reason or "",
            input_tokens=usage.input_tokens or 0,
            output_tokens=usage.output_tokens or 0,
            cache_read_tokens=usage.cache_read_input_tokens or 0,
            cache_write_tokens=usage.cache_creation_input_tokens or 0,
            # Documented by the SDK as public; a message of a batch has none.
            request_id=getattr(message, "_request_id", None) or message.id,
        )
        problem = STOPPED.get(reply.stop_reason)
        if problem is None and not reply.text.strip():
            problem = "is empty. Run the task again"
        if problem is None:
            return reply
        category = (message.stop_details.category if message.stop_details else None) or "not named"
        told = problem.format(max_tokens=self._limits.max_tokens, model=self._model, category=category)
        paid = f"It cost {reply.output_tokens} output tokens (message {reply.message_id})."
        msg = f"Claude's answer {told}. {paid}"
        raise UnusableReply(msg, reply=reply)

    def _status_error(self, error: anthropic.APIStatusError) -> UpstreamError:
        status = error.status_code
        retryable = status in _RETRYABLE_STATUS or status >= _SERVER_ERROR
        reason, advice = ADVICE.get(status, BUSY if retryable else REFUSED)
        said = _KEY.sub("[key]", str(error.api_message or ""))[:_MAX_MESSAGE_CHARACTERS]
        return self._error(
            f"Claude answered {status} {error.type or ''}".rstrip()
            + (f": {said!r}" if said else "")
            + f" (request {error.request_id or 'without id'}). {advice}",
            reason=reason,
            retryable=retryable,
            retry_after=_retry_after(error),
        )

    def _no_answer(self, error: anthropic.APIConnectionError) -> UpstreamError:
        if isinstance(error, anthropic.APITimeoutError):
            what = f"Claude did not answer within {self._limits.timeout_seconds:g} s"
            advice = "Wait, or raise the timeout."
        else:
            what = f"There is no connection to Claude ({type(error.__cause__ or error).__name__})"
            advice = "Check the network and the host of the connection {conn_id!r}."
        return self._error(f"{what}. {advice}", reason="unavailable", retryable=True)

    def _broken_answer(self) -> UpstreamError:
        what = "Claude's answer is no message of the API"
        advice = "Wait, and check the host of the connection {conn_id!r}."
        return self._error(f"{what}. {advice}", reason="bad_answer", retryable=True)

    def _no_credentials(self) -> UpstreamError:
        text = "There are no credentials for Claude. Put an API key into the connection {conn_id!r}."
        return self._error(text, reason="auth", retryable=False)

    def _error(
        self, text: str, *, reason: Reason, retryable: bool, retry_after: float | None = None
    ) -> UpstreamError:
        told = text.replace("{conn_id!r}", repr(self._conn_id)).replace("{model!r}", repr(self._model))
        return UpstreamError(
            told, system="Claude", reason=reason, retryable=retryable, retry_after=retry_after
        )


def _is_message(answer: object) -> TypeGuard[Message]:
    """Look twice: the SDK checks no reply, and a page of HTML with status 200 arrives as a str."""
    return isinstance(answer, Message) and all(getattr(answer, name, None) for name in ("id", "usage"))


def _retry_after(error: anthropic.APIStatusError) -> float | None:
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
