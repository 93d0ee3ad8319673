"""Claude's Messages API on this machine, for the anthropic SDK (2.12 sends a Bearer token)."""

import itertools
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from demo.servers.claude_batches import BatchShelf
from demo.servers.claude_faults import ERRORS, FAULTS, ApiError, spoiled
from demo.servers.claude_sandbox import sandbox_answer
from demo.servers.faults import Fault
from demo.servers.http import LocalServer, Request, Response

MODELS = {
    "claude-opus-5-5": "Claude Opus 5.5",
    "claude-sonnet-5-5": "Claude Sonnet 5.5",
    "claude-haiku-5-5": "Claude Haiku 5.5",
}
MESSAGES = "messages"
COUNT_TOKENS = "count_tokens"
ROUTES = {"/v1/messages": MESSAGES, "/v1/messages/count_tokens": COUNT_TOKENS}
CHARACTERS_PER_TOKEN = 4
NO_PREFILL = (
    "This model does not support assistant message prefill. The conversation must end with a user message."
)

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """An answer that asks for tools, by name and arguments; it is none where tools are not to be used."""

    calls: Sequence[tuple[str, dict[str, Any]]]


Answer = Callable[[dict[str, Any]], dict[str, Any] | str | ToolUse]


class ClaudeServer(LocalServer):
    """Answers every message with what ``answer`` makes of the request body.

    A dict is the structured answer and is sent as JSON, a str is sent as it is. ``allowed_keys`` are the
    API keys that exist, None for any. Faults: see ``demo.servers.claude_faults``, and the transport faults;
    a fault's ``method`` is ``messages``, ``count_tokens``, ``models``, or for Message Batches
    ``batches.create``, ``batches.list``, ``batches.retrieve``, ``batches.results`` and ``batches.cancel``.
    """

    fault_names: ClassVar[frozenset[str]] = FAULTS

    def __init__(
        self, *, answer: Answer = sandbox_answer, allowed_keys: Collection[str] | None = None, port: int = 0
    ) -> None:
        """Prepare the server; without ``answer`` it is the sandbox, which says so."""
        super().__init__(port=port)
        self.reply = answer
        self.allowed_keys = allowed_keys
        self.billed = 0
        self.batches = BatchShelf(self._batched, self._lock)
        self._ids = itertools.count(1)

    @property
    def prompts(self) -> list[dict[str, Any]]:
        """Return the bodies of the requests for a message so far, those that met a fault included."""
        return [request.json() for request in self.requests if self.method_of(request) == MESSAGES]

    def method_of(self, request: Request) -> str:
        """Return ``messages``, ``count_tokens``, ``models``, ``batches.…``, or the path of anything else."""
        if self.batches.method_of(request):
            return self.batches.method_of(request)
        if request.path.startswith("/v1/models"):
            return "models"
        return ROUTES.get(request.path, request.path)

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Answer one request; ``billed`` counts the messages that were produced, received or not."""
        headers = {"request-id": f"req_local{next(self._ids)}"}
        if fault is not None and fault.name == "html502":
            return Response(
                status=502, body=b"<html>Bad Gateway</html>", headers={"Content-Type": "text/html"}
            )
        try:
            if fault is not None and fault.name in ERRORS:
                raise ApiError.of(fault)
            self._authorize(request)
            if self.batches.method_of(request):
                return self.batches.answer(request, self.url, headers)
            payload = self._payload(request)
        except ApiError as error:
            later = {} if error.retry_after is None else {"retry-after": error.retry_after}
            return Response.of(
                error.payload(headers["request-id"]), status=error.status, headers=headers | later
            )
        return Response.of(payload if fault is None else spoiled(payload, fault), headers=headers)

    def _authorize(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        known = self.allowed_keys is None or key in self.allowed_keys
        if scheme != "Bearer" or not key or not known:
            raise ApiError(status=401, kind="authentication_error", message="invalid bearer token")
        if "anthropic-version" not in request.headers:
            raise ApiError(
                status=400, kind="invalid_request_error", message="anthropic-version: header is required"
            )

    def _payload(self, request: Request) -> dict[str, Any]:
        route = self.method_of(request)
        if request.method == "GET" and route == "models":
            return _models(request.path)
        if request.method != "POST" or route not in ROUTES.values():
            message = f"{request.method} {request.path}"
            raise ApiError(status=404, kind="not_found_error", message=message)
        body = _body(request, needs_max_tokens=route == MESSAGES)
        return self._message(body) if route == MESSAGES else {"input_tokens": _input_tokens(body)}

    def _batched(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the message for one request of a batch; what is wrong with it is found out only then."""
        problem = _problem(body, needs_max_tokens=True)
        if problem:
            raise ApiError(status=400, kind="invalid_request_error", message=problem)
        message = self._message(body)
        message["usage"]["service_tier"] = "batch"
        return message

    def _message(self, body: dict[str, Any]) -> dict[str, Any]:
        said = self.reply(body)
        calls = (
            said.calls if isinstance(said, ToolUse) and body.get("tool_choice") != {"type": "none"} else ()
        )
        text = said if isinstance(said, str) else json.dumps({} if isinstance(said, ToolUse) else said)
        with self._lock:
            self.billed += 1
        return {
            "id": f"msg_local{next(self._ids)}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [self._call(*call) for call in calls]
            or [{"type": "text", "text": text, "citations": None}],
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "stop_details": None,
            "usage": {
                "input_tokens": _input_tokens(body),
                "output_tokens": _tokens(text),
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "service_tier": "standard",
            },
        }

    def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        number = next(self._ids)
        return {"type": "tool_use", "id": f"toolu_local{number}", "name": name, "input": arguments}


