"""What can be wrong with Claude's answers, apart from the connection itself.

Errors by their status: ``400`` to ``529`` (``retry_after``), and ``html502``, a gateway's page. Spoiled
answers: ``bad_json``, ``wrong_schema``, ``truncated``, ``refusal`` and ``refusal_text`` (``category``),
``thinking_only``, ``thinking_first`` (which is no fault, only unusual) and ``empty``.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any, Self

from demo.servers.faults import Fault

ERRORS: Mapping[str, tuple[int, str, str]] = {
    "400": (400, "invalid_request_error", "output_config.format.schema: invalid schema"),
    "401": (401, "authentication_error", "invalid bearer token"),
    "402": (402, "billing_error", "Your credit balance is too low"),
    "403": (403, "permission_error", "Your API key has no permission for this model"),
    "404": (404, "not_found_error", "model: unknown"),
    "413": (413, "request_too_large", "Request exceeds the maximum size"),
    "429": (429, "rate_limit_error", "This request would exceed your rate limit"),
    "500": (500, "api_error", "Internal server error"),
    "529": (529, "overloaded_error", "Overloaded"),
}
SPOILED = frozenset(
    {
        "bad_json",
        "wrong_schema",
        "truncated",
        "refusal",
        "refusal_text",
        "thinking_only",
        "thinking_first",
        "empty",
    }
)
FAULTS = frozenset(ERRORS) | SPOILED | {"html502"}
THINKING = {"type": "thinking", "thinking": "", "signature": "local"}

Message = dict[str, Any]


class ApiError(Exception):
    """An error in the words of the API."""

    def __init__(self, *, status: int, kind: str, message: str, retry_after: str | None = None) -> None:
        """Remember what the answer is made of."""
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.retry_after = retry_after

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """Return the error that a fault asks for."""
        status, kind, message = ERRORS[fault.name]
        retry_after = fault.text("retry_after") or None
        return cls(status=status, kind=kind, message=message, retry_after=retry_after)

    def payload(self, request_id: str) -> dict[str, Any]:
        """Return the body of the error answer."""
        error = {"type": self.kind, "message": self.message}
        return {"type": "error", "error": error, "request_id": request_id}


def spoiled(message: Message, fault: Fault) -> Message:
    """Return a copy of a message with the fault in it; faults of another kind leave it as it is."""
    if fault.name not in SPOILED or "content" not in message:
        return message
    result = copy.deepcopy(message)
    text = result["content"][0]["text"]
    match fault.name:
        case "bad_json":
            result["content"][0]["text"] = f"{text[:-2]},,}}"
        case "wrong_schema":
            wrong = {"root_cause": "no more than this", "severity": "P9"}
            result["content"][0]["text"] = json.dumps(wrong)
        case "truncated":
            result["content"][0]["text"] = text[: max(1, len(text) // 3)]
            result["stop_reason"] = "max_tokens"
        case "thinking_only":
            result["content"] = [THINKING]
            result["stop_reason"] = "max_tokens"
        case "thinking_first":
            result["content"].insert(0, THINKING)
        case "empty":
            result["content"] = []
        case _:
            _refuse(result, fault)
    return result


def _refuse(message: Message, fault: Fault) -> None:
    """Turn a message into a refusal, without a word or with one."""
    message["stop_reason"] = "refusal"
    category = fault.text("category", "cyber")
    message["stop_details"] = {"type": "refusal", "category": category, "explanation": "declined by order"}
    if fault.name == "refusal_text":
        message["content"][0]["text"] = "I can't help with that."
    else:
        message["content"] = []
