"""The self-test as an Airflow task runs it: over the connections and settings that alerts use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from costspike.domain.errors import CostspikeError
from costspike.run_context import load_settings, now, refuse_unknown_params
from costspike.slack_senders import WebhookSender, sender_for
from costspike.usecases.self_test import SelfTest, as_plain, self_test

if TYPE_CHECKING:
    from costspike.settings import Settings


def run_self_test() -> list[dict[str, Any]]:
    """Return the steps as plain data.

    Raises:
        AirflowFailException: a step failed; the text says which, and what to do.
    """
    from airflow.sdk import get_current_context
    from airflow.sdk.exceptions import AirflowFailException

    context: Any = get_current_context()
    try:
        refuse_unknown_params(context)
        settings = load_settings(context)
        sender = sender_for(settings)
        own = settings.connections
        test = SelfTest(
            conn_id=_conn_id(sender, settings) if sender else f"{own.slack_api!r} or {own.slack_webhook!r}",
            channels=_channels(sender, settings, str(context["params"].get("channel") or "")),
            timeout_seconds=settings.alerts.timeout_seconds,
            clock=now,
            sleep=time.sleep,
        )
        steps = self_test(sender, test)
    except CostspikeError as error:
        raise AirflowFailException(str(error)) from error
    if not all(step.ok for step in steps):
        raise AirflowFailException("the way to Slack has a fault\n" + "\n".join(map(str, steps)))
    return as_plain(steps)


def _conn_id(sender: object, settings: Settings) -> str:
    own = settings.connections
    return own.slack_webhook if isinstance(sender, WebhookSender) else own.slack_api


def _channels(sender: object, settings: Settings, asked: str) -> list[str]:
    """Return the channels to test; a webhook has one, which only Slack knows."""
    if isinstance(sender, WebhookSender):
        return [""]
    own = settings.alerts
    routed = (route.channel for route in own.routes)
    named = filter(None, (own.channel, own.heartbeat_channel, *routed))
    return [asked] if asked else list(dict.fromkeys(named))
