"""Asks Claude one question: one paid answer, or an error that says what to do.

The SDK's own retries are switched off: it obeys a ``retry-after`` of hours inside a worker slot. And
``messages.parse`` is not used: it loses ``stop_reason`` and ``usage`` of an answer that was cut off.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import anthropic
from anthropic.types import Message

from costspike.adapters.claude.failures import Failures
from costspike.domain.claude_refusals import STOPPED
from costspike.domain.errors import UpstreamError
from costspike.domain.replies import Reply, ToolCall, Turn, UnusableReply

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
_COUNT_SECONDS = 10
# English has four to a token, JSON fewer; a low figure errs on the side of the budget.
_CHARACTERS_PER_TOKEN = 3


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
        self._failures = Failures(conn_id=conn_id, model=model, timeout_seconds=self._limits.timeout_seconds)
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
        return self.usable(self._asked(self.question(system, user, schema, again)))

    def turn(
        self,
        system: str,
        messages: Sequence[Mapping[str, Any]],
        schema: Mapping[str, Any],
        tools: Sequence[Mapping[str, Any]],
        *,
        last: bool,
    ) -> Turn:
        """Return the next turn of a conversation in which Claude may use tools; in the last one it has to answer.

        Raises:
            UpstreamError, UnusableReply: as ``ask``.
        """
        question = self.question(system, "", schema)
        choice = {"type": "none" if last else "auto"}
        message = self._asked(
            question | {"messages": list(messages), "tools": list(tools), "tool_choice": choice}
        )
        calls = tuple(
            ToolCall(call_id=block.id, name=block.name, arguments=block.input)
            for block in message.content or ()
            if block.type == "tool_use"
        )
        wanted = message.stop_reason == "tool_use" and bool(calls) and not last
        reply = self._reply(message) if wanted else self.usable(message)
        return Turn(reply=reply, calls=calls if wanted else (), said=dict(message.to_param()))

    def _asked(self, question: Mapping[str, Any]) -> Message:
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self._send(question)
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
                raise self._failures.status(error) from error
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
            raise self._failures.status(error) from error
        except anthropic.APIConnectionError as error:
            raise self._failures.no_answer(error) from error
        except (anthropic.APIResponseValidationError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise self._failures.broken_answer() from error
        except (anthropic.AnthropicError, TypeError, RuntimeError) as error:
            # The clients find out at the first request that they have no key or no AWS credentials, and
            # have no type of their own for it (SDK 2.12).
            if isinstance(error, anthropic.CredentialsError) or "could not resolve" in str(error).lower():
                raise self._failures.no_credentials() from error
            raise
        if not _is_message(answer):
            raise self._failures.broken_answer()
        return answer

    def usable(self, message: Message) -> Reply:
        """Return a message as a reply, or raise UnusableReply: it is cut off, refused or empty."""
        reply = self._reply(message)
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

    def _reply(self, message: Message) -> Reply:
        usage = message.usage
        return Reply(
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


def _is_message(answer: object) -> TypeGuard[Message]:
    """Look twice: the SDK checks no reply, and a page of HTML with status 200 arrives as a str."""
    return isinstance(answer, Message) and all(getattr(answer, name, None) for name in ("id", "usage"))
