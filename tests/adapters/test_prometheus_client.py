"""The client against what a server, a proxy or somebody in between may answer."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from costspike.adapters.prometheus.answers import SamplesRefused
from costspike.adapters.prometheus.client import LARGEST_ANSWER, Prometheus
from costspike.adapters.prometheus.endpoint import endpoint, http_client
from costspike.adapters.prometheus.sigv4 import SigV4
from costspike.domain.day_metrics import Key
from costspike.domain.errors import UpstreamError
from costspike.domain.metric_revisions import Sample
from demo.servers.faults import HANG, MALFORMED, RESET, Fault
from demo.servers.http import LocalServer, Request, Response
from tests.prometheus_server import PrometheusServer, prometheus_server

SAMPLE = Sample(Key("m", (("a", "b"),)), 1_790_000_000, 1.5)
SECRET = "secret-of-the-tests"


class Answering(LocalServer):
    """Gives one answer to everything."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response

    def method_of(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request, fault: Fault | None) -> Response:
        return self.response


def vector(*series: Any, **more: Any) -> Response:
    return Response.of(
        {"status": "success", "data": {"resultType": "vector", "result": list(series)}, **more}
    )


@contextmanager
def client_of(url: str, *, auth: Any = None, seconds: float = 2, **extra: Any) -> Iterator[Prometheus]:
    where = endpoint("prom", host=url, login="me", password=SECRET, extra=extra)
    with Prometheus(
        http_client(where, timeout_seconds=seconds, auth=auth), where, timeout_seconds=seconds
    ) as client:
        yield client


