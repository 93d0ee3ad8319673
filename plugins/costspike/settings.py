"""The settings: ``include/costspike.yaml``, environment overrides, and what one run asks for.

Read once, validated whole: every mistake is reported at once, with what would be valid. This module is the
only one that reads ``COSTSPIKE__SECTION__KEY``; connections hold everything secret and every address.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.errors import SettingsError
from costspike.domain.facts import OrganisationSettings
from costspike.domain.reading import ReadingSettings
from costspike.domain.sections import Section
from costspike.domain.severity import SeveritySettings

SETTINGS_FILE = Path(__file__).parents[2] / "include" / "costspike.yaml"
_PREFIX = "COSTSPIKE__"


class ConnectionSettings(Section):
    """The Airflow connections. All endpoints and secrets come from them."""

    aws: str = Field("aws_default", description="AWS connection; it needs ce:GetCostAndUsage.")
    warehouse: str = Field("costspike_warehouse", description="Warehouse connection: duckdb or postgres.")
    anthropic: str = Field("anthropic_default", description="Anthropic connection.")
    slack_api: str = Field("slack_api_default", description="Slack connection with a bot token.")
    slack_webhook: str = Field(
        "slack_default",
        description="Slack incoming webhook, used when there is no bot token (at least once).",
    )


class CostExplorerSettings(Section):
    """How Cost Explorer is asked, and what that may cost."""

    grain: Literal["account_service", "account_service_usage_type", "auto"] = Field(
        "account_service",
        description="account_service: one request set; account_service_usage_type: one an account; "
        "auto: the finer one while it fits the daily budget.",
    )
    daily_budget_usd: Decimal = Field(
        Decimal("1.00"), ge=0, description="Dollars a UTC day for the daily reading."
    )
    history_budget_usd: Decimal = Field(
        Decimal("2.00"), ge=0, description="Dollars a UTC day for filling in history that is missing."
    )
    max_attempts: int = Field(5, ge=1, le=5, description="Tries a request, the first included.")
    max_wait_seconds: float = Field(
        30, ge=0, le=300, description="Longest Retry-After that is waited for inside the task."
    )
    timeout_seconds: float = Field(60, gt=0, le=600, description="Seconds to wait for an answer.")


class ChecksSettings(Section):
    """What landed data has to satisfy before it is judged."""

    tolerance: Decimal = Field(
        Decimal("0.01"),
        ge=0,
        description="Allowed difference between the groups and the total, a day and currency.",
    )


class ExplainSettings(Section):
    """How Claude is asked."""

    enabled: bool = Field(True, description="Ask Claude at all.")
    model: str = Field("claude-sonnet-5-5", min_length=1, description="Model id.")
    effort: Literal["low", "medium", "high", "xhigh", "max"] = Field(
        "medium", description="Effort of the answer."
    )
    max_tokens: int = Field(8000, ge=500, le=21000, description="Ceiling of the answer, thinking included.")
    timeout_seconds: float = Field(120, gt=0, le=600, description="Seconds to wait for an answer.")
    attempts: int = Field(3, ge=1, le=10, description="Tries inside one task.")
    max_wait_seconds: float = Field(
        20, ge=0, le=300, description="Longest Retry-After that is waited for inside the task."
    )
    retries: int = Field(
        2, ge=0, le=20, description="Airflow retries of explain_spike, for what waiting can heal."
    )
    retry_delay_seconds: float = Field(60, ge=0, le=3600, description="Delay before the first of them.")
    daily_budget_usd: Decimal = Field(Decimal("5.00"), ge=0, description="Dollars a UTC day for Claude.")
    in_backfill: bool = Field(False, description="Ask for spikes of a backfill, however old.")
    force: bool = Field(False, description="Ask again although there is an answer for the same facts.")


class AlertsSettings(Section):
    """Where alerts go, and how many."""

    channel: str = Field(
        "#aws-costs", min_length=1, description="Slack channel; an id (C0123456789) saves a look-up."
    )
    max_items: int = Field(
        20, ge=1, le=200, description="Alerts of their own in a run; the rest goes into one digest."
    )
    max_age_days: int = Field(
        3, ge=0, le=60, description="Spikes older than this do not alert from a backfill or a restatement."
    )
    in_backfill: bool = Field(False, description="Alert for spikes of a backfill, however old.")
    redeliver_days: int = Field(
        7, ge=0, le=60, description="Undelivered alerts of these days are tried again."
    )
    timeout_seconds: int = Field(20, ge=1, le=120, description="Seconds to wait for Slack.")
    max_wait_seconds: float = Field(
        60, ge=0, le=600, description="Longest wait for another run that is sending."
    )
    preview_folder: str = Field(
        "", description="Folder of previews without Slack; empty: var/previews in the Airflow home."
    )


class TasksSettings(Section):
    """Retries and time limits of the tasks."""

    retries: int = Field(3, ge=0, le=20, description="Airflow retries of a task.")
    retry_delay_seconds: float = Field(
        300, ge=0, le=86400, description="Delay before the first retry; it doubles."
    )
    max_retry_delay_seconds: float = Field(3600, ge=0, le=86400, description="Longest delay between retries.")
    timeout_minutes: float = Field(60, gt=0, le=1440, description="Time limit of a task.")
    warehouse_wait_seconds: float = Field(
        60, ge=0, le=3600, description="How long a locked DuckDB file is waited for."
    )


class Settings(Section):
    """Everything that can be set, frozen."""

    connections: ConnectionSettings = ConnectionSettings()
    organisation: OrganisationSettings = OrganisationSettings()
    cost_explorer: CostExplorerSettings = CostExplorerSettings()
    reading: ReadingSettings = ReadingSettings()
    checks: ChecksSettings = ChecksSettings()
    detection: DetectionSettings = DetectionSettings()
    severity: SeveritySettings = SeveritySettings()
    explain: ExplainSettings = ExplainSettings()
    alerts: AlertsSettings = AlertsSettings()
    tasks: TasksSettings = TasksSettings()


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[tuple[str, str], Any] | None = None,
) -> Settings:
    """Return the settings.

    Args:
        file: default: COSTSPIKE_SETTINGS_FILE, else ``include/costspike.yaml`` of the project.
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
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors() if detail["type"] != "extra_forbidden"]
    if problems:
        msg = (
            f"the settings have {len(problems)} problem(s) ({path} and {_PREFIX}* variables):\n- "
            + "\n- ".join(problems)
        )
        raise SettingsError(msg)
    return settings


