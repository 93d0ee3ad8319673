"""One demo at a time in a folder: a second one would delete the database under the first."""

from __future__ import annotations

import fcntl
import os

from demo.environment import Home


class FolderInUseError(Exception):
    """Another demo, or ``make up``, works in the folder."""


def hold(home: Home) -> None:
    """Keep the folder until this process ends, however it ends.

    Raises:
        FolderInUseError: somebody else has it.
    """
    home.folder.mkdir(parents=True, exist_ok=True)
    # Left open on purpose: the lock lives as long as the file. Children do not inherit it.
    file = os.open(home.folder / "lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        msg = f"another demo, or make up, works in {home.folder}: stop it, or name another folder with --home"
        raise FolderInUseError(msg) from error
