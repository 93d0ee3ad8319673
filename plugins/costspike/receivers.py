"""The ways to PagerDuty, Opsgenie, e-mail and Teams: Airflow's own notifiers, behind one interface.

A notifier is never called the way Airflow calls it, ``notifier(context)``: that renders its fields as Jinja,
and names from AWS are in them. ``notify`` alone sends what it was made with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from costspike.rendering.handover import opsgenie_alert, pagerduty_event, teams_card

if TYPE_CHECKING:
    from costspike.domain.receivers import Handover, ReceiverSettings
    from costspike.usecases.notify_receivers import Receiver


def receiver_for(settings: ReceiverSettings, timeout_seconds: int) -> Receiver:
    """Return the way to a receiver; its provider is imported when it is first told."""
    if settings.kind == "pagerduty":
        return PagerDuty(settings.connection)
    if settings.kind == "opsgenie":
        return Opsgenie(settings.connection)
    if settings.kind == "email":
        return Email(settings.connection, settings.to)
    return Teams(settings.connection, timeout_seconds)


class PagerDuty:
    """An incident of PagerDuty; its ``dedup_key`` folds repeats, and a resolved alert resolves it."""

    def __init__(self, conn_id: str) -> None:
        self._conn_id = conn_id

    def tell(self, given: Handover) -> None:
        """Trigger or resolve the incident."""
        from airflow.providers.pagerduty.notifications.pagerduty import (  # type: ignore[import-not-found]
            PagerdutyNotifier,
        )

        _send(PagerdutyNotifier(pagerduty_events_conn_id=self._conn_id, **pagerduty_event(given)))


class Opsgenie:
    """An alert of Opsgenie; its alias folds repeats. Airflow's notifier closes none: a person does."""

    def __init__(self, conn_id: str) -> None:
        self._conn_id = conn_id

    def tell(self, given: Handover) -> None:
        """Create the alert; what is over needs none."""
        if given.resolved:
            return
        from airflow.providers.opsgenie.notifications.opsgenie import (  # type: ignore[import-not-found]
            OpsgenieNotifier,
        )

        _send(OpsgenieNotifier(payload=opsgenie_alert(given), opsgenie_conn_id=self._conn_id))


class Email:
    """A mail, in the form of the preview page; the sender is ``from_email`` of the connection."""

    def __init__(self, conn_id: str, to: tuple[str, ...]) -> None:
        self._conn_id = conn_id
        self._to = list(to)

    def tell(self, given: Handover) -> None:
        """Send the mail; its thread is the incident's, for programs that read References."""
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        thread = f"<{re.sub(r'[^A-Za-z0-9._-]', '-', given.dedup_key)}@costspike.invalid>"
        _send(
            SmtpNotifier(
                to=self._to,
                subject=given.title,
                html_content=given.html,
                smtp_conn_id=self._conn_id,
                custom_headers={"References": thread, "X-Costspike-Severity": given.severity},
            )
        )


class Teams:
    """A card through a workflow's webhook, whose whole address is the host of an HTTP connection."""

    def __init__(self, conn_id: str, timeout_seconds: int) -> None:
        self._conn_id = conn_id
        self._timeout = timeout_seconds

    def tell(self, given: Handover) -> None:
        """Post the card."""
        from airflow.providers.http.notifications.http import HttpNotifier

        _send(
            HttpNotifier(
                http_conn_id=self._conn_id,
                json=teams_card(given),
                extra_options={"timeout": self._timeout},
            )
        )


def _send(notifier: Any) -> None:
    notifier.notify({})
