"""Write requirements.txt, what an Astro image installs: the dependencies of pyproject.toml, pinned as locked.

Airflow itself is not among them; the image brings its own.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = """\
# Written by `make lock`: the dependencies of pyproject.toml, pinned as in requirements.lock.
# An Astro image installs this on top of its own Airflow, so Airflow is not in it.
"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PIN = re.compile(rf"^({_NAME.pattern})==(\S+)(?: ; ([^\\]+?))?(?: \\)?$")


def dependencies(pyproject: str) -> list[str]:
    """Return the names of the ``[project]`` dependencies, normalized and sorted."""
    declared = tomllib.loads(pyproject)["project"]["dependencies"]
    return sorted(_normalized(_NAME.match(line)[0]) for line in declared)  # type: ignore[index]


def locked(lock: str) -> dict[str, list[str]]:
    """Return the pins of a lock file by name: ``name==version``, with its marker where it has one."""
    pins: dict[str, list[str]] = {}
    for line in lock.splitlines():
        if found := _PIN.match(line):
            name, version, marker = found.groups()
            pins.setdefault(_normalized(name), []).append(
                f"{name}=={version}" + (f" ; {marker}" if marker else "")
            )
    return pins


def pinned(pyproject: str, lock: str) -> str:
    """Return the text of requirements.txt.

    Raises:
        KeyError: a dependency is not in the lock, which then is older than pyproject.toml.
    """
    pins = locked(lock)
    return HEADER + "".join(f"{pin}\n" for name in dependencies(pyproject) for pin in pins[name])


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Write the file, and say so."""
    text = pinned((ROOT / "pyproject.toml").read_text(), (ROOT / "requirements.lock").read_text())
    (ROOT / "requirements.txt").write_text(text)
    sys.stdout.write(f"requirements.txt: {text.count('==')} pins\n")


if __name__ == "__main__":
    main()
