"""Why a task failed, from what Airflow wrote into its log."""

from __future__ import annotations

import re
from pathlib import Path

# The last line of a traceback: the error's name, perhaps with its module, and its message.
_ERROR = re.compile(r"^(?:[a-z_]\w*\.)*([A-Z]\w+): (\S.*)$", re.MULTILINE)
_LONGEST = 400


def size(log: Path) -> int:
    """Return where the log ends now."""
    return log.stat().st_size if log.exists() else 0


def reason(log: Path, since: int) -> str:
    """Return the message of the last error that was written since a position, empty if there is none."""
    with log.open("rb") as file:
        file.seek(since)
        text = file.read().decode(errors="replace")
    found = _ERROR.findall(text)
    return found[-1][1][:_LONGEST] if found else ""
