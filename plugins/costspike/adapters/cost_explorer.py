"""AWS Cost Explorer over boto3: all pages of a question, counted, with errors that say what to do."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import botocore.exceptions as boto

from costspike.domain.aws_refusals import CREDENTIALS, DENIED, THROTTLED, refusal_of
from costspike.domain.errors import BudgetExceeded, DataContractError, Reason, UpstreamError

# A page token that AWS forgot, or an organisation that has just switched Cost Explorer on.
_HEALING: Mapping[str, tuple[Reason, str]] = {
    "InvalidNextTokenException": ("bad_answer", "lost its place between two pages"),
    "RequestChangedException": ("bad_answer", "lost its place between two pages"),
    "DataUnavailableException": ("unavailable", "has not prepared the data yet"),
}
# Pages of one question: far above what the largest organisation has, so that a loop is seen.
_MOST_PAGES = 10_000


class Client(Protocol):
    """The part of boto3's ``ce`` client that is used."""

    meta: Any

    def get_cost_and_usage(self, **parameters: Any) -> Any:
        """Return one page."""


class CostExplorer:
    """Asks questions and counts the requests that AWS bills.

    ``allowance`` is how many are still allowed; ``book`` is called for each one that was answered, at once,
    so that a process that is killed between two pages has booked the pages it paid for.
    """

    def __init__(
        self,
        client: Client,
        *,
        conn_id: str,
        max_attempts: int = 5,
        max_wait_seconds: float = 30,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._conn_id = conn_id
        self._max_attempts = max_attempts
        self._max_wait = max_wait_seconds
        self._sleep = sleep
        self.requests = 0
        self.allowance: int | None = None
        self.book: Callable[[], None] = lambda: None
        # botocore's standard mode knows x-amz-retry-after only, and caps it at a few seconds.
        client.meta.events.register_first(
            "needs-retry.cost-explorer.GetCostAndUsage", self._honour_retry_after
        )

    def pages(self, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield every page of GetCostAndUsage for one question; botocore has no paginator for it.

        Raises:
            BudgetExceeded: the next page would be one more than ``allowance``.
            DataContractError: a page token came twice, which would never end.
            UpstreamError: AWS refused, failed, or could not be understood.
        """
        seen: set[str] = set()
        question = dict(parameters)
        while True:
            page = self._ask(question)
            yield page
            token = page.get("NextPageToken")
            if not token:
                return
            if token in seen or len(seen) >= _MOST_PAGES:
                msg = (
                    f"Cost Explorer gave the same page token again after {len(seen) + 1} pages; expected a new one. "
                    "Nothing was changed in the warehouse; run land_costs again."
                )
                raise DataContractError(msg)
            seen.add(token)
            question["NextPageToken"] = token

    def require(self, requests: int) -> None:
        """Refuse to begin what the allowance cannot finish: half of a reading is paid for nothing.

        Raises:
            BudgetExceeded: fewer than ``requests`` are left.
        """
        left = requests if self.allowance is None else self.allowance - self.requests
        if left < requests:
            msg = (
                f"the reading takes {requests} requests to Cost Explorer at least, and the budget allows {left} more "
                "today; raise cost_explorer.daily_budget_usd or history_budget_usd, or run again tomorrow (UTC)"
            )
            raise BudgetExceeded(msg)

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if self.allowance is not None and self.requests >= self.allowance:
            msg = (
                f"the budget allows {self.allowance} more requests to Cost Explorer today and they are used up; "
                "raise cost_explorer.daily_budget_usd or history_budget_usd, or run again tomorrow (UTC)"
            )
            raise BudgetExceeded(msg)
        try:
            page = dict(self._client.get_cost_and_usage(**question))
        except boto.ClientError as error:
            raise self._refusal(error) from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.TokenRetrievalError) as error:
            msg = f"there are no AWS credentials in the connection {self._conn_id!r}: {error}; add a key or a role"
            raise self._error(msg, "auth") from error
        except (boto.BotoCoreError, ValueError, AttributeError, TypeError) as error:
            # botocore leaks its JSON decoder's error for a body that is cut off, and whatever its parser meets
            # in one of another shape: a list, null, a text in place of the results.
            msg = (
                f"Cost Explorer could not be reached or understood through the connection {self._conn_id!r} "
                f"({type(error).__name__}: {str(error)[:200]}); the task is tried again"
            )
            raise self._error(msg, "unavailable") from error
        self.requests += 1
        self.book()
        if "ResultsByTime" not in page:
            # botocore reads a body that is cut off or no JSON as an answer without any field.
            found = sorted(set(page) - {"ResponseMetadata"})
            msg = (
                f"Cost Explorer answered without ResultsByTime (it has {found or 'nothing that could be read'}); "
                "expected the shape of GetCostAndUsage. Nothing was changed in the warehouse; the task is tried again. "
                f"If it stays, look at the endpoint of the connection {self._conn_id!r}"
            )
            raise self._error(msg, "bad_answer")
        return page

    def _refusal(self, error: boto.ClientError) -> UpstreamError:
        """Return what an error of the service means for the user."""
        code, text, status = refusal_of(error.response)
        if code in CREDENTIALS:
            msg = (
                f"AWS does not accept the credentials of the connection {self._conn_id!r} ({code}: "
                f"{text}); correct them"
            )
            return self._error(msg, "auth")
        if code in DENIED or status == 403:  # noqa: PLR2004 - HTTP's word for forbidden
            msg = (
                f"Cost Explorer denied ce:GetCostAndUsage for the connection {self._conn_id!r} ({code}: {text}). "
                "Grant the action to its role or change connections.aws"
            )
            return self._error(msg, "auth")
        if code in THROTTLED or status == 429:  # noqa: PLR2004 - HTTP's word for too many requests
            msg = f"Cost Explorer throttled every try ({code}: {text}); the task is tried again later"
            return self._error(msg, "rate_limited")
        if code in _HEALING:
            reason, what = _HEALING[code]
            return self._error(
                f"Cost Explorer {what} ({code}: {text}); the task is tried again later", reason
            )
        if status >= 500:  # noqa: PLR2004 - HTTP's server errors
            msg = f"Cost Explorer failed with {status} on every try ({code}: {text}); the task is tried again later"
            return self._error(msg, "unavailable")
        msg = (
            f"Cost Explorer refused the question through the connection {self._conn_id!r} ({code}: {text}); "
            "this does not heal by trying again"
        )
        return self._error(msg, "bad_request")

    def _error(self, message: str, reason: Reason) -> UpstreamError:
        return UpstreamError(message, system="Cost Explorer", reason=reason)

    def _honour_retry_after(self, response: Any, attempts: int, **_: Any) -> None:
        """Wait as long as the answer asks for, before botocore's own short delay."""
        if response is None or attempts >= self._max_attempts:
            return
        http, _parsed = response
        seconds = _seconds(http.headers.get("Retry-After"))
        if http.status_code < 400 or seconds is None:  # noqa: PLR2004 - HTTP's first error
            return
        if seconds > self._max_wait:
            msg = f"Cost Explorer asked to wait {seconds:.0f} s; that is left to the next try of the task"
            raise UpstreamError(
                msg, system="Cost Explorer", reason="rate_limited", retryable=True, retry_after=seconds
            )
        self._sleep(seconds)


def _seconds(header: str | None) -> float | None:
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