def _from_file(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}, [f"there is no file {path}; expected the settings there, or COSTSPIKE_SETTINGS_FILE"]
    except yaml.YAMLError as error:
        return {}, [f"{path} is no YAML: {error}"]
    if not isinstance(loaded, dict):
        return {}, [f"{path} holds a {type(loaded).__name__}; expected sections: {_names(Settings)}"]
    problems = [
        f"{name}: expected a section of keys, got {value!r}"
        for name, value in loaded.items()
        if not _is_section(value)
    ]
    return {str(name): dict(value or {}) for name, value in loaded.items() if _is_section(value)}, problems


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
    field = Settings.model_fields.get(section)
    own = type(field.default).model_fields.get(key) if field else None
    if own is None or own.annotation is str:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _unknown(values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a problem for each section or key that does not exist."""
    problems = []
    for section, keys in values.items():
        field = Settings.model_fields.get(section)
        if field is None:
            problems.append(f"{section}: there is no such section; expected one of {_names(Settings)}")
            continue
        known = type(field.default).model_fields
        problems += [
            f"{section}.{key}: there is no such key; expected one of {', '.join(known)}"
            for key in keys
            if key not in known
        ]
    return problems


def _problem(detail: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    return f"{where}: {detail['msg']}, got {detail['input']!r}"


def _names(section: type[Section]) -> str:
    return ", ".join(section.model_fields)


def documentation() -> Iterable[tuple[str, str, Any, str]]:
    """Yield section, key, default and description of every setting, for the README's table."""
    for section, field in Settings.model_fields.items():
        for key, own in type(field.default).model_fields.items():
            yield section, key, getattr(field.default, key), own.description or ""
