"""What can be wrong with Cost Explorer's answers, apart from the connection itself.

Refusals: ``throttle`` (``code``, ``retry_after``), ``429``, ``500``, ``503`` and ``error`` (``code``,
``message``, ``status``). Spoiled pages: ``no_results``, ``missing_day`` (``day``, else the page's first),
``bad_amount`` (``value``), ``duplicate_group``, ``mixed_currency_in_group`` (``currency``), ``repeat_token``
(from then on every page has the same token) and ``truncated`` (the connection ends within the body).
"""

import copy
from collections.abc import Mapping
from typing import Any

from demo.servers.faults import Fault
from demo.servers.http import Response

REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "throttle": (400, "ThrottlingException", "Rate exceeded"),
    "429": (429, "TooManyRequestsException", "Too many requests"),
    "500": (500, "InternalFailure", "Internal failure"),
    "503": (503, "ServiceUnavailable", "Service unavailable"),
    "error": (400, "ValidationException", "refused by order of a fault"),
}
PAGES = frozenset(
    {"no_results", "missing_day", "bad_amount", "duplicate_group", "mixed_currency_in_group", "repeat_token"}
)
FAULTS = frozenset(REFUSALS) | PAGES | {"truncated"}

Page = dict[str, Any]


def error_response(
    code: str, message: str, *, status: int = 400, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error in the protocol of the service (JSON 1.1)."""
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    return Response.of(
        {"__type": code, "message": message}, status=status, headers={**kind, **(headers or {})}
    )


def refusal(fault: Fault) -> Response:
    """Return the error answer that a fault asks for."""
    status, code, message = REFUSALS[fault.name]
    later = {"Retry-After": fault.text("retry_after")} if "retry_after" in fault.options else {}
    return error_response(
        fault.text("code", code),
        fault.text("message", message),
        status=int(fault.number("status", status)),
        headers=later,
    )


def spoiled(page: Page, fault: Fault) -> Page:
    """Return a copy of a page with the fault in it; faults of another kind leave it as it is."""
    result = copy.deepcopy(page)
    match fault.name:
        case "no_results":
            del result["ResultsByTime"]
        case "missing_day":
            day = fault.text("day") or result["ResultsByTime"][0]["TimePeriod"]["Start"]
            kept = [r for r in result["ResultsByTime"] if r["TimePeriod"]["Start"] != day]
            result["ResultsByTime"] = kept
        case "bad_amount":
            first = next(iter(_first_metrics(result).values()))
            first["Amount"] = fault.text("value", "NaN")
        case "mixed_currency_in_group":
            metrics = _first_metrics(result)
            money = [name for name in metrics if name.endswith("Cost")]
            metrics[money[-1]]["Unit"] = fault.text("currency", "EUR")
        case "duplicate_group":
            groups = next(r["Groups"] for r in result["ResultsByTime"] if r["Groups"])
            groups.insert(1, copy.deepcopy(groups[0]))
        case _:
            pass
    return result


def _first_metrics(page: Page) -> dict[str, dict[str, str]]:
    days = page["ResultsByTime"]
    first = next((r for r in days if r["Groups"]), days[0])
    metrics: dict[str, dict[str, str]] = first["Groups"][0]["Metrics"] if first["Groups"] else first["Total"]
    return metrics
