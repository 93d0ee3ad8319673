"""Where an alert goes: the first route that fits."""

from pathlib import Path
from typing import Any

import pytest

from costspike.domain.errors import SettingsError
from costspike.domain.routes import Destination, Route, destination
from costspike.domain.spikes import Scope
from costspike.settings import load
from costspike.usecases.destinations import destination_of

ROUTES = [
    Route(account="1*", severity=("P1",), channel="#pager", mention=("U123", "S456")),
    Route(account="1*", channel="#team-one"),
    Route(service="*database*", mention=("U789",)),
]


@pytest.mark.parametrize(
    ("scope", "severity", "expected"),
    [
        (
            Scope(account_id="11", service="EC2"),
            "P1",
            Destination(channel="#pager", mentions=("U123", "S456")),
        ),
        (Scope(account_id="11", service="EC2"), "P2", Destination(channel="#team-one")),
        (
            Scope(account_id="2", service="RDS Database"),
            "P1",
            Destination(channel="#all", mentions=("U789",)),
        ),
        (Scope(service="EC2"), "P1", Destination(channel="#all")),
        (Scope(), "P4", Destination(channel="#all")),
    ],
)
def test_the_first_route_that_fits_is_taken(scope: Scope, severity: str, expected: Destination) -> None:
    assert destination(ROUTES, "#all", scope, severity) == expected


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("{channel: team}", "alerts.routes.0.channel: String should match pattern"),
        ("{channel: '#a <!here>'}", "alerts.routes.0.channel: String should match pattern"),
        ("{mention: [here]}", "alerts.routes.0.mention.0: String should match pattern"),
        ("{mention: ['@anna']}", "alerts.routes.0.mention.0: String should match pattern"),
        ("{severity: [P9]}", "alerts.routes.0.severity.0: Input should be 'P1', 'P2', 'P3' or 'P4'"),
        ("{team: web, channel: '#a'}", "alerts.routes.0.team: Extra inputs are not permitted"),
        ("{tag: web, channel: '#a'}", "alerts.routes.0.tag: Input should be a valid dictionary"),
        ("{tag: {team: web}}", "alerts.routes.0.tag: no account has the tag 'team'; expected one that"),
        ("{account: 111111111111}", "alerts.routes.0.account: Input should be a valid string"),
    ],
)
def test_a_mistake_in_a_route_is_told(tmp_path: Path, route: str, told: str) -> None:
    file = tmp_path / "costspike.yaml"
    file.write_text(f"alerts: {{routes: [{route}]}}", encoding="utf-8")
    with pytest.raises(SettingsError) as wrong:
        load(file, {})
    assert told in str(wrong.value)


TAGGED = [
    Route(tag={"team": "web*", "stage": "prod"}, channel="#web-prod"),
    Route(tag={"team": "WEB"}, severity=("P1",), channel="#web"),
]


@pytest.mark.parametrize(
    ("account", "severity", "channel"),
    [
        ("1", "P4", "#web-prod"),
        ("2", "P1", "#web"),
        ("2", "P2", "#all"),
        ("3", "P1", "#all"),
        ("", "P1", "#all"),
    ],
)
def test_the_tags_of_the_account_tell_where_its_alerts_go(account: str, severity: str, channel: str) -> None:
    tags = {"1": {"team": "web-shop", "stage": "prod"}, "2": {"team": "web"}, "3": {"stage": "prod"}}
    scope = Scope(account_id=account, service="EC2")
    assert destination(TAGGED, "#all", scope, severity, tags).channel == channel


def test_tags_of_accounts_come_from_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "costspike.yaml"
    file.write_text(
        "organisation: {account_tags: {'111111111111': {team: web}}}\n"
        "alerts: {routes: [{tag: {team: web}, channel: C0WEB}]}\n",
        encoding="utf-8",
    )
    settings = load(file, {})
    found = destination_of(Scope(account_id="111111111111", service="EC2"), "P3", settings)
    assert found.channel == "C0WEB"


def test_routes_can_be_set_in_the_environment() -> None:
    text = "[{account: '111111111111', channel: C0TEAM, mention: [U024BE7LH]}]"
    settings: Any = load(environment={"COSTSPIKE__ALERTS__ROUTES": text})
    assert settings.alerts.routes == (
        Route(account="111111111111", channel="C0TEAM", mention=("U024BE7LH",)),
    )
