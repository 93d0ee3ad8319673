"""A local Cost Explorer, and a botocore that does not wait."""

from collections.abc import Iterator

import pytest
from botocore.retries.standard import ExponentialBackoff

from demo.servers.cost_explorer import CostExplorerServer
from tests.servers.cost_questions import small_world


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the random delay out of botocore, which sleeps by itself; what it retries stays its own decision."""
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)


@pytest.fixture
def server(no_backoff: None) -> Iterator[CostExplorerServer]:
    with CostExplorerServer(small_world(), page_rows=3, allowed_key_ids={"AKIAGOOD"}) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    return []
