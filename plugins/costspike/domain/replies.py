"""What came back from a model, with what it cost in tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from costspike.domain.errors import ExplanationRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One paid answer. ``input_tokens`` are those that were neither written to nor read from the cache.

    ``output_tokens`` include the model's thinking. ``text`` is empty where it only thought or refused.
    """

    text: str
    model: str
    message_id: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that the model asks for; the arguments are its own words, whatever the schema says."""

    call_id: str
    name: str
    arguments: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a conversation: an answer, or calls of tools; ``said`` is what is handed back as its own words."""

    reply: Reply
    calls: tuple[ToolCall, ...]
    said: Mapping[str, Any]


class UnusableReply(ExplanationRejected):
    """The model stopped before it had an answer. It was paid for all the same: book ``reply``."""

    def __init__(self, message: str, *, reply: Reply) -> None:
        super().__init__(message)
        self.reply = reply
