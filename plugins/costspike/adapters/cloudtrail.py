"""CloudTrail's LookupEvents over boto3: two requests a second in each account and region, never more."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import botocore.exceptions as boto

from costspike.domain.aws_refusals import reason_of, refusal_of
from costspike.domain.errors import Reason, UpstreamError
from costspike.domain.evidence.management_events import Lookup, ManagementEvent

# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
MAX_RESULTS = 50
SECONDS_BETWEEN = 0.5

_MAX_NAME = 120


class Client(Protocol):
    """The part of boto3's ``cloudtrail`` client that is used."""

    def lookup_events(self, **parameters: Any) -> Any:
        """Return one page, the newest events first."""


class CloudTrail:
    """Looks events up in the accounts that ``client_for`` gives a client for, by account and region.

    ``own_account`` is that of the connection; ``can_see`` tells of which accounts the events can be had.
    """

    def __init__(
        self,
        client_for: Callable[[str, str], Client],
        *,
        conn_id: str,
        own_account: Callable[[], str],
        has_role: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_for = client_for
        self._conn_id = conn_id
        self._own_account = own_account
        self._has_role = has_role
        self._sleep = sleep
        self._monotonic = monotonic
        self._clients: dict[tuple[str, str], Client] = {}
        self._next = 0.0

    def can_see(self, account_id: str) -> bool:
        """Tell whether the events of an account can be looked up; an empty id is the connection's own.

        Raises:
            UpstreamError: the connection does not know its own account.
        """
        if not account_id or self._has_role:
            return True
        return bool(self._asked("sts:GetCallerIdentity", self._own_account) == account_id)

    def look_up(
        self, lookup: Lookup, account_id: str, start: datetime, end: datetime
    ) -> tuple[list[ManagementEvent], bool]:
        """Return the newest events of a name in [start, end), and whether there are more than these.

        Raises:
            UpstreamError: AWS refused, failed, or could not be understood.
        """
        wait = self._next - self._monotonic()
        if wait > 0:
            self._sleep(wait)
        self._next = self._monotonic() + SECONDS_BETWEEN
        page = self._asked("cloudtrail:LookupEvents", lambda: self._page(lookup, account_id, start, end))
        events = page.get("Events") if isinstance(page, Mapping) else None
        if not isinstance(events, list):
            msg = "CloudTrail answered without Events; expected the shape of LookupEvents"
            raise self._error(msg, "bad_answer")
        return [_event(one, lookup.region) for one in events], bool(page.get("NextToken"))

    def _page(self, lookup: Lookup, account_id: str, start: datetime, end: datetime) -> Any:
        where = account_id, lookup.region
        if where not in self._clients:
            self._clients[where] = self._client_for(*where)
        return self._clients[where].lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": lookup.event_name}],
            StartTime=start,
            EndTime=end,
            MaxResults=MAX_RESULTS,
        )

    def _asked(self, action: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except boto.ClientError as error:
            code, text, status = refusal_of(error.response)
            msg = f"AWS refused {action} for the connection {self._conn_id!r} ({code}: {text})"
            raise self._error(msg, reason_of(code, status)) from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.TokenRetrievalError) as error:
            msg = f"there are no AWS credentials in the connection {self._conn_id!r}: {error}"
            raise self._error(msg, "auth") from error
        except (boto.BotoCoreError, ValueError) as error:
            msg = (
                f"CloudTrail could not be reached or understood ({type(error).__name__}: {str(error)[:200]})"
            )
            raise self._error(msg, "unavailable") from error

    def _error(self, message: str, reason: Reason) -> UpstreamError:
        return UpstreamError(message, system="CloudTrail", reason=reason)


def _event(found: Mapping[str, Any], region: str) -> ManagementEvent:
    at = found.get("EventTime")
    resources = found.get("Resources") or ()
    return ManagementEvent(
        name=str(found.get("EventName", ""))[:_MAX_NAME],
        source=str(found.get("EventSource", ""))[:_MAX_NAME],
        user=str(found.get("Username", ""))[:_MAX_NAME],
        at=at.astimezone(UTC) if isinstance(at, datetime) else datetime.fromtimestamp(0, UTC),
        region=region,
        error_code=_error_code(found.get("CloudTrailEvent")),
        resources=tuple(
            f"{one.get('ResourceType', '')} {one.get('ResourceName', '')}".strip()[:_MAX_NAME]
            for one in resources
            if isinstance(one, Mapping)
        ),
    )


def _error_code(raw: object) -> str:
    """Return the error code of the event itself, which only its JSON text holds."""
    try:
        return str(json.loads(str(raw)).get("errorCode") or "")
    except (ValueError, AttributeError):
        return ""
