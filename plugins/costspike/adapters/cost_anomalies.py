"""AWS Cost Anomaly Detection over boto3: the anomalies that ended on some days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import botocore.exceptions as boto

from costspike.domain.aws_refusals import reason_of, refusal_of
from costspike.domain.errors import Reason, UpstreamError
from costspike.domain.evidence.aws_opinion import Anomaly, RootCause

_MAX_RESULTS = 50


class Client(Protocol):
    """The part of boto3's ``ce`` client that is used."""

    def get_anomalies(self, **parameters: Any) -> Any:
        """Return one page."""


class CostAnomalies:
    """One page of GetAnomalies is one paid request; ``requests`` counts those that were answered."""

    def __init__(self, client: Client, *, conn_id: str) -> None:
        self._client = client
        self._conn_id = conn_id
        self.requests = 0

    def anomalies(self, first: date, last: date) -> list[Anomaly]:
        """Return the anomalies whose last day lies in [first, last], both inclusive; one page of them.

        Raises:
            UpstreamError: AWS refused, failed, or could not be understood.
        """
        span = {"StartDate": first.isoformat(), "EndDate": last.isoformat()}
        try:
            page = self._client.get_anomalies(DateInterval=span, MaxResults=_MAX_RESULTS)
        except boto.ClientError as error:
            code, text, status = refusal_of(error.response)
            msg = f"AWS refused ce:GetAnomalies for the connection {self._conn_id!r} ({code}: {text})"
            raise self._error(msg, reason_of(code, status)) from error
        except (boto.BotoCoreError, ValueError) as error:
            msg = f"ce:GetAnomalies could not be reached or understood ({type(error).__name__})"
            raise self._error(msg, "unavailable") from error
        self.requests += 1
        if not isinstance(page.get("Anomalies"), list):
            msg = "ce:GetAnomalies answered without Anomalies"
            raise self._error(msg, "bad_answer")
        return [_anomaly(one) for one in page["Anomalies"]]

    def _error(self, message: str, reason: Reason) -> UpstreamError:
        return UpstreamError(message, system="Cost Anomaly Detection", reason=reason)


def _anomaly(found: Mapping[str, Any]) -> Anomaly:
    impact = found.get("Impact") or {}
    return Anomaly(
        first_day=str(found.get("AnomalyStartDate", "")),
        last_day=str(found.get("AnomalyEndDate", "")),
        service=str(found.get("DimensionValue", "")),
        impact=_amount(impact.get("TotalImpact")) or Decimal(0),
        feedback=str(found.get("Feedback") or ""),
        causes=tuple(_causes(found.get("RootCauses") or ())),
    )


def _causes(found: Any) -> Iterator[RootCause]:
    for one in found:
        yield RootCause(
            account_id=str(one.get("LinkedAccount", "")),
            service=str(one.get("Service", "")),
            region=str(one.get("Region", "")),
            usage_type=str(one.get("UsageType", "")),
            contribution=_amount((one.get("Impact") or {}).get("Contribution")),
        )


def _amount(value: object) -> Decimal | None:
    # The API's doubles: their shortest text is what AWS wrote.
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
