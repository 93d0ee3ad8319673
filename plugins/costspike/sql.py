"""The only reader of ``include/sql``: one statement a file, values bound by name.

A file may have a variant for an engine (``create_index.postgres.sql``); the variant wins, and a statement
that exists only as a variant is not run elsewhere. Named parameters (``:day``) become the driver's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

SQL_FOLDER = Path(__file__).parents[2] / "include" / "sql"

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)\b")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


@lru_cache(maxsize=256)
def exists(name: str, engine: str) -> bool:
    """Tell whether a statement is to be run on an engine."""
    return any(path.is_file() for path in _paths(name, engine))


def bind(
    name: str, engine: str, placeholder: str, parameters: Mapping[str, Any]
) -> tuple[str, tuple[Any, ...]]:
    """Return a statement in the driver's style and its values in order.

    Raises:
        KeyError: the statement names a parameter that was not given.
        FileNotFoundError: there is no such statement.
    """
    text, names = _compiled(name, engine, placeholder)
    return text, tuple(parameters[parameter] for parameter in names)


@lru_cache(maxsize=256)
def _compiled(name: str, engine: str, placeholder: str) -> tuple[str, tuple[str, ...]]:
    path = next((path for path in _paths(name, engine) if path.is_file()), None)
    if path is None:
        msg = f"no statement {name!r} for {engine} under {SQL_FOLDER}"
        raise FileNotFoundError(msg)
    text = _COMMENT.sub("", path.read_text(encoding="utf-8")).strip()
    return _PARAMETER.sub(placeholder, text), tuple(_PARAMETER.findall(text))


def _paths(name: str, engine: str) -> tuple[Path, Path]:
    return SQL_FOLDER / f"{name}.{engine}.sql", SQL_FOLDER / f"{name}.sql"
