from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from tests import postgres_server
from tests.postgres_server import PostgresServer


def test_databases_of_one_server_do_not_see_each_other(postgres: PostgresServer) -> None:
    one, other = postgres.new_database(), postgres.new_database()
    with psycopg.connect(one.dsn) as connection:
        connection.execute("CREATE TABLE costs (amount NUMERIC)")
    with psycopg.connect(other.dsn) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT amount FROM costs")


def test_airflow_connects_with_the_connection_and_the_metadata_address(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import BaseHook
    from sqlalchemy import create_engine, text

    database = postgres.new_database()
    monkeypatch.setenv("AIRFLOW_CONN_COSTSPIKE_WAREHOUSE", database.connection)
    assert BaseHook.get_connection("costspike_warehouse").get_hook().get_first("SELECT 1")[0] == 1
    engine = create_engine(database.sqlalchemy_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_database()")).scalar() == database.name
    engine.dispose()


def test_a_stranger_on_this_machine_is_not_let_in(postgres: PostgresServer) -> None:
    dsn = postgres.new_database().dsn.replace(postgres.password, "guessed")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(dsn)


def test_nothing_is_left_when_the_server_has_stopped() -> None:
    with postgres_server.postgres_server() as server:
        dsn = server.new_database().dsn
        with psycopg.connect(dsn, row_factory=dict_row) as connection:
            shown = connection.execute("SHOW data_directory").fetchone()
        assert shown is not None
        data = Path(shown["data_directory"])
    assert not data.parent.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)


def test_without_a_server_the_test_is_skipped_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "installed_programs", lambda: None)
    with (
        pytest.raises(pytest.skip.Exception, match="apt-get install postgresql"),
        postgres_server.postgres_server(),
    ):
        pass
