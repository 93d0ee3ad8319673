"""Claude's Message Batches: submitted at most once a call, found again, and read.

The provider's operator submits through the connection's client, whose retries would submit a second batch when
an answer is lost; here nothing is repeated. Waiting is left to the provider's trigger.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anthropic
from anthropic.types import Message

from costspike.adapters.claude.failures import SERVER_ERROR, Failures
from costspike.domain.errors import UpstreamError

_PAGE = 100
_SAID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBatch:
    """A batch of the workspace; ``requests`` counts all, whatever became of them."""

    batch_id: str
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of one request: a message, or why there is none, which costs nothing."""

    custom_id: str
    message: Message | None
    problem: str = ""


class ClaudeBatches:
    """The batches behind one connection. ``conn_id`` is only named in errors."""

    def __init__(
        self, client: anthropic.Anthropic | anthropic.AnthropicAWS, *, conn_id: str, timeout_seconds: float
    ) -> None:
        self._batches = client.with_options(max_retries=0, timeout=timeout_seconds).messages.batches
        self._conn_id = conn_id
        self._failures = Failures(conn_id=conn_id, model="of the settings", timeout_seconds=timeout_seconds)

    def submit(self, requests: Sequence[Mapping[str, Any]]) -> str:
        """Submit a batch and return its id.

        Raises:
            UpstreamError: there is no id. If ``reason`` is unknown_outcome, there may be a batch all the same.
        """
        with self._telling("submit", lost="unknown_outcome"):
            return self._batches.create(requests=list(requests)).id  # type: ignore[arg-type]

    def created_since(self, moment: datetime) -> list[FoundBatch]:
        """Return the batches of the workspace since a moment, UTC, the oldest first."""
        found = []
        with self._telling("list"):
            for batch in self._batches.list(limit=_PAGE):  # the newest first, page by page
                if batch.created_at < moment:
                    break
                counts = batch.request_counts
                total = (
                    counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
                )
                found.append(FoundBatch(batch_id=batch.id, requests=total))
        return found[::-1]

    def results(self, batch_id: str) -> list[BatchResult]:
        """Return what became of each request of a batch that has ended; they are kept for 29 days."""
        with self._telling("read"):
            return [
                BatchResult(
                    custom_id=one.custom_id,
                    message=one.result.message if one.result.type == "succeeded" else None,
                    problem="" if one.result.type == "succeeded" else one.result.type,
                )
                for one in self._batches.results(batch_id)
            ]

    def cancel(self, batch_id: str) -> None:
        """Ask for the end of a batch; what is done by then stays and is paid."""
        with self._telling("cancel"):
            self._batches.cancel(batch_id)

    @contextmanager
    def _telling(self, what: str, *, lost: Any = "unavailable") -> Iterator[None]:
        try:
            yield
        except anthropic.APIStatusError as error:
            refused = self._failures.status(error)
            # A gateway may give up on a request that went through.
            reason = lost if error.status_code >= SERVER_ERROR else refused.reason
            raise self._error(what, str(refused), reason, retryable=refused.retryable) from error
        except anthropic.APIConnectionError as error:
            raise self._error(what, type(error).__name__, lost, retryable=True) from error
        except (anthropic.AnthropicError, json.JSONDecodeError, UnicodeDecodeError, AttributeError) as error:
            # An answer that is no batch has none of its fields.
            told = f"{type(error).__name__}: {str(error)[:_SAID]}"
            raise self._error(what, told, lost, retryable=True) from error

    def _error(self, what: str, told: str, reason: Any, *, retryable: bool) -> UpstreamError:
        msg = f"Claude's Message Batches, {what}, connection {self._conn_id!r}: {told}"
        return UpstreamError(msg, system="Claude", reason=reason, retryable=retryable)
