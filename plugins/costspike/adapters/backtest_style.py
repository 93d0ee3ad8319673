"""The style of a back-test's page: that of the previews, and what only a report has."""

from __future__ import annotations

from pathlib import Path

_TEMPLATES = Path(__file__).parents[1] / "templates"


def stylesheet() -> str:
    """Return the CSS of a back-test's page."""
    return "".join(
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("preview.css", "backtest.css")
    )
