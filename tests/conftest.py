"""What every test stands on: an environment of its own for Airflow, and a Postgres for those who ask."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.postgres_server import PostgresServer, postgres_server

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database
    from tests.prometheus_server import PrometheusServer

PROJECT = Path(__file__).parents[1]
# What a developer has set for their own Airflow, AWS or Slack must not reach a test.
FOREIGN = ("AIRFLOW", "AWS_", "ANTHROPIC_", "SLACK_", "COSTSPIKE__")
AIRFLOW_HOME = tempfile.mkdtemp(prefix="costspike-airflow-")


def _isolate_airflow() -> None:
    """Set what Airflow reads when it is imported, which may be at the first import of a test module."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ.update(
        AIRFLOW_HOME=AIRFLOW_HOME,
        AIRFLOW__CORE__DAGS_FOLDER=str(PROJECT / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(PROJECT / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
    )


_isolate_airflow()

# How long an example takes is a fact of the machine and of what else runs on it.
hypothesis.settings.register_profile("costspike", deadline=None)
hypothesis.settings.load_profile("costspike")


def pytest_unconfigure() -> None:
    shutil.rmtree(AIRFLOW_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Return the Postgres of this test process; every test takes ``postgres.new_database()``."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def prometheus() -> Iterator[PrometheusServer]:
    """Return a Prometheus that takes and keeps a year of history; it starts in a fraction of a second."""
    from tests.prometheus_server import prometheus_server  # not before the environment is isolated

    with prometheus_server() as server:
        yield server


@pytest.fixture(params=["duckdb", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield an empty warehouse, once in each engine that is supported."""
    with _warehouse(request, tmp_path) as found:
        yield found


@pytest.fixture(params=["duckdb", "postgres", "psycopg2", "generic"])
def every_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield an empty warehouse, once over each way to a database that there is."""
    with _warehouse(request, tmp_path) as found:
        yield found


def _warehouse(request: pytest.FixtureRequest, folder: Path) -> AbstractContextManager[Database]:
    from tests.warehouses import POSTGRES, kept_open  # not before the environment is isolated

    if request.param == "duckdb":
        return kept_open(folder / "costs.duckdb")
    server: PostgresServer = request.getfixturevalue("postgres")
    return nullcontext(POSTGRES[request.param](server.new_database()))