@pytest.fixture
def asking() -> Iterator[Callable[[Response], Prometheus]]:
    """Return a function that makes a client of a server with one answer."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda response: stack.enter_context(client_of(stack.enter_context(Answering(response)).url))


Asking = Callable[[Response], Prometheus]


def test_series_and_points_are_read(asking: Asking) -> None:
    client = asking(vector({"metric": {"__name__": "m", "a": "ü"}, "value": [1.5, "2.25"]}))
    ((labels, points),) = client.query("m", 1)
    assert (labels, points) == ({"__name__": "m", "a": "ü"}, [(1.5, 2.25)])


@pytest.mark.parametrize(
    ("response", "reason", "retryable", "said"),
    [
        pytest.param(
            Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
            "bad_request",
            False,
            "redirects",
            id="redirect",
        ),
        pytest.param(Response(status=401), "auth", False, "credentials", id="unauthorized"),
        pytest.param(Response(status=403, body=b"denied"), "auth", False, "credentials", id="forbidden"),
        pytest.param(
            Response(status=404, body=b"<html>"), "bad_request", False, "host and path", id="not found"
        ),
        pytest.param(Response(status=429), "rate_limited", True, "limits the rate", id="too many"),
        pytest.param(Response(status=502, body=b"bad gateway"), "unavailable", True, "502", id="bad gateway"),
        pytest.param(
            Response(body=b"<html>login</html>"), "bad_request", False, "HTTP API", id="a login page"
        ),
        pytest.param(Response(body=b"[]"), "bad_request", False, "HTTP API", id="other JSON"),
        pytest.param(
            Response.of({"status": "success"}), "bad_request", False, "without a result", id="no data"
        ),
        pytest.param(vector({"metric": {}}), "bad_request", False, "cannot be read", id="no value"),
        pytest.param(
            vector({"metric": {}, "value": [1, "x"]}), "bad_request", False, "cannot be read", id="no number"
        ),
        pytest.param(
            vector(warnings=["store gateway down"]), "bad_answer", True, "partial", id="a partial answer"
        ),
        pytest.param(
            Response.of({"status": "error", "errorType": "timeout", "error": "slow"}, status=503),
            "unavailable",
            True,
            "slow",
            id="timeout",
        ),
        pytest.param(
            Response.of({"status": "error", "errorType": "bad_data", "error": "parse error"}, status=400),
            "bad_request",
            False,
            "parse error",
            id="bad query",
        ),
        pytest.param(
            Response(body=b"x" * (LARGEST_ANSWER + 1)),
            "bad_request",
            False,
            "larger than 8 MB",
            id="too large",
        ),
    ],
)
def test_an_answer_that_is_none_says_what_to_do(
    asking: Asking, response: Response, reason: str, retryable: bool, said: str
) -> None:
    client = asking(response)
    with pytest.raises(UpstreamError, match=said) as caught:
        client.query("m", 1)
    assert (caught.value.reason, caught.value.retryable) == (reason, retryable)
    assert "'prom'" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_a_remark_on_the_expression_is_no_partial_answer(asking: Asking) -> None:
    assert asking(vector(warnings=["PromQL info: metric might not be a counter"])).query("m", 1) == []


@pytest.mark.parametrize("fault", [RESET, MALFORMED])
def test_a_broken_connection_heals_by_trying_again(fault: str) -> None:
    with Answering(vector()) as server, client_of(server.url) as client:
        server.faults.push(fault)
        with pytest.raises(UpstreamError) as caught:
            client.query("m", 1)
        assert caught.value.retryable
        assert client.query("m", 1) == []


def test_a_server_that_hangs_is_left() -> None:
    with Answering(vector()) as server, client_of(server.url, seconds=0.2) as client:
        server.faults.push(HANG)
        with pytest.raises(UpstreamError, match="ReadTimeout") as caught:
            client.query("m", 1)
        assert caught.value.retryable


@pytest.mark.parametrize(
    ("status", "text", "why"),
    [
        (500, "too old sample", "too_old"),
        (400, "out of bounds", "too_old"),
        (400, "out of order sample", "too_old"),
        (400, "err-mimir-sample-timestamp-too-old: the sample has been rejected", "too_old"),
        (400, "duplicate sample for timestamp", "duplicate"),
        (
            404,
            "remote write receiver needs to be enabled with --web.enable-remote-write-receiver",
            "no_receiver",
        ),
        (413, "too large", "too_large"),
        (422, "label name too long", "other"),
    ],
)
def test_samples_that_are_refused_for_good_say_why(asking: Asking, status: int, text: str, why: str) -> None:
    with pytest.raises(SamplesRefused) as caught:
        asking(Response(status=status, body=text.encode())).write([SAMPLE])
    assert (caught.value.why, caught.value.retryable) == (why, False)


@pytest.mark.parametrize(
    ("status", "retryable"), [(429, True), (500, True), (503, True), (401, False), (302, False)]
)
def test_a_write_that_failed_otherwise_is_told_apart(asking: Asking, status: int, retryable: bool) -> None:
    with pytest.raises(UpstreamError) as caught:
        asking(Response(status=status)).write([SAMPLE])
    assert caught.value.retryable == retryable


def test_the_range_of_a_query_is_checked_before_it_is_sent(asking: Asking) -> None:
    with pytest.raises(UpstreamError, match="11000"):
        asking(vector()).query_range("m", 0, 11_000, 1)


def test_only_the_connection_decides_where_traffic_goes_and_what_is_shown() -> None:
    paths: dict[str, Any] = {"path": "prefix", "write_path": "/push", "org_id": "team-a"}
    with Answering(vector()) as server, client_of(server.url + "/base", **paths) as client:
        client.query("m", 1)
        server.response = Response(status=204)
        client.write([SAMPLE])
    read, write = server.requests
    assert (read.path, write.path) == ("/base/prefix/api/v1/query", "/base/prefix/push")
    assert read.headers["x-scope-orgid"] == write.headers["x-scope-orgid"] == "team-a"
    assert read.headers["authorization"].startswith("Basic ")
    assert "cookie" not in read.headers


def test_a_bearer_token_comes_before_a_password() -> None:
    with Answering(vector()) as server, client_of(server.url, bearer_token="t0ken") as client:
        client.query("m", 1)
    assert server.requests[0].headers["authorization"] == "Bearer t0ken"


def test_a_signature_is_of_what_is_sent() -> None:
    credentials = Credentials("AKIDEXAMPLE", "secret", "session")
    signer = SigV4(credentials, "eu-west-1")
    with (
        Answering(Response(status=204)) as server,
        client_of(server.url, auth=signer, region="eu-west-1") as client,
    ):
        client.write([SAMPLE])
    (sent,) = server.requests
    assert "/eu-west-1/aps/aws4_request" in sent.headers["authorization"]
    signed = sent.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    again = AWSRequest(
        "POST",
        f"http://{sent.headers['host']}{sent.path}",
        data=sent.body,
        headers={name: sent.headers[name] for name in signed},
    )
    again.context["timestamp"] = sent.headers["x-amz-date"]
    checker = SigV4Auth(credentials, "aps", "eu-west-1")
    text = checker.string_to_sign(again, checker.canonical_request(again))
    assert sent.headers["authorization"].endswith(checker.signature(text, again))


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("", "names no host"),
        ("ftp://x", "names no host"),
        ("http://user:pw@x", "more than scheme"),
        ("http://x/?a=b", "more than scheme"),
        ("http://169.254.169.254", "link-local"),
        ("http://[fe80::1]", "link-local"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(host: str, said: str) -> None:
    with pytest.raises(UpstreamError, match=said), client_of(host):
        pass


def test_an_unknown_extra_is_named() -> None:
    with pytest.raises(UpstreamError, match="verify_ssl"):
        endpoint("prom", host="x", extra={"verify_ssl": False})


def test_secrets_are_not_in_the_repr() -> None:
    where = endpoint("prom", host="h", login="me", password=SECRET, extra={"bearer_token": "t0ken"})
    assert SECRET not in repr(where)
    assert "t0ken" not in repr(where)


def test_a_port_and_schema_of_their_own_fields() -> None:
    assert endpoint("p", host="h", schema="https", port=9090).url == "https://h:9090"
    assert endpoint("p", host="https://h:1/x/", port=9090).url == "https://h:1/x"


# The password is test; the hash is that of Prometheus's own guide to basic authentication.
BASIC = 'basic_auth_users: {me: "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"}\n'


def test_wrong_credentials_are_told_and_right_ones_let_in() -> None:
    with prometheus_server(web_config=BASIC, login="me", password="test") as server:
        with server.client() as client:
            assert client.query("vector(1)", 0)[0].points == [(0, 1)]
        with server.client(password="wrong") as client:
            for ask in (lambda: client.query("vector(1)", 0), lambda: client.write([SAMPLE])):
                with pytest.raises(UpstreamError, match="does not accept the credentials") as caught:
                    ask()
                assert caught.value.reason == "auth"


def test_what_a_server_tells_of_its_settings_is_read(prometheus: PrometheusServer) -> None:
    from costspike.adapters.prometheus.server_status import server_settings

    with prometheus.client() as client:
        told = server_settings(client)
    assert (told.receiver, told.retention.days, told.window.days) == (True, 1095, 450)  # type: ignore[union-attr]
    assert told.version


def test_a_server_without_status_calls_is_asked_nothing_more(asking: Asking) -> None:
    from costspike.adapters.prometheus.server_status import server_settings

    told = server_settings(asking(Response(status=404, body=json.dumps({"status": "error"}).encode())))
    assert (told.receiver, told.retention, told.window) == (None, None, None)
