"""Queries and remote write over httpx: time limits, no redirects, and no answer larger than a limit."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

import httpx

from costspike.adapters.prometheus import answers
from costspike.adapters.prometheus.endpoint import SYSTEM, Endpoint
from costspike.adapters.prometheus.remote_write import HEADERS, request_body
from costspike.domain.errors import UpstreamError
from costspike.domain.metric_revisions import Sample

LARGEST_ANSWER = 8_000_000
# Prometheus refuses more steps in one range query: https://prometheus.io/docs/prometheus/latest/querying/api/
MOST_STEPS = 11_000


class Result(NamedTuple):
    """One series of an answer: its labels with the name, and its points as (Unix seconds, value)."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


class Prometheus:
    """One server behind one connection; use it in a ``with`` statement."""

    def __init__(self, http: httpx.Client, where: Endpoint, *, timeout_seconds: float) -> None:
        self._http = http
        self._where = where
        self._timeout = timeout_seconds

    @property
    def conn_id(self) -> str:
        """Return the connection's id, for messages."""
        return self._where.conn_id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def query(self, expression: str, at: float) -> list[Result]:
        """Return the series of an expression at a moment; a range selector gives raw samples.

        Raises:
            UpstreamError: see ``answers``; also an answer that is too large or holds what is no number.
        """
        return self._results("query", {"query": expression, "time": repr(at)})

    def query_range(self, expression: str, start: float, end: float, step: int) -> list[Result]:
        """Return the series of an expression at every step from ``start`` to ``end``, both inclusive."""
        if (end - start) / step >= MOST_STEPS:
            msg = f"a range query of {(end - start) / step:.0f} steps is beyond the {MOST_STEPS} that Prometheus allows"
            raise UpstreamError(msg, system=SYSTEM, reason="bad_request", retryable=False)
        asked = {"query": expression, "start": repr(start), "end": repr(end), "step": str(step)}
        return self._results("query_range", asked)

    def write(self, samples: Iterable[Sample]) -> None:
        """Write samples; a success is no proof that they are kept (an old duplicate is dropped in silence).

        Raises:
            SamplesRefused: the server will never take them.
            UpstreamError: it did not answer, or not as it should.
        """
        url = self._where.url + self._where.write_path
        response, body = self._send("POST", url, content=request_body(samples), headers=HEADERS)
        answers.check_written(response, body, self.conn_id)

    def status(self, what: str) -> Any:
        """Return what /api/v1/status/... tells, None where the server has no such call, as managed ones."""
        response, body = self._send("GET", f"{self._where.url}{self._where.read_path}/api/v1/status/{what}")
        if response.status_code in {httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED}:
            return None
        try:
            return answers.answer_data(response, body, self.conn_id)
        except UpstreamError as error:
            if error.retryable or error.reason == "auth":
                raise
            return None

    def _results(self, what: str, asked: Mapping[str, str]) -> list[Result]:
        url = f"{self._where.url}{self._where.read_path}/api/v1/{what}"
        # nocache: VictoriaMetrics would answer from before a sample of an old day was written.
        form = {**asked, "timeout": f"{self._timeout:g}s", "nocache": "1"}
        response, body = self._send("POST", url, data=form)
        try:
            return [_result(found) for found in answers.results(response, body, self.conn_id)]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = (
                f"Prometheus answered through {self.conn_id!r} with a series that cannot be read "
                f"({type(error).__name__}); expected labels and values"
            )
            raise UpstreamError(msg, system=SYSTEM, reason="bad_request", retryable=False) from error

    def _send(self, method: str, url: str, **request: Any) -> tuple[httpx.Response, bytes]:
        """Return the answer and its body, read no further than the limit."""
        body, began = bytearray(), time.monotonic()
        try:
            with self._http.stream(method, url, **request) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        msg = f"is larger than {LARGEST_ANSWER / 1e6:.0f} MB"
                        raise self._broken_off(msg)
                    # httpx limits the wait for each piece, not for all of them.
                    if time.monotonic() - began > 2 * self._timeout:
                        msg = f"took longer than {2 * self._timeout:g} s"
                        raise self._broken_off(msg)
                return response, bytes(body)
        except httpx.HTTPError as error:
            msg = (
                f"Prometheus cannot be reached through the connection {self.conn_id!r} ({type(error).__name__}); "
                "it is tried again"
            )
            raise UpstreamError(msg, system=SYSTEM, reason="unavailable", retryable=True) from error
        except httpx.InvalidURL as error:
            msg = f"the connection {self.conn_id!r} for Prometheus is no address; correct its host and path"
            raise UpstreamError(msg, system=SYSTEM, reason="auth", retryable=False) from error

    def _broken_off(self, what: str) -> UpstreamError:
        msg = f"an answer through {self.conn_id!r} {what} and was not read to its end; narrow what is asked"
        return UpstreamError(msg, system=SYSTEM, reason="bad_request", retryable=False)


def _result(found: Mapping[str, Any]) -> Result:
    points = found["values"] if "values" in found else [found["value"]]
    labels = {str(name): str(value) for name, value in found["metric"].items()}
    return Result(labels, [(float(at), _number(value)) for at, value in points])


def _number(text: str) -> float:
    value = float(text)
    return math.nan if math.isnan(value) else value
