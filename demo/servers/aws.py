"""AWS on this machine, as far as evidence needs it: Cost Explorer, its anomalies, CloudTrail and STS.

One address serves them all, as the endpoint of an Airflow connection does.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

from demo.servers import cost_faults
from demo.servers.cost_explorer import CONTENT_TYPE, PAYER, CostExplorerServer
from demo.servers.cost_query import ServiceError
from demo.servers.faults import Fault
from demo.servers.http import Request, Response
from demo.world import World

TRAIL_TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
GET_ANOMALIES = "GetAnomalies"
MAX_RESULTS = 50
SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/(cloudtrail|sts|ce)/aws4_request, .+"
)
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
ASSUMED = "ASIAROLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One management event of one account and region."""

    name: str
    at: datetime
    account_id: str = PAYER
    region: str = "us-east-1"
    user: str = "deployer"
    source: str = "ec2.amazonaws.com"
    resources: Sequence[tuple[str, str]] = ()
    error_code: str = ""


class AwsServer(CostExplorerServer):
    """Cost Explorer and what is asked beside it.

    ``events`` are CloudTrail's, of all accounts; a key sees those of its own account, which is ``PAYER``, or
    of the account whose role it has assumed. ``anomalies`` are GetAnomalies' answer as it is. ``roles`` are
    the ARNs that may be assumed. A fault's ``method`` is an action, such as ``LookupEvents``.
    """

    def __init__(
        self,
        world: World,
        *,
        events: Sequence[TrailEvent] = (),
        anomalies: Sequence[Mapping[str, Any]] = (),
        roles: Collection[str] = (),
        **known: Any,
    ) -> None:
        super().__init__(world, **known)
        self.events = list(events)
        self.anomalies = list(anomalies)
        self.roles = set(roles)

    def method_of(self, request: Request) -> str:
        """Return the action, whatever protocol it comes in."""
        target = request.headers.get("x-amz-target", "")
        if target.startswith(TRAIL_TARGET):
            return target.removeprefix(TRAIL_TARGET)
        return _form(request).get("Action", "") if not target else super().method_of(request)

    def calls(self, action: str) -> list[Request]:
        """Return the requests for an action so far, those that met a fault included."""
        return [request for request in self.requests if self.method_of(request) == action]

    def answer(self, request: Request, fault: Fault | None) -> Response:
        """Answer one action of any of the services."""
        action = self.method_of(request)
        if action not in {"LookupEvents", "GetCallerIdentity", "AssumeRole", GET_ANOMALIES}:
            return super().answer(request, fault)
        if fault is not None and fault.name in cost_faults.REFUSALS:
            return cost_faults.refusal(fault)
        try:
            key, region = self._signed(request)
            if action == "LookupEvents":
                payload = self._look_up(request.json(), _account_of(key), region)
            elif action == GET_ANOMALIES:
                payload = self._anomalies(request.json())
            else:
                return self._sts(action, _form(request))
        except ServiceError as error:
            return cost_faults.error_response(error.code, error.message)
        return Response.of(payload, headers={"Content-Type": CONTENT_TYPE})

    def _signed(self, request: Request) -> tuple[str, str]:
        found = SIGNATURE.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            raise ServiceError(code="MissingAuthenticationTokenException", message="not signed")
        key, region, _ = found.groups()
        if (
            self.allowed_key_ids is not None
            and key not in self.allowed_key_ids
            and not key.startswith(ASSUMED)
        ):
            raise ServiceError(code="UnrecognizedClientException", message="unknown key")
        if self.deny:
            action = self.method_of(request)
            raise ServiceError(code="AccessDeniedException", message=f"not authorized to perform: {action}")
        return key, region

    def _look_up(self, body: Mapping[str, Any], account_id: str, region: str) -> dict[str, Any]:
        attributes = body.get("LookupAttributes") or [{}]
        if len(attributes) != 1:
            raise ServiceError(code="InvalidLookupAttributesException", message="one attribute at a time")
        limit = int(body.get("MaxResults", MAX_RESULTS))
        if not 1 <= limit <= MAX_RESULTS:
            raise ServiceError(
                code="InvalidMaxResultsException", message=f"{limit} is not 1 to {MAX_RESULTS}"
            )
        start, end = (datetime.fromtimestamp(float(body[name]), UTC) for name in ("StartTime", "EndTime"))
        if start > end:
            raise ServiceError(code="InvalidTimeRangeException", message="StartTime is after EndTime")
        found = [
            one
            for one in self.events
            if (one.account_id, one.region) == (account_id, region)
            and start <= one.at <= end
            and attributes[0].get("AttributeKey") == "EventName"
            and attributes[0].get("AttributeValue") == one.name
        ]
        found.sort(key=lambda one: one.at, reverse=True)
        payload: dict[str, Any] = {"Events": [_event(one, at) for at, one in enumerate(found[:limit])]}
        if len(found) > limit:
            payload["NextToken"] = "more"
        return payload

    def _anomalies(self, body: Mapping[str, Any]) -> dict[str, Any]:
        span = body.get("DateInterval") or {}
        first = date.fromisoformat(span["StartDate"])
        last = date.fromisoformat(span.get("EndDate") or self.world.today.isoformat())
        own = [
            one for one in self.anomalies if first <= date.fromisoformat(one["AnomalyEndDate"][:10]) <= last
        ]
        with self._lock:
            self.billed_pages += 1
        return {"Anomalies": own}

    def _sts(self, action: str, form: Mapping[str, str]) -> Response:
        if action == "GetCallerIdentity":
            inner = f"<Account>{PAYER}</Account><Arn>arn:aws:iam::{PAYER}:user/costspike</Arn><UserId>AIDA</UserId>"
            return _xml(action, inner)
        arn = form.get("RoleArn", "")
        if arn not in self.roles:
            text = (
                f"<Error><Code>AccessDenied</Code><Message>not authorized to assume {arn}</Message></Error>"
            )
            body = f'<ErrorResponse xmlns="{STS_NAMESPACE}">{text}</ErrorResponse>'
            return Response(status=403, body=body.encode(), headers={"Content-Type": "text/xml"})
        keys = (
            f"<AccessKeyId>{ASSUMED}{arn.split(':')[4]}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
        )
        return _xml(action, f"<Credentials>{keys}</Credentials>")


def _account_of(key: str) -> str:
    return key.removeprefix(ASSUMED) if key.startswith(ASSUMED) else PAYER


def _event(event: TrailEvent, number: int) -> dict[str, Any]:
    whole = {"eventName": event.name, "recipientAccountId": event.account_id}
    if event.error_code:
        whole["errorCode"] = event.error_code
    return {
        "EventId": f"event-{number}",
        "EventName": event.name,
        "ReadOnly": "false",
        "EventTime": event.at.timestamp(),
        "EventSource": event.source,
        "Username": event.user,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in event.resources],
        "CloudTrailEvent": json.dumps(whole),
    }


def _form(request: Request) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def _xml(action: str, inner: str) -> Response:
    body = (
        f'<{action}Response xmlns="{STS_NAMESPACE}"><{action}Result>{inner}</{action}Result>'
        f"<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{action}Response>"
    )
    return Response(body=body.encode(), headers={"Content-Type": "text/xml"})
