"""From Airflow's connections to a client that asks the right address with the right credentials."""

import json

import pytest

from costspike.domain.errors import UpstreamError
from costspike.prometheus_connection import prometheus
from costspike.settings import Settings
from demo.servers.faults import Fault
from demo.servers.http import LocalServer, Request, Response

EMPTY = Response.of({"status": "success", "data": {"resultType": "vector", "result": []}})


class Noting(LocalServer):
    """Answers everything with nothing."""

    def method_of(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request, fault: Fault | None) -> Response:
        return EMPTY


def connect(monkeypatch: pytest.MonkeyPatch, conn_id: str, **fields: object) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))


def asked_with(monkeypatch: pytest.MonkeyPatch, **fields: object) -> Request:
    """Return the request that a query makes with a connection of these fields."""
    with Noting() as server:
        connect(monkeypatch, "prometheus_default", conn_type="http", host=server.url, **fields)
        with prometheus(Settings()) as client:
            assert client is not None
            client.query("up", 0)
    (request,) = server.requests
    return request


def test_without_a_connection_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_PROMETHEUS_DEFAULT", raising=False)
    with prometheus(Settings()) as client:
        assert client is None


def test_a_token_of_the_extra_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked_with(monkeypatch, extra={"bearer_token": "t0ken", "org_id": "team"})
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["x-scope-orgid"] == "team"


def test_requests_are_signed_with_the_credentials_of_an_aws_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(
        monkeypatch,
        "aws_prom",
        conn_type="aws",
        login="AKIDEXAMPLE",
        password="secret",
        extra={"region_name": "eu-west-1"},
    )
    request = asked_with(monkeypatch, extra={"aws_conn_id": "aws_prom"})
    assert "Credential=AKIDEXAMPLE/" in request.headers["authorization"]
    assert "/eu-west-1/aps/aws4_request" in request.headers["authorization"]
    assert "x-amz-date" in request.headers


def test_an_aws_connection_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    connect(
        monkeypatch,
        "prometheus_default",
        conn_type="http",
        host="127.0.0.1",
        extra={"aws_conn_id": "nowhere"},
    )
    with pytest.raises(UpstreamError, match="'nowhere'"), prometheus(Settings()):
        pass


def test_an_error_about_a_connection_does_not_tell_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "prometheus_default", conn_type="http", host="ftp://x", password="very-secret")
    with pytest.raises(UpstreamError) as caught, prometheus(Settings()):
        pass
    assert "very-secret" not in str(caught.value)
