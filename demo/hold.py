"""One demo at a time in a folder: a second would delete the database under the first."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from demo.environment import Home


class FolderInUseError(Exception):
    """Another demo, or ``make up``, works in the folder."""


@contextmanager
def held(home: Home) -> Iterator[None]:
    """Keep the folder for this process; however that ends, the folder is free again.

    Raises:
        FolderInUseError: somebody else has it.
    """
    home.folder.mkdir(parents=True, exist_ok=True)
    with (home.folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"another demo, or make up, works in {home.folder}: stop it, or give this one another --home"
            raise FolderInUseError(msg) from error
        yield
