"""Cost Explorer on this machine: GetCostAndUsage and GetDimensionValues for a boto3 ``ce`` client."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from demo.servers import cost_answer, cost_faults
from demo.servers.cost_query import (
    HISTORY_MONTHS,
    Query,
    ServiceError,
    dimension,
    read_filter,
    read_period,
    read_query,
)
from demo.servers.faults import Fault
from demo.servers.http import LocalServer, Request, Response
from demo.world import World

TARGET = "AWSInsightsIndexService."
CONTENT_TYPE = "application/x-amz-json-1.1"
GET_COST = "GetCostAndUsage"
GET_VALUES = "GetDimensionValues"
SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/\d{8}/[a-z0-9-]+/ce/aws4_request, "
    r"SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}"
)
PAYER = "111111111111"


@dataclass(frozen=True, slots=True)
class _Continuation:
    """Where a token goes on. It keeps the lines: a restatement between two pages does not tear them."""

    question: str
    query: Query
    lines: list[cost_answer.Line]
    offset: int = 0
    loops: bool = False


class CostExplorerServer(LocalServer):
    """Answers from a World. Faults: see ``demo.servers.cost_faults``, and the transport faults.

    ``page_rows`` is how many groups one page holds; a day may go on on the next page. Nothing older than
    ``history_months`` before the World's today can be asked for. ``allowed_key_ids`` are the access key ids
    that exist, None for any; ``deny`` refuses every action as IAM would. A fault's ``method`` is an action
    such as ``GetCostAndUsage``.
    """

    fault_names: ClassVar[frozenset[str]] = cost_faults.FAULTS

    def __init__(
        self,
        world: World,
        *,
        page_rows: int = 5000,
        history_months: int = HISTORY_MONTHS,
        allowed_key_ids: Collection[str] | None = None,
        deny: bool = False,
        port: int = 0,
    ) -> None:
        """Prepare the server; the World may change while it runs."""
        super().__init__(port=port)
        self.world = world
        self.page_rows = page_rows
        self.history_months = history_months
        self.allowed_key_ids = allowed_key_ids
        self.deny = deny
        self.billed_pages = 0
        self._continuations: dict[str, _Continuation] = {}

    @property
    def cost_requests(self) -> list[dict[str, Any]]:
        """Return the bodies of the GetCostAndUsage requests so far, refused ones included."""
        return [request.json() for request in self.requests if self.method_of(request) == GET_COST]

    def method_of(self, request: Request) -> str:
        """Return the action, for example GetCostAndUsage."""
        return request.headers.get("x-amz-target", "").removeprefix(TARGET)

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Answer one action; only an answer with status 200 is billed."""
        if fault is not None and fault.name in cost_faults.REFUSALS:
            return cost_faults.refusal(fault)
        try:
            self._authorize(request)
            payload = self._payload(request, fault)
        except ServiceError as error:
            return cost_faults.error_response(error.code, error.message)
        with self._lock:
            self.billed_pages += 1
            headers = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": f"local-{self.billed_pages}"}
        response = Response.of(payload, headers=headers)
        if fault is not None and fault.name == "truncated":
            size = len(response.body)
            return replace(response, claimed_length=size, body=response.body[: size * 2 // 3])
        return response

    def _authorize(self, request: Request) -> None:
        signature = SIGNATURE.fullmatch(request.headers.get("authorization", ""))
        if signature is None:
            message = "Missing Authentication Token"
            raise ServiceError(code="MissingAuthenticationTokenException", message=message)
        if self.allowed_key_ids is not None and signature[1] not in self.allowed_key_ids:
            message = "The security token included in the request is invalid."
            raise ServiceError(code="UnrecognizedClientException", message=message)
        if self.deny:
            action = self.method_of(request)
            message = (
                f"User: arn:aws:iam::{PAYER}:user/costspike is not authorized to perform: ce:{action} on "
                f"resource: arn:aws:ce:us-east-1:{PAYER}:/{action} because no identity-based policy "
                f"allows the ce:{action} action"
            )
            raise ServiceError(code="AccessDeniedException", message=message)

    def _payload(self, request: Request, fault: Fault | None) -> dict[str, Any]:
        action, body = self.method_of(request), _body(request)
        if action == GET_VALUES:
            return self._dimension_values(body)
        if action != GET_COST:
            raise ServiceError(code="UnknownOperationException", message=f"{action!r} is not served here")
        payload = self._cost_and_usage(body, loops=fault is not None and fault.name == "repeat_token")
        return payload if fault is None else cost_faults.spoiled(payload, fault)

    def _cost_and_usage(self, body: Mapping[str, Any], *, loops: bool) -> dict[str, Any]:
        here = self._continuation(body)
        following = here.offset + self.page_rows
        payload = cost_answer.page(here.query, here.lines[here.offset : following], self.world)
        if here.loops:
            payload["NextPageToken"] = body["NextPageToken"]
        elif loops:
            payload["NextPageToken"] = self._token(replace(here, loops=True))
        elif following < len(here.lines):
            payload["NextPageToken"] = self._token(replace(here, offset=following))
        return payload

    def _continuation(self, body: Mapping[str, Any]) -> _Continuation:
        token = body.get("NextPageToken")
        question = json.dumps({k: v for k, v in body.items() if k != "NextPageToken"}, sort_keys=True)
        if token is None:
            query = read_query(body, self.world, history_months=self.history_months)
            return _Continuation(question, query, cost_answer.lines(query, self.world))
        with self._lock:
            found = self._continuations.get(token)
        if found is None:
            message = "The pagination token is invalid. Try again without a pagination token."
            raise ServiceError(code="InvalidNextTokenException", message=message)
        if found.question != question:
            message = "Your request parameters changed between pages. Try again with the old parameters."
            raise ServiceError(code="RequestChangedException", message=message)
        return found

    def _token(self, there: _Continuation) -> str:
        with self._lock:
            name = f"{len(self._continuations)}|{there.offset}|{there.question}"
            token = hashlib.sha256(name.encode()).hexdigest()
            self._continuations[token] = there
        return token

    def _dimension_values(self, body: Mapping[str, Any]) -> dict[str, Any]:
        start, end = read_period(body, self.world.today, history_months=self.history_months)
        field = dimension(body.get("Dimension"))
        keep = read_filter(body["Filter"]) if "Filter" in body else None
        days = (day for day in self.world.days if start <= day < end)
        rows = (row for day in days for row in self.world.rows_of(day) if keep is None or keep(row))
        values = sorted({field(row) for row in rows})
        names = self.world.names if body["Dimension"] == "LINKED_ACCOUNT" else {}
        found = [
            {"Value": value, "Attributes": {"description": names[value]} if value in names else {}}
            for value in values
        ]
        return {"DimensionValues": found, "ReturnSize": len(found), "TotalSize": len(found)}


def _body(request: Request) -> dict[str, Any]:
    code = "SerializationException"
    if request.headers.get("content-type") != CONTENT_TYPE:
        raise ServiceError(code=code, message=f"Content-Type must be {CONTENT_TYPE}")
    try:
        return request.json()
    except ValueError as error:
        raise ServiceError(code=code, message=str(error)) from error
