"""The settings: ``include/costspike.yaml``, environment overrides, and what one run asks for.

What people announce (section ``calendar``) is in a file of its own beside it, ``planned_changes.yaml``.

Read once, validated whole: every mistake is reported at once, with what would be valid. This module is the
only one that reads ``COSTSPIKE__SECTION__KEY``; connections hold everything secret and every address.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError

from costspike.domain.calendar_settings import CalendarSettings
from costspike.domain.errors import SettingsError
from costspike.domain.receivers import PROVIDERS, ReceiverSettings
from costspike.domain.routes import unknown_tags
from costspike.domain.sections import Section
from costspike.settings_sections import Settings

__all__ = ["SETTINGS_FILE", "Settings", "documentation", "load"]

SETTINGS_FILE = Path(__file__).parents[2] / "include" / "costspike.yaml"
_PREFIX = "COSTSPIKE__"
_CALENDAR = "calendar"
_CALENDAR_FILE = "planned_changes.yaml"
_SECTIONS = {
    name: cast("type[Section]", field.annotation)
    for name, field in Settings.model_fields.items()
    if name != _CALENDAR
}
# What is unknown up to here is told with the names that are valid.
_KEY_DEPTH = 2
# The same loader in C where PyYAML has it: five times as fast, and every task process reads the file.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[tuple[str, str], Any] | None = None,
) -> Settings:
    """Return the settings.

    Args:
        file: default: COSTSPIKE_SETTINGS_FILE, else ``include/costspike.yaml`` of the project;
            ``planned_changes.yaml`` is read from the same folder, if it is there.
        environment: default: the process's; ``COSTSPIKE__SECTION__KEY`` wins over the file.
        overrides: (section, key) to value, wins over both: what one run was triggered with.

    Raises:
        SettingsError: all problems at once.
    """
    env = os.environ if environment is None else environment
    path = file or Path(env.get("COSTSPIKE_SETTINGS_FILE") or SETTINGS_FILE)
    values, problems = _from_file(path)
    for (section, key), value in [*_from_environment(env, problems), *(overrides or {}).items()]:
        values.setdefault(section, {})[key] = value
    problems += _unknown(values)
    values[_CALENDAR], more = _from_calendar(path.with_name(_CALENDAR_FILE))
    problems += more
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors() if not _is_told(detail)]
    else:
        problems += receiver_problems(settings.alerts.receivers)
        problems += unknown_tags(settings.alerts.routes, settings.organisation.account_tags)
    if problems:
        msg = (
            f"the settings have {len(problems)} problem(s) ({path} and {_PREFIX}* variables):\n- "
            + "\n- ".join(problems)
        )
        raise SettingsError(msg)
    return settings


def _from_file(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    if not path.exists():
        return {}, [f"there is no file {path}; expected the settings there, or COSTSPIKE_SETTINGS_FILE"]
    loaded, problems = _yaml(path, f"sections: {', '.join(_SECTIONS)}")
    problems += [
        f"{name}: expected a section of keys, got {value!r}"
        for name, value in loaded.items()
        if not _is_section(value)
    ]
    return {str(name): dict(value or {}) for name, value in loaded.items() if _is_section(value)}, problems


def _from_calendar(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Return planned changes and mutes; without the file there are none."""
    if not path.exists():
        return {}, []
    lists = _names(CalendarSettings)
    loaded, problems = _yaml(path, f"the lists {lists}")
    known = {name: value or [] for name, value in loaded.items() if name in CalendarSettings.model_fields}
    problems += [
        f"{_CALENDAR_FILE}: {name}: there is no such list; expected {lists}"
        for name in loaded
        if name not in known
    ]
    return known, problems


def _yaml(path: Path, expected: str) -> tuple[dict[Any, Any], list[str]]:
    """Return the mapping in a file, and why there is none."""
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError) as error:
        return {}, [f"{path} cannot be read: {error}"]
    except yaml.YAMLError as error:
        return {}, [f"{path} is no YAML: {error}"]
    if not isinstance(loaded, dict):
        return {}, [f"{path} holds a {type(loaded).__name__}; expected {expected}"]
    return loaded, []


def _is_section(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _from_environment(env: Mapping[str, str], problems: list[str]) -> list[tuple[tuple[str, str], Any]]:
    """Return the overrides in the environment, each read as what its key holds."""
    found = []
    for name in sorted(env):
        if not name.startswith(_PREFIX):
            continue
        section, _, key = name.removeprefix(_PREFIX).lower().partition("__")
        if key:
            found.append(((section, key), _read(section, key, env[name])))
        else:
            problems.append(f"{name}: expected {_PREFIX}SECTION__KEY")
    return found


def _read(section: str, key: str, text: str) -> Any:
    """Return an override as YAML would read it; a text stays as it is ('#costs' is a channel, no comment)."""
    own = _SECTIONS[section].model_fields.get(key) if section in _SECTIONS else None
    if own is None or own.annotation is str or not text:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _unknown(values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a problem for each section or key that does not exist."""
    problems = []
    for section, keys in values.items():
        if section not in _SECTIONS:
            problems.append(f"{section}: there is no such section; expected one of {', '.join(_SECTIONS)}")
            continue
        known = _SECTIONS[section].model_fields
        problems += [
            f"{section}.{key}: there is no such key; expected one of {', '.join(known)}"
            for key in keys
            if key not in known
        ]
    return problems


def _is_told(detail: Mapping[str, Any]) -> bool:
    """Tell whether ``_unknown`` has told it, and better."""
    return detail["type"] == "extra_forbidden" and len(detail["loc"]) <= _KEY_DEPTH


def _problem(detail: Mapping[str, Any]) -> str:
    section, *names = map(str, detail["loc"])
    where = f"{_CALENDAR_FILE}: {'.'.join(names)}" if section == _CALENDAR else ".".join([section, *names])
    return f"{where}: {detail['msg']}, got {detail['input']!r}"


def receiver_problems(receivers: Iterable[ReceiverSettings]) -> list[str]:
    """Return what is wrong with receivers: their settings, or a provider that is not installed.

    The list of installed packages is asked, and nothing is imported: this runs whenever the DAG is parsed.
    """
    problems = []
    for at, own in enumerate(receivers):
        where = f"alerts.receivers.{at}"
        if problem := own.problem():
            problems.append(f"{where}: {problem}")
        package = PROVIDERS[own.kind]
        try:
            version(package)
        except PackageNotFoundError:
            problems.append(
                f"{where}: {own.kind} needs the package {package}, which is not installed; add it to requirements.txt"
            )
    return problems


def _names(section: type[Section]) -> str:
    return ", ".join(section.model_fields)


def documentation() -> Iterable[tuple[str, str, Any, str]]:
    """Yield section, key, default and description of every setting, for the README's table."""
    for section, keys in _SECTIONS.items():
        for key, own in keys.model_fields.items():
            yield section, key, own.get_default(call_default_factory=True), own.description or ""
