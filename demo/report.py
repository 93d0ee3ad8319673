"""The summary at the end: what was landed, spent, found and told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from demo.comparison import Finding, Verdict
from demo.wording import full_span, place, plural, rise, short_day, span, usd

if TYPE_CHECKING:
    from demo.ledger import Asked, FoundSpike, Landed, Revision, SentAlert
    from demo.screen import Screen

_MARKS = {True: ("✔", "green"), False: ("✘", "red")}
_LABEL = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that the summary tells; ``findings`` is empty where nothing was planted."""

    days: Sequence[date]
    landed: Landed
    asked: Asked
    findings: Sequence[Finding]
    others: Sequence[FoundSpike]
    found: Sequence[FoundSpike]
    alerts: Sequence[SentAlert]
    revisions: Sequence[Revision]
    names: Mapping[str, str]
    channel: str
    local_explorer: bool
    local_claude: bool


def summarize(screen: Screen, results: Results) -> None:
    """Write the summary."""
    _heading(screen, "Landed and spent")
    for label, text in _amounts(results):
        screen.line(f"  {label:<{_LABEL}}{text}")
    if results.findings:
        _heading(screen, "Planted in the bill, and what came of it")
        for finding in results.findings:
            _finding(screen, finding, results.names)
        screen.line(f"  {_others(results)}")
    _heading(screen, f"Alerts in {results.channel}")
    for line in _alerts(results):
        screen.line(f"  {line}")


def _heading(screen: Screen, text: str) -> None:
    screen.line()
    screen.line(screen.paint(text, "bold"))


def _amounts(results: Results) -> Iterator[tuple[str, str]]:
    landed, asked = results.landed, results.asked
    yield (
        "Bill",
        f"{plural(landed.days, 'day')}, {plural(landed.cost_rows, 'row')} ({full_span(landed.first_day, landed.last_day)}); "
        "each day sums to AWS's own total",
    )
    free = " (nothing here: it is a local server)" if results.local_explorer else ""
    yield "Cost Explorer", f"{plural(landed.requests, 'request')}, {usd(landed.usd)} at AWS's price{free}"
    price = usd(asked.usd) if asked.usd is not None else "an unknown amount"
    tokens = f"{asked.input_tokens:,} tokens in, {asked.output_tokens:,} out"
    free = " (nothing here: it is a sandbox, no model was asked)" if results.local_claude else ""
    model = f" at the price of {asked.model}" if asked.model else ""
    yield "Claude", f"{plural(asked.answered, 'explanation')}, {tokens}, {price}{model}{free}"
    for revision in results.revisions:
        yield "Restated by AWS", _revision(revision, results)
    if not results.revisions:
        yield "Restated by AWS", "nothing"


def _revision(revision: Revision, results: Results) -> str:
    change = f"{usd(revision.old_cost)} is now {usd(revision.new_cost)}"
    where = place(revision.service, revision.account_id, results.names)
    return f"{short_day(revision.cost_day)}, {where}: {change} ({plural(revision.revisions, 'revision')} kept)"


def _finding(screen: Screen, finding: Finding, names: Mapping[str, str]) -> None:
    incident = finding.incident
    mark, style = _MARKS[finding.verdict.is_right]
    if finding.verdict is Verdict.NOT_JUDGED:
        mark, style = "-", "dim"
    where = place(incident.service, incident.account_id, names)
    screen.line(f"  {screen.paint(mark, style)} {incident.name}")
    screen.line(
        screen.paint(f"      {span(incident.first_day, incident.last_day)}, {where}, {_planted(finding)}", "dim")
    )
    screen.line(f"      {screen.paint(_outcome(finding), style)}")


def _planted(finding: Finding) -> str:
    return f"{usd(finding.planted_usd)} a day" if finding.planted_usd else "costs the same as before"


def _outcome(finding: Finding) -> str:
    spike = finding.spike
    if spike is None:
        return finding.verdict.value
    late = (spike.cost_day - finding.incident.first_day).days
    when = "on its first day" if not late else f"on day {late + 1}"
    return f"{finding.verdict.value} {when}, {short_day(spike.cost_day)}: {rise(spike)}"


def _others(results: Results) -> str:
    if not results.others:
        return f"Nothing else was reported on the {plural(len(results.days), 'day')}."
    listed = "; ".join(
        f"{short_day(s.cost_day)} {place(s.service, s.account_id, results.names)} {rise(s)}" for s in results.others
    )
    return f"Also reported, though not planted: {listed}"


def _alerts(results: Results) -> Iterator[str]:
    spikes = {spike.spike_id: spike for spike in results.found}
    if not results.alerts:
        yield "none"
    for alert in results.alerts:
        spike = spikes.get(alert.spike_id)
        if spike is None:
            continue
        where = place(spike.service, spike.account_id, results.names)
        state = f"ts {alert.ts}" if alert.state == "sent" else f"{alert.state}: {alert.problem}"
        yield f"{alert.severity} {short_day(spike.cost_day)}  {rise(spike):<20} {where}  {state}"
