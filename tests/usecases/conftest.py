from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.world import World
from tests.usecases.pipeline import Pipeline, pipeline


@pytest.fixture
def over(tmp_path: Path) -> Iterator[Callable[[World], Pipeline]]:
    """Return a function that makes a pipeline over a world."""
    with ExitStack() as stack:
        yield lambda world, **changes: stack.enter_context(pipeline(tmp_path, world, **changes))
