"""Real Airflow, and everything outside it on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import Outside, outside_world


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowProcess]:
    with AirflowProcess(tmp_path_factory.mktemp("airflow")) as running:
        yield running


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with outside_world(tmp_path) as running:
        yield running
