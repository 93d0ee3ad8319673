"""The page of the demo shows a thread as a thread."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

from costspike.rendering.alert_message import details_message
from costspike.rendering.digest_message import digest_message
from costspike.rendering.message import Message
from costspike.rendering.short_message import folded_message
from demo.ledger import SentAlert
from demo.page import write_alerts
from tests.demo.samples import alert as sent
from tests.rendering.samples import DAY
from tests.rendering.samples import alert as rendered


def stored(message: Message, incident_id: str, reason: str, key: str) -> SentAlert:
    text = json.dumps(asdict(message))
    return replace(sent(key), incident_id=incident_id, reason=reason, message=text)


def test_answers_are_below_the_message_that_they_answer_and_a_digest_is_shown_once(tmp_path: Path) -> None:
    digest = digest_message([rendered("P4")] * 2, day=DAY, message_key="digest-1")
    short = folded_message(rendered("P3"), message_key="three").short
    details = details_message(rendered("P4"), message_key="note-1")
    page = tmp_path / "alerts.html"
    outbox = [
        stored(digest, "one", "first_notification", "digest-1"),
        stored(digest, "two", "first_notification", "digest-1"),
        stored(short, "three", "first_notification", "three"),
        stored(details, "two", "details", "note-1"),
        stored(replace(short, text="the pipeline is well"), "pipeline", "heartbeat", "heartbeat-1"),
    ]
    write_alerts(page, outbox, channel="#costs", title="Alerts")
    text = page.read_text(encoding="utf-8")
    kinds = re.findall(r'<article class="([a-z ]+)"', text)
    assert kinds == ["message", "message answer", "message", "message"]
    assert (
        text.index("Details of the P4") < text.index("P3 AWS cost spike") < text.index("the pipeline is well")
    )
