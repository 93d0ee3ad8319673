"""Previews: a message as a page on disk, for a deployment without Slack."""

from __future__ import annotations

from pathlib import Path

CSS_FILE = Path(__file__).parents[1] / "templates" / "preview.css"


def write_page(folder: Path, name: str, page: str) -> Path:
    """Write a page and return its path; an earlier one of the same name is replaced at once."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.html"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(path)
    return path


def stylesheet() -> str:
    """Return the CSS of a preview page."""
    return CSS_FILE.read_text(encoding="utf-8")
