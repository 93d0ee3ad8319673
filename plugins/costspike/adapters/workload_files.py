"""Reads the catalogue of workload queries from its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from costspike.domain.errors import SettingsError
from costspike.domain.evidence.workload_queries import Catalogue, catalogue

FOLDER = Path(__file__).parents[3] / "include" / "workload_queries"


def load_catalogue(folder: str = "") -> Catalogue:
    """Return the catalogue of the project's own files, and after them of those in a folder.

    Raises:
        SettingsError: a file cannot be read, or has problems; all of them are told.
    """
    return catalogue(_loaded([FOLDER, *([Path(folder)] if folder else [])]))


def _loaded(folders: list[Path]) -> Iterator[tuple[str, object]]:
    for folder in folders:
        if not folder.is_dir():
            msg = f"there is no folder {folder} with workload queries (prometheus.evidence_folder)"
            raise SettingsError(msg)
        for path in sorted(folder.glob("*.yaml")):
            try:
                yield path.name, yaml.safe_load(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                msg = f"the workload queries in {path} cannot be read: {error}"
                raise SettingsError(msg) from error
