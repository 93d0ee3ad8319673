"""The end of the demo: its results, the page, and whether everything went as it should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from demo import verdict
from demo.comparison import Verdict, compare, unplanned
from demo.page import write_alerts
from demo.report import Results
from demo.wording import plural, shown, span

if TYPE_CHECKING:
    from demo.environment import Home
    from demo.replay import Replay
    from demo.screen import Screen


def results_of(replay: Replay, days: Sequence[date], channel: str) -> Results | None:
    """Return what came of the runs, None if nothing was landed."""
    ledger, systems = replay.ledger, replay.systems
    landed, asked = ledger.landed(), ledger.asked()
    if landed is None or asked is None:
        return None
    incidents = systems.world.incidents if systems.world else ()
    return Results(
        days=replay.days,
        landed=landed,
        asked=asked,
        findings=compare(incidents, replay.found, days),
        others=unplanned(incidents, replay.found),
        found=replay.found,
        standing=ledger.spikes(),
        messages=ledger.messages(),
        revisions=ledger.revisions(),
        names=ledger.account_names(),
        channel=channel,
        local_explorer=systems.explorer is not None,
        local_claude=systems.claude is not None,
    )


def problems_of(results: Results, replay: Replay) -> Iterator[str]:
    """Yield everything that did not go as it should."""
    yield from verdict.problems_of_runs(results.days)
    yield from verdict.problems_of_findings(results.findings)
    yield from verdict.problems_of_alerts(results.messages, replay.systems.slack)
    yield from verdict.problems_of_revisions(results.revisions, replay.story)


def write_page(home: Home, results: Results, days: Sequence[date]) -> None:
    """Write the page of the messages, with a line that says what they are."""
    bill = "a made-up organisation" if results.local_explorer else "your own bill"
    author = (
        "the analyses are a sandbox's, no model was asked"
        if results.local_claude
        else "Claude wrote the analyses"
    )
    title = f"The costspike demo, {span(days[0], days[-1])}: alerts for {bill}; {author}"
    write_alerts(home.page, results.messages, channel=results.channel, title=title)


def say_goodbye(
    screen: Screen, home: Home, results: Results, problems: Sequence[str], seconds: float
) -> None:
    """Write where everything is, and the verdict."""
    screen.line()
    for what, where in (
        ("The messages, as Slack shows them:", shown(home.page)),
        ("The warehouse, a DuckDB file:", shown(home.warehouse)),
        ("Airflow's own log:", shown(home.log)),
    ):
        screen.line(f"  {what:<36}{where}")
    screen.line()
    for problem in problems:
        screen.line(screen.paint(f"✘ {problem}", "red"))
    if problems:
        screen.line(f"The demo did not go as it should ({seconds:.0f} s); {shown(home.log)} has more.")
    else:
        screen.line(screen.paint(f"✔ {_verdict(results)}, in {seconds:.0f} s.", "green"))


def _verdict(results: Results) -> str:
    found = sum(finding.verdict is Verdict.FOUND for finding in results.findings)
    silent = sum(finding.verdict is Verdict.SILENT for finding in results.findings)
    runs = f"{plural(len(results.days), 'run')} succeeded"
    if not results.findings:
        return f"{runs}, {plural(len(results.alerts), 'alert')} sent"
    return (
        f"{runs}, {found} of {found} planted incidents found, {silent} of {silent} harmless events left alone"
    )
