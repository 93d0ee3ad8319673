"""Settings: one file, overrides from the environment and for one run, and every mistake at once."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from costspike.domain.errors import SettingsError
from costspike.settings import SETTINGS_FILE, Settings, documentation, load


def written(folder: Path, text: str) -> Path:
    file = folder / "costspike.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as wrong:
        load(written(folder, text), environment or {})
    head, *found = str(wrong.value).split("\n- ")
    assert head.startswith(
        f"the settings have {len(found)} problem(s) ({folder / 'costspike.yaml'} and COSTSPIKE__*"
    )
    return found


def test_the_file_of_the_project_holds_the_defaults_of_the_code() -> None:
    assert load(environment={}) == load(SETTINGS_FILE, {}) == Settings()


@pytest.mark.parametrize("text", ["", "alerts:\n", "# nothing\n", "{}"])
def test_every_key_is_optional(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text), {}) == Settings()


def test_the_environment_wins_over_the_file_and_one_run_over_both(tmp_path: Path) -> None:
    file = written(tmp_path, "alerts: {max_items: 5, channel: C1}\nexplain: {effort: low}")
    environment = {"COSTSPIKE__ALERTS__MAX_ITEMS": "6", "COSTSPIKE__EXPLAIN__EFFORT": "high"}
    settings = load(file, environment, {("explain", "effort"): "max"})
    assert (settings.alerts.channel, settings.alerts.max_items, settings.explain.effort) == ("C1", 6, "max")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ALERTS__CHANNEL", "#aws-costs", "#aws-costs"),
        ("ALERTS__CHANNEL", "C0123456789", "C0123456789"),
        ("ALERTS__CHANNEL", "yes", "yes"),
        ("ALERTS__IN_BACKFILL", "true", True),
        ("EXPLAIN__ENABLED", "no", False),
        ("EXPLAIN__MODEL", "0123", "0123"),
        ("EXPLAIN__TIMEOUT_SECONDS", "0.5", 0.5),
        ("COST_EXPLORER__DAILY_BUDGET_USD", "0.10", Decimal("0.1")),
        ("ORGANISATION__DESCRIPTION", "A shop: books, #1 in town", "A shop: books, #1 in town"),
        ("ORGANISATION__ENVIRONMENTS", "{'012345678901': production}", {"012345678901": "production"}),
        ("TASKS__RETRY_DELAY_SECONDS", "0", 0.0),
    ],
)
def test_an_override_is_read_as_what_its_key_holds(name: str, text: str, expected: object) -> None:
    section, key = name.lower().split("__")
    settings = load(environment={f"COSTSPIKE__{name}": text})
    assert getattr(getattr(settings, section), key) == expected


def test_every_setting_can_be_overridden_with_its_default() -> None:
    shown = {f"COSTSPIKE__{s}__{k}".upper(): default for s, k, default, _ in documentation()}
    environment = {name: str(list(one) if isinstance(one, tuple) else one) for name, one in shown.items()}
    assert load(environment=environment) == Settings()


def test_other_variables_are_none_of_our_business() -> None:
    environment = {
        "COSTSPIKE_SETTINGS_FILE": str(SETTINGS_FILE),
        "AIRFLOW__CORE__X": "1",
        "costspike__alerts__x": "1",
    }
    assert load(environment=environment) == Settings()


def test_the_file_may_be_elsewhere(tmp_path: Path) -> None:
    file = written(tmp_path, "alerts: {channel: C9}")
    assert load(environment={"COSTSPIKE_SETTINGS_FILE": str(file)}).alerts.channel == "C9"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = """
