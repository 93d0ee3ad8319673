"""The summary at the end: what was landed, spent, found and told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costspike.rendering.names import short_day
from demo.comparison import DISCOUNT, Finding, Verdict
from demo.costs import claude_spent, explorer_spent
from demo.wording import full_span, place, plural, rise, span, usd

if TYPE_CHECKING:
    from demo.ledger import Asked, FoundSpike, Landed, Revision, SentAlert
    from demo.replay import Day
    from demo.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that the summary tells; ``findings`` is empty where nothing was planted.

    ``found`` are the spikes as they were found, ``standing`` as the newest verdicts have them.
    """

    days: Sequence[Day]
    landed: Landed
    asked: Asked
    findings: Sequence[Finding]
    others: Sequence[FoundSpike]
    found: Sequence[FoundSpike]
    standing: Sequence[FoundSpike]
    messages: Sequence[SentAlert]
    revisions: Sequence[Revision]
    names: Mapping[str, str]
    channel: str
    local_explorer: bool
    local_claude: bool

    @property
    def alerts(self) -> Sequence[SentAlert]:
        """Return the messages without those that only give details."""
        return [message for message in self.messages if message.is_news]


def summarize(screen: Screen, results: Results) -> None:
    """Write the summary."""
    screen.heading("Landed and spent")
    landed = results.landed
    screen.entry(
        "Bill",
        f"{plural(landed.landed_days, 'day')} ({full_span(landed.first_day, landed.last_day)}), "
        f"{plural(landed.cost_rows, 'row')}; the rows of each day sum to AWS's own total",
    )
    screen.entry("Cost Explorer", explorer_spent(landed, results.days, local=results.local_explorer))
    screen.entry("Claude", claude_spent(results.asked, local=results.local_claude))
    for text in [_revision(revision, results) for revision in results.revisions] or ["nothing"]:
        screen.entry("Restated by AWS", text)
    if results.findings:
        screen.heading(f"Planted in the bill (dollars after the organisation's discount of {DISCOUNT})")
        for finding in results.findings:
            _finding(screen, finding, results.names)
        screen.line(f"  {_others(results)}")
    screen.heading(f"Alerts in {results.channel}")
    for line in _alerts(results):
        screen.line(f"  {line}")


def _revision(revision: Revision, results: Results) -> str:
    where = place(revision.service, revision.account_id, results.names)
    what = (
        f"{short_day(revision.cost_day)}, {where}: {usd(revision.old_cost)} became {usd(revision.new_cost)}, "
        f"{plural(revision.revisions, 'revision')} kept"
    )
    before, after = (
        next((spike for spike in spikes if _is_about(spike, revision)), None)
        for spikes in (results.found, results.standing)
    )
    if before and after and before.impact != after.impact:
        return f"{what}; the day was judged again ({rise(after)} now) and nobody was told twice"
    return what


def _is_about(spike: FoundSpike, revision: Revision) -> bool:
    return (spike.cost_day, spike.account_id, spike.service) == (
        revision.cost_day,
        revision.account_id,
        revision.service,
    )


def _finding(screen: Screen, finding: Finding, names: Mapping[str, str]) -> None:
    incident = finding.incident
    mark, style = ("✔", "green") if finding.verdict.is_right else ("✘", "red")
    if finding.verdict is Verdict.NOT_JUDGED:
        mark, style = "-", "dim"
    kind = "" if incident.to_be_found else " (harmless)"
    where = place(incident.service, incident.account_id, names)
    screen.line(f"  {screen.paint(mark, style)} {incident.name}{kind}")
    planted = f"{span(incident.first_day, incident.last_day)}, {_planted(finding)}, {where}"
    screen.line(screen.paint(f"    {planted}", "dim"))
    screen.line(f"    {screen.paint(_outcome(finding), style)}")


def _planted(finding: Finding) -> str:
    return f"{usd(finding.planted_usd)} a day" if finding.planted_usd else "costs the same as before"


def _outcome(finding: Finding) -> str:
    spike = finding.spike
    if spike is None:
        return finding.verdict.value
    late = (spike.cost_day - finding.incident.first_day).days
    when = "its first day" if not late else f"day {late + 1} of it"
    return f"{finding.verdict.value} on {when}, {short_day(spike.cost_day)}: {rise(spike)}"


def _others(results: Results) -> str:
    if not results.others:
        return f"Nothing else was reported in the {plural(len(results.days), 'day')}."
    listed = "; ".join(
        f"{short_day(spike.cost_day)} {place(spike.service, spike.account_id, results.names)} {rise(spike)}"
        for spike in results.others
    )
    return f"Also reported, though not planted: {listed}"


def _alerts(results: Results) -> Iterator[str]:
    spikes = {spike.spike_id: spike for spike in results.found}
    if not results.alerts:
        yield "none"
    for alert in (one for one in results.alerts if one.is_first):
        spike = spikes.get(alert.spike_id)
        if spike is None:
            continue
        where = place(spike.service, spike.account_id, results.names)
        state = f"ts {alert.ts}" if alert.state == "sent" else f"{alert.state}: {alert.problem}"
        yield f"{alert.severity:<3} {short_day(spike.cost_day)}  {rise(spike):<22}{where:<54}{state}"
        notes = (one for one in results.alerts if one.incident_id == alert.incident_id and not one.is_first)
        yield from (f"    ↳ {note.news}" for note in notes)
