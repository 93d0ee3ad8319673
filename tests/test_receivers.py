"""Airflow's own notifiers over SMTP and HTTP, and what is wrong with a receiver before anything is sent."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costspike.adapters.previews import stylesheet
from costspike.domain.errors import SettingsError
from costspike.domain.receivers import Handover, ReceiverSettings
from costspike.receivers import receiver_for
from costspike.rendering.alert_message import alert_message
from costspike.rendering.handover import handover, opsgenie_alert, pagerduty_event, teams_card
from costspike.rendering.message import Message
from costspike.settings import load
from tests.receiver_servers import MailServer, WebhookServer
from tests.rendering.samples import alert, hostile_alert

pytestmark = pytest.mark.enable_socket

JINJA = "{{ conn.smtp_default.password }} {% for x in y %}"


def given(message: Message | None = None, **changes: Any) -> Handover:
    sent = message or alert_message(alert("P2"), message_key="spike-1")
    return replace(handover(sent, dedup_key="incident-1", resolved=False, css=stylesheet()), **changes)


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer() as server:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(server.connection))
        yield server


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebhookServer]:
    with WebhookServer() as server:
        connection = {"conn_type": "http", "host": f"{server.url}/flows/1?api-version=1&sig=s3cr3t"}
        monkeypatch.setenv("AIRFLOW_CONN_TEAMS", json.dumps(connection))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield server


def mailer() -> Any:
    to = ("finops@example.com", "oncall@example.com")
    return receiver_for(ReceiverSettings(kind="email", connection="smtp_default", to=to), 5)


def teams() -> Any:
    return receiver_for(ReceiverSettings(kind="teams", connection="teams"), 5)


def test_a_mail_holds_the_alert(mail: MailServer) -> None:
    mailer().tell(given())
    (sent,) = mail.mails
    assert mail.recipients == ["finops@example.com", "oncall@example.com"]
    assert sent["From"] == "costspike@example.com"
    assert sent["Subject"] == given().title
    assert sent["References"] == "<incident-1@costspike.invalid>"
    (part,) = sent.iter_parts()
    assert part.get_content_type() == "text/html"
    assert given().title.split(" · ")[1].split(" ")[0] in part.get_content()


def test_no_template_in_a_mail_or_card_is_rendered(mail: MailServer, webhook: WebhookServer) -> None:
    hostile = given(title=JINJA, text=JINJA, html=f"<p>{JINJA}</p>")
    mailer().tell(hostile)
    teams().tell(hostile)
    assert JINJA in str(mail.mails[0]["Subject"])
    assert JINJA in next(mail.mails[0].iter_parts()).get_content()
    assert JINJA in json.dumps(webhook.posts, ensure_ascii=False)


def test_a_refused_mail_is_an_error(mail: MailServer) -> None:
    mail.refusing = "550 no such user"
    with pytest.raises(Exception, match="no such user"):
        mailer().tell(given())


def test_a_card_arrives_at_the_whole_address_of_the_webhook(webhook: WebhookServer) -> None:
    teams().tell(given())
    (request,) = webhook.requests
    assert (request.path, dict(request.query)) == ("/flows/1", {"api-version": "1", "sig": "s3cr3t"})
    (card,) = webhook.posts
    content = card["attachments"][0]["content"]
    assert content["type"] == "AdaptiveCard"
    assert content["body"][0]["text"] == given().title.replace("[", "(")
    assert {action["title"] for action in content["actions"]} >= {"Cost Explorer"}


@pytest.mark.parametrize("fault", ["503", "reset"])
def test_a_webhook_that_fails_is_an_error_without_its_address(webhook: WebhookServer, fault: str) -> None:
    webhook.faults.push(fault, times=5)
    with pytest.raises(Exception, match=r".") as failed:
        teams().tell(given())
    from costspike.domain.health import first_line

    assert "s3cr3t" not in first_line(f"{type(failed.value).__name__}: {failed.value}")


def test_a_connection_that_is_not_there_is_an_error() -> None:
    with pytest.raises(Exception, match="elsewhere"):
        receiver_for(ReceiverSettings(kind="teams", connection="elsewhere"), 5).tell(given())


def test_text_of_others_makes_no_link_in_a_card() -> None:
    sent = handover(alert_message(hostile_alert(), message_key="k"), dedup_key="k", resolved=False, css="")
    card = json.dumps(
        teams_card(replace(sent, text="see [here](http://evil.example) & <b>")), ensure_ascii=False
    )
    assert "(here)(http://evil.example)" in card
    # Of the sample's links one is javascript's: what is left is what Slack was given too, quoted.
    assert sent.links == (("a/b>c", "https://x.example/%3C!channel%3E%7Ca%20b"),)


def test_pagerduty_is_given_one_incident_with_a_severity_of_its_own() -> None:
    event = pagerduty_event(given())
    assert (event["action"], event["dedup_key"], event["severity"]) == ("trigger", "incident-1", "error")
    assert len(event["summary"]) <= 1024
    assert event["links"][0]["href"].startswith("https://")
    assert pagerduty_event(given(resolved=True))["action"] == "resolve"
    assert pagerduty_event(given(severity="none"))["severity"] == "warning"


def test_opsgenie_is_given_an_alias_and_stays_within_its_limits() -> None:
    made = opsgenie_alert(given(title="t" * 300, text="x" * 20_000))
    assert (made["alias"], made["priority"]) == ("incident-1", "P2")
    assert (len(made["message"]), len(made["description"])) == (130, 15_000)


def problems(receivers: str, tmp_path: Path) -> str:
    file = tmp_path / "costspike.yaml"
    file.write_text(f"alerts: {{receivers: {receivers}}}")
    with pytest.raises(SettingsError) as refused:
        load(file, {})
    return str(refused.value)


def test_receivers_are_read_from_file_and_environment(tmp_path: Path) -> None:
    text = "[{kind: email, connection: smtp_default, to: a@example.com, min_severity: P2}]"
    file = tmp_path / "costspike.yaml"
    file.write_text(f"alerts: {{receivers: {text}}}")
    (own,) = load(file, {}).alerts.receivers
    assert load(environment={"COSTSPIKE__ALERTS__RECEIVERS": text}).alerts.receivers == (own,)
    assert (own.kind, own.to, own.min_severity) == ("email", ("a@example.com",), "P2")
    assert [own.wants(severity) for severity in ("P1", "P2", "P3", "P4", "none")] == [
        True,
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_a_provider_that_is_not_installed_is_a_mistake_of_the_settings(kind: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(f"airflow.providers.{kind}"):
        pytest.skip(f"the provider {kind} is installed")
    told = problems(f"[{{kind: {kind}, connection: x}}]", tmp_path)
    assert (
        f"alerts.receivers.0: {kind} needs the package apache-airflow-providers-{kind}, which is not installed; "
        "add it to requirements.txt"
    ) in told


@pytest.mark.parametrize(
    ("receivers", "told"),
    [
        ("[{kind: email, connection: x}]", "alerts.receivers.0: an email receiver needs addresses"),
        ("[{kind: teams, connection: x, to: [a]}]", "only email has addresses"),
        ("[{kind: pager, connection: x}]", "alerts.receivers.0.kind: Input should be 'pagerduty'"),
        ("[{kind: teams}]", "alerts.receivers.0.connection: Field required"),
        ("[{kind: teams, connection: x, min_severity: P5}]", "alerts.receivers.0.min_severity"),
    ],
)
def test_a_mistake_is_told_with_its_place(receivers: str, told: str, tmp_path: Path) -> None:
    assert told in problems(receivers, tmp_path)
