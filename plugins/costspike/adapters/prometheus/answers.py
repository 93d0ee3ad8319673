"""What an answer of Prometheus means: results, or one of few errors that say what to do."""

from __future__ import annotations

import json
from typing import Any, Literal

import httpx

from costspike.adapters.prometheus.endpoint import SYSTEM
from costspike.domain.errors import Reason, UpstreamError
from costspike.domain.texts import plain, shortened

Why = Literal["too_old", "duplicate", "no_receiver", "too_large", "other"]
_SHOWN = 200
_NO_CONTENT = 204


class SamplesRefused(UpstreamError):
    """The server does not take some samples, and will not take them later; none of the request is stored."""

    def __init__(self, message: str, why: Why) -> None:
        super().__init__(message, system=SYSTEM, reason="bad_request", retryable=False)
        self.why = why


def results(response: httpx.Response, body: bytes, conn_id: str) -> list[dict[str, Any]]:
    """Return the series of an answer to a query.

    Raises:
        UpstreamError: it is no complete answer; a partial one must not pass for the truth.
    """
    data = answer_data(response, body, conn_id)
    found = data.get("result") if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise _unreadable(conn_id, "an answer without a result")
    return found


def answer_data(response: httpx.Response, body: bytes, conn_id: str) -> Any:
    """Return the data of an answer of the HTTP API."""
    parsed = _json(body)
    if parsed is None and "json" in response.headers.get("content-type", ""):
        msg = f"an answer of Prometheus through {conn_id!r} is cut off; it is tried again"
        raise _error(msg, "bad_answer")
    if parsed is None or "status" not in parsed:
        raise _by_status(response, _text(body), conn_id) or _unreadable(conn_id, "no JSON of its API")
    if parsed["status"] != "success":
        raise _refused_query(response, parsed, conn_id)
    # Prometheus 2.49 to 2.55 put remarks on an expression among the warnings.
    partial = [text for text in parsed.get("warnings") or () if not str(text).startswith("PromQL info")]
    if partial:
        msg = (
            f"Prometheus gave a partial answer through {conn_id!r} ({_clean(partial)}); "
            "expected a complete one. It is tried again"
        )
        raise _error(
            msg,
            "bad_answer",
        )
    return parsed.get("data")


def check_written(response: httpx.Response, body: bytes, conn_id: str) -> None:
    """Accept an answer to remote write.

    Raises:
        SamplesRefused: trying again cannot help.
        UpstreamError: as for a query.
    """
    if response.is_success:
        return
    text = _text(body)
    why = _why(response.status_code, text)
    if why is not None:
        msg = f"Prometheus refused samples through {conn_id!r} ({response.status_code}: {text})"
        raise SamplesRefused(msg, why)
    raise _by_status(response, text, conn_id) or _unreadable(conn_id, f"the status {response.status_code}")


def _why(status: int, text: str) -> Why | None:
    """Return why samples were refused for good, None where it is something else."""
    low = text.lower()
    # Prometheus 2.42 says 500 of a sample that is too old; Mimir and Cortex have words of their own.
    if any(words in low for words in ("too old", "too-old", "out of bounds", "out of order", "out-of-order")):
        return "too_old"
    if "duplicate sample" in low or "duplicate-timestamp" in low:
        return "duplicate"
    if status == httpx.codes.NOT_FOUND or "remote write receiver" in low:
        return "no_receiver"
    if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        return "too_large"
    return "other" if status in {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY} else None


def _by_status(response: httpx.Response, text: str, conn_id: str) -> UpstreamError | None:
    """Return what a status means whatever was asked."""
    status, where = response.status_code, f"the connection {conn_id!r}"
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return _error(
            f"Prometheus does not accept the credentials of {where} ({status}); correct them", "auth"
        )
    if response.is_redirect:
        return _error(
            f"what answers through {where} redirects ({status}), which is not followed; "
            "correct its host, schema and path",
            "bad_request",
        )
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return _error(f"Prometheus limits the rate of {where}; it is tried again later", "rate_limited")
    if response.is_server_error:
        return _error(
            f"Prometheus failed through {where} ({status}: {text}); it is tried again", "unavailable"
        )
    if response.is_client_error:
        return _error(
            f"Prometheus refused the request through {where} ({status}: {text}); correct host and path of "
            "the connection",
            "bad_request",
        )
    return None


def _refused_query(response: httpx.Response, parsed: dict[str, Any], conn_id: str) -> UpstreamError:
    kind, text = _clean(parsed.get("errorType", "")), _clean(parsed.get("error", ""))
    if kind in {"timeout", "canceled", "unavailable", "internal"} or response.is_server_error:
        return _error(
            f"Prometheus could not answer a query through {conn_id!r} ({kind}: {text}); it is tried again",
            "unavailable",
        )
    by_status = _by_status(response, text, conn_id)
    if by_status is not None and by_status.reason in {"auth", "rate_limited"}:
        return by_status
    return _error(
        f"Prometheus refused a query through {conn_id!r} ({kind}: {text}); correct the expression",
        "bad_request",
    )


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _unreadable(conn_id: str, what: str) -> UpstreamError:
    msg = (
        f"what answers through {conn_id!r} gave {what}; expected Prometheus's HTTP API. "
        "Correct host, port and path of the connection"
    )
    return _error(msg, "bad_request")


def _error(message: str, reason: Reason) -> UpstreamError:
    return UpstreamError(message, system=SYSTEM, reason=reason)


def _text(body: bytes) -> str:
    return _clean(body.decode("utf-8", "replace"))


def _clean(value: object) -> str:
    return shortened(plain(str(value)), _SHOWN)