alerts: {chanel: x, max_items: 0}
explain: {effort: extreme, max_tokens: lots}
cost_explorer: {grain: resource, daily_budget_usd: -1}
alert: {}
tasks: 3
"""
    environment = {"COSTSPIKE__READING__PAGE_ROWS": "many", "COSTSPIKE__OOPS": "1", "COSTSPIKE__X__Y": "1"}
    found = "\n".join(problems(tmp_path, text, environment))
    for told in (
        "alerts.chanel: there is no such key; expected one of channel, routes, dashboard_url",
        "alerts.max_items: Input should be greater than or equal to 1, got 0",
        "explain.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max', got 'extreme'",
        "explain.max_tokens: Input should be a valid integer",
        "cost_explorer.grain: Input should be 'account_service', 'account_service_usage_type' or 'auto'",
        "cost_explorer.daily_budget_usd: Input should be greater than or equal to 0",
        "alert: there is no such section; expected one of connections, organisation",
        "tasks: expected a section of keys, got 3",
        "reading.page_rows: Input should be a valid integer",
        "COSTSPIKE__OOPS: expected COSTSPIKE__SECTION__KEY",
        "x: there is no such section",
    ):
        assert told in found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alerts: [", "is no YAML"),
        ("- a\n- b", "holds a list; expected sections"),
        ("severity: {p1_impact: 10, p2_impact: 20}", "a more severe grade must not have a smaller limit"),
        ("detection: {min_impact: .nan}", "detection.min_impact"),
        ("explain: {timeout_seconds: .inf}", "explain.timeout_seconds"),
        ("alerts: {channel: }", "alerts.channel: Input should be a valid string"),
        ("cost_explorer: {max_attempts: 6}", "less than or equal to 5"),
    ],
)
def test_a_mistake_in_the_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert told in problems(tmp_path, text)[0]


def announced(folder: Path, text: str) -> Path:
    (folder / "planned_changes.yaml").write_text(text, encoding="utf-8")
    return written(folder, "")


def test_what_is_announced_is_in_a_file_beside_the_settings(tmp_path: Path) -> None:
    text = """
planned_changes:
  - {scope: {service: EC2}, from: 2026-11-25, to: 2026-11-30, expected_a_day: 400, reason: Sale, owner: Web}
mutes:
  - {scope: {account: "012345678901"}, until: 2026-12-31, reason: Bug, owner: Platform}
"""
    calendar = load(announced(tmp_path, text), {}).calendar
    (plan,), (mute,) = calendar.planned_changes, calendar.mutes
    assert (plan.first_day, plan.expected_a_day) == (date(2026, 11, 25), Decimal(400))
    assert (mute.scope.account, mute.until) == ("012345678901", date(2026, 12, 31))


@pytest.mark.parametrize("text", ["", "planned_changes:\nmutes:\n"])
def test_nothing_may_be_announced(tmp_path: Path, text: str) -> None:
    assert load(announced(tmp_path, text), {}) == Settings()


def test_all_mistakes_in_what_is_announced_are_told_at_once(tmp_path: Path) -> None:
    text = """
planned_changes:
  - {scope: {account: 111111111111, servic: x}, from: 2026-11-25, to: 2026-11-30, reason: "", owner: o}
  - {scope: {service: EC2}, from: 2026-11-25, to: 2026-11-20, reason: r, owner: o}
mutes:
  - {scope: {service: "*"}, reason: r, owner: o}
mute: []
"""
    with pytest.raises(SettingsError) as wrong:
        load(announced(tmp_path, text), {"COSTSPIKE__CALENDAR__MUTES": "[]"})
    for told in (
        "planned_changes.yaml: planned_changes.0.scope.account: Input should be a valid string",
        "planned_changes.yaml: planned_changes.0.scope.servic: Extra inputs are not permitted",
        "planned_changes.yaml: planned_changes.0.reason: String should have at least 1 character",
        "planned_changes.yaml: planned_changes.1: Value error, it ends on 2026-11-20, before it begins",
        "planned_changes.yaml: mutes.0.scope: Value error, it would cover the whole bill",
        "planned_changes.yaml: mutes.0.until: Field required",
        "planned_changes.yaml: mute: there is no such list; expected planned_changes, mutes",
        "calendar: there is no such section",
    ):
        assert told in str(wrong.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no file .*missing\.yaml"):
        load(tmp_path / "missing.yaml", {})


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, {})
    (tmp_path / "latin.yaml").write_bytes(b"alerts: {channel: caf\xe9}")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "latin.yaml", {})


def test_code_in_the_file_is_not_run(tmp_path: Path) -> None:
    assert "is no YAML" in problems(tmp_path, "alerts: !!python/object/apply:os.getcwd []")[0]


def test_settings_do_not_change_under_way() -> None:
    settings: Any = Settings()
    with pytest.raises(ValidationError):
        settings.alerts.channel = "C1"
