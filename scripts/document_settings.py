"""Write what can be set into include/costspike.yaml and the README's table, from the settings themselves.

Run as ``PYTHONPATH=plugins python scripts/document_settings.py``; a test keeps the files in step.
"""

import textwrap
from decimal import Decimal
from pathlib import Path
from typing import Any

from costspike.settings import Settings, documentation

ROOT = Path(__file__).parents[1]
_MAX_LINE = 110
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"

_HEAD = """\
# The settings of costspike. Every key is optional; the values here are the defaults.
# Override one from the environment with COSTSPIKE__SECTION__KEY, e.g. COSTSPIKE__ALERTS__CHANNEL=C0123456789.
# Secrets and addresses are not here: they live in the Airflow connections.
"""


def yaml_text() -> str:
    """Return the settings file with every key, its default and its description."""
    lines, last = [_HEAD.rstrip()], ""
    for section, key, default, description in documentation():
        if section != last:
            summary = (type(getattr(Settings(), section)).__doc__ or "").splitlines()[0]
            lines += ["", f"# {summary}", f"{section}:"]
            last = section
        lines += [f"  # {line}" for line in textwrap.wrap(description, 100)]
        lines += _entry(key, default)
    return "\n".join(lines) + "\n"


def _entry(key: str, default: Any) -> list[str]:
    """Return a key with its default, a long list with one item a line."""
    line = f"  {key}: {_yaml(default)}"
    if not isinstance(default, tuple) or len(line) <= _MAX_LINE:
        return [line]
    return [f"  {key}:", *(f"    - {_yaml(item)}" for item in default)]


def readme_table() -> str:
    """Return the table of all settings in Markdown."""
    rows = ["| key | default | what it does |", "|---|---|---|"]
    for section, key, default, description in documentation():
        shown = _yaml(default).strip('"') or "empty"
        rows.append(f"| `{section}.{key}` | `{shown}` | {description.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def with_table(readme: str) -> str:
    """Return the README with the table between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{readme_table()}\n{END}{after}"


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, str) and (not value or value.startswith("#")):
        return f'"{value}"'
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def main() -> None:
    """Write both files."""
    (ROOT / "include" / "costspike.yaml").write_text(yaml_text(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
