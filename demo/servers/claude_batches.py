"""Message Batches as the API keeps them: they end some looks after they were created, with a result a request.

https://platform.claude.com/docs/en/api/creating-message-batches
"""

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from demo.servers.claude_faults import ApiError
from demo.servers.http import Request, Response

PREFIX = "/v1/messages/batches"
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_REQUESTS = 100_000

Params = dict[str, Any]
Result = dict[str, Any]


@dataclass(slots=True)
class Batch:
    """One batch; ``results`` fill when it ends."""

    batch_id: str
    requests: list[dict[str, Any]]
    created: datetime
    looks: int = 0
    cancelled: bool = False
    ended: datetime | None = None
    results: dict[str, Result] = field(default_factory=dict)


class BatchShelf:
    """The batches of the workspace.

    ``looks`` is how often one is looked at before it has ended, None for never. ``fate`` says what becomes of
    a request by its custom_id: ``succeeded``, ``errored`` or ``expired``.
    """

    def __init__(self, message: Callable[[Params], dict[str, Any]], lock: RLock) -> None:
        """Prepare an empty shelf; ``message`` answers one request, or raises."""
        self.looks: int | None = 1
        self.fate: Callable[[str], str] = lambda _: "succeeded"
        self.all: list[Batch] = []
        self._message = message
        self._lock = lock
        self._ids = itertools.count(1)

    def method_of(self, request: Request) -> str:
        """Return what a request is about, nothing if it is not about batches."""
        if not request.path.startswith(PREFIX):
            return ""
        if request.path == PREFIX:
            return "batches.create" if request.method == "POST" else "batches.list"
        last = request.path.rsplit("/", 1)[1]
        return f"batches.{last}" if last in {"results", "cancel"} else "batches.retrieve"

    def answer(self, request: Request, url: str, headers: Mapping[str, str]) -> Response:
        """Do what was asked.

        Raises:
            ApiError: there is no such batch, or the request is out of order.
        """
        with self._lock:
            match self.method_of(request):
                case "batches.create":
                    return Response.of(self._told(self._create(request.json()), url), headers=headers)
                case "batches.list":
                    return Response.of(self._page(request.query, url), headers=headers)
            batch = self._of(request.path.removeprefix(f"{PREFIX}/").split("/")[0])
            match self.method_of(request):
                case "batches.results":
                    lines = [
                        json.dumps({"custom_id": key, "result": result})
                        for key, result in reversed(self._ended(batch).results.items())
                    ]
                    return Response(
                        body="\n".join(lines).encode(),
                        headers={"Content-Type": "application/x-jsonl", **headers},
                    )
                case "batches.cancel":
                    batch.cancelled = True
                case _:
                    batch.looks += 1
                    self._end_in_time(batch)
            return Response.of(self._told(batch, url), headers=headers)

    def add(self, *requests: dict[str, Any]) -> Batch:
        """Let somebody of the workspace create a batch."""
        return self._create({"requests": list(requests)})

    def _create(self, body: Mapping[str, Any]) -> Batch:
        requests: Any = body.get("requests")
        problem = _problem(requests)
        if problem:
            raise ApiError(status=400, kind="invalid_request_error", message=problem)
        batch = Batch(
            batch_id=f"msgbatch_local{next(self._ids)}", requests=requests, created=datetime.now(UTC)
        )
        self.all.append(batch)
        return batch

    def _of(self, batch_id: str) -> Batch:
        for batch in self.all:
            if batch.batch_id == batch_id:
                return batch
        raise ApiError(status=404, kind="not_found_error", message=f"batch {batch_id} not found")

    def _ended(self, batch: Batch) -> Batch:
        if batch.ended is None:
            raise ApiError(status=404, kind="not_found_error", message="the batch has no results yet")
        return batch

    def _end_in_time(self, batch: Batch) -> None:
        """End a batch that was looked at often enough, or was cancelled."""
        if batch.ended is not None or not (
            batch.cancelled or (self.looks is not None and batch.looks > self.looks)
        ):
            return
        batch.ended = datetime.now(UTC)
        for one in batch.requests:
            fate = "canceled" if batch.cancelled else self.fate(one["custom_id"])
            batch.results[one["custom_id"]] = self._result(fate, one["params"])

    def _result(self, fate: str, params: Params) -> Result:
        error = ApiError(status=500, kind="api_error", message="Internal server error")
        if fate == "succeeded":
            try:
                return {"type": fate, "message": self._message(params)}
            except ApiError as refused:
                fate, error = "errored", refused
        return {"type": fate, "error": error.payload("req_batch")} if fate == "errored" else {"type": fate}

    def _page(self, query: Mapping[str, str], url: str) -> dict[str, Any]:
        newest = [batch.batch_id for batch in self.all][::-1]
        after = query.get("after_id")
        rest = newest[newest.index(after) + 1 :] if after in newest else newest
        shown = rest[: int(query.get("limit", "20"))]
        return {
            "data": [self._told(self._of(batch_id), url) for batch_id in shown],
            "has_more": len(rest) > len(shown),
            "first_id": shown[0] if shown else None,
            "last_id": shown[-1] if shown else None,
        }

    def _told(self, batch: Batch, url: str) -> dict[str, Any]:
        counts = Counter(result["type"] for result in batch.results.values())
        names = ("succeeded", "errored", "canceled", "expired")
        status = "ended" if batch.ended else "canceling" if batch.cancelled else "in_progress"
        processing = 0 if batch.ended else len(batch.requests)
        return {
            "id": batch.batch_id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": {"processing": processing, **{name: counts[name] for name in names}},
            "created_at": batch.created.isoformat(),
            "expires_at": (batch.created + timedelta(days=1)).isoformat(),
            "ended_at": batch.ended and batch.ended.isoformat(),
            "cancel_initiated_at": batch.created.isoformat() if batch.cancelled else None,
            "archived_at": None,
            "results_url": f"{url}{PREFIX}/{batch.batch_id}/results" if batch.ended else None,
        }


def _problem(requests: Any) -> str:
    """Return what the API refuses at once, nothing if it takes the requests."""
    if not isinstance(requests, list) or not 1 <= len(requests) <= MOST_REQUESTS:
        return f"requests: expected 1 to {MOST_REQUESTS} requests"
    ids = [str(one.get("custom_id", "")) for one in requests]
    if not all(map(CUSTOM_ID.fullmatch, ids)) or len(set(ids)) < len(ids):
        return "requests: custom_id must be unique and match [a-zA-Z0-9_-]{1,64}"
    if not all(isinstance(one.get("params"), dict) for one in requests):
        return "requests: params: Field required"
    return ""
