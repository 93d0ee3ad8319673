"""The warehouse behind an Airflow connection that is wrong, or that leads nowhere."""

import json
from pathlib import Path

import pytest

from costspike.domain.errors import UpstreamError
from costspike.settings import Settings
from costspike.warehouse_connection import open_warehouse
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.enable_socket


def refusal(monkeypatch: pytest.MonkeyPatch, **connection: object) -> UpstreamError:
    monkeypatch.setenv("AIRFLOW_CONN_COSTSPIKE_WAREHOUSE", json.dumps(connection))
    with pytest.raises(UpstreamError, match="the connection 'costspike_warehouse'") as refused:  # noqa: SIM117
        with open_warehouse(Settings()).transaction():
            pass
    return refused.value


@pytest.mark.parametrize("wrong", [{"password": "wrong-secret"}, {"schema": "no_such_database"}])
def test_a_wrong_postgres_connection_is_named_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, postgres: PostgresServer, wrong: dict[str, str]
) -> None:
    right = json.loads(postgres.new_database().connection)
    refused = refusal(monkeypatch, **(right | wrong))
    assert (refused.reason, refused.retryable) == ("auth", False)
    assert right["password"] not in str(refused)
    assert "wrong-secret" not in str(refused)


def test_a_postgres_that_is_down_is_named_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = refusal(monkeypatch, conn_type="postgres", host="127.0.0.1", port=1, schema="x", login="x")
    assert (refused.reason, refused.retryable) == ("unavailable", True)


def test_a_duckdb_file_in_no_folder_or_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = tmp_path / "costs.duckdb"
    text.write_bytes(b"no database" * 2000)
    for file in (tmp_path / "nowhere" / "costs.duckdb", text):
        refused = refusal(monkeypatch, conn_type="duckdb", host=str(file))
        assert str(file) in str(refused)
        assert not refused.retryable


def test_a_connection_that_is_no_database_is_named_with_what_would_be_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = refusal(monkeypatch, conn_type="http", host="127.0.0.1")
    assert "its type 'http' is no database; expected duckdb or postgres" in str(refused)
    assert not refused.retryable
