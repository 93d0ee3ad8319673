"""Whether the demo went as it should, and what did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from costspike.rendering.names import short_day
from demo.comparison import Finding, Verdict
from demo.replay import SUCCESS
from demo.story import RESTATED_ACCOUNT, RESTATED_SERVICE, Story
from demo.wording import plural, rise

if TYPE_CHECKING:
    from demo.ledger import Revision, SentAlert
    from demo.replay import Day
    from demo.servers.slack import SlackServer


def problems_of_runs(days: Iterable[Day]) -> Iterator[str]:
    """Yield the runs that did not end well."""
    for day in days:
        if day.run.state != SUCCESS:
            tasks = ", ".join(day.run.failed) or "no task says why"
            why = f": {day.reason}" if day.reason else ""
            yield f"the run for {day.cost_day} ended as {day.run.state} ({tasks}){why}"


def problems_of_findings(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield what was planted and missed, and what should have stayed silent."""
    for finding in findings:
        incident, spike = finding.incident, finding.spike
        if finding.verdict is Verdict.MISSED:
            yield f"not found: {incident.name}, from {short_day(incident.first_day)} on"
        if finding.verdict is Verdict.FALSE_ALARM and spike:
            yield f"reported although it is harmless: {incident.name}, {short_day(spike.cost_day)}, {rise(spike)}"


def problems_of_alerts(alerts: Iterable[SentAlert], slack: SlackServer | None) -> Iterator[str]:
    """Yield alerts that are not out, and messages that the channel holds more than once, or not at all."""
    keys = []
    for alert in alerts:
        if alert.state != "sent":
            yield f"an alert was not sent: {alert.problem or alert.state}"
        elif alert.message_key not in keys:
            keys.append(alert.message_key)
    if slack is None:
        return
    there = [message["metadata"]["event_payload"]["message_key"] for message in slack.messages()]
    for key in keys:
        if there.count(key) != 1:
            yield f"the message {key} is {plural(there.count(key), 'time')} in the channel, expected once"


def problems_of_revisions(revisions: Iterable[Revision], story: Story) -> Iterator[str]:
    """Yield that a correction of the bill was not recorded."""
    expected = (story.restated_day, RESTATED_ACCOUNT, RESTATED_SERVICE)
    if story.restated_day and expected not in {(r.cost_day, r.account_id, r.service) for r in revisions}:
        yield f"the correction of {short_day(story.restated_day)} was not recorded as a revision"