def _body(request: Request, *, needs_max_tokens: bool) -> dict[str, Any]:
    try:
        body = request.json()
    except ValueError as error:
        raise ApiError(status=400, kind="invalid_request_error", message=str(error)) from error
    problem = _problem(body, needs_max_tokens=needs_max_tokens)
    if problem:
        raise ApiError(status=400, kind="invalid_request_error", message=problem)
    return body


def _problem(body: Body, *, needs_max_tokens: bool) -> str:
    """Return what current models refuse in a request, nothing if it is in order."""
    messages = body.get("messages")
    if not body.get("model"):
        return "model: Field required"
    if needs_max_tokens and not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    if not isinstance(messages, list) or not messages:
        return "messages: at least one message is required"
    if messages[-1].get("role") != "user":
        return NO_PREFILL
    if problem := _unanswered(messages):
        return problem
    gone = sorted({"temperature", "top_p", "top_k"} & body.keys())
    return f"{gone[0]}: Extra inputs are not permitted" if gone else ""


def _unanswered(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return what is wrong with the results of tools: each call has its own in the next message."""
    for said, answered in itertools.pairwise(messages):
        blocks = [one.get("content") for one in (said, answered)]
        calls, results = (
            {block[key] for block in content if block.get("type") == kind}
            if isinstance(content, list)
            else set()
            for content, kind, key in zip(
                blocks, ("tool_use", "tool_result"), ("id", "tool_use_id"), strict=True
            )
        )
        if calls != results:
            return f"messages: tool_use ids without tool_result, or the other way round: {sorted(calls ^ results)}"
    return ""


def _models(path: str) -> dict[str, Any]:
    found = {
        key: {"type": "model", "id": key, "display_name": name, "created_at": "2026-09-01T00:00:00Z"}
        for key, name in MODELS.items()
    }
    wanted = path.removeprefix("/v1/models").strip("/")
    if not wanted:
        ids = list(found)
        return {"data": list(found.values()), "has_more": False, "first_id": ids[0], "last_id": ids[-1]}
    if wanted not in found:
        raise ApiError(status=404, kind="not_found_error", message=f"model: {wanted}")
    return found[wanted]


def _input_tokens(body: Body) -> int:
    read = [body.get("system", ""), body["messages"], body.get("output_config", {})]
    return _tokens(json.dumps(read, ensure_ascii=False))


def _tokens(text: str) -> int:
    return max(1, len(text) // CHARACTERS_PER_TOKEN)
