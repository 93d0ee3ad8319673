"""The demo from beginning to end."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from costspike.settings import Settings, load

from demo import environment, progress, verdict
from demo.comparison import compare, unplanned
from demo.environment import Home
from demo.introduction import introduce
from demo.ledger import Ledger
from demo.replay import Replay
from demo.report import Results, summarize
from demo.story import Story, story_of
from demo.systems import Keys, Systems, running
from demo.wording import last_days, plural, shown, span

if TYPE_CHECKING:
    from demo.screen import Screen

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for. A ``quick`` demo reads less history."""

    days: int
    aws: bool = False
    quick: bool = False


class StoppedError(Exception):
    """The demo cannot go on; the text says why."""


def prepare(home: Home) -> None:
    """Remove what an earlier demo left, and nothing else."""
    for path in home.leftovers():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    home.airflow.mkdir(parents=True)


def run_demo(screen: Screen, options: Options, home: Home, given: Mapping[str, str]) -> bool:
    """Return whether everything went as it should.

    Raises:
        StoppedError, SettingsError: the demo could not be run to its end.
    """
    began = time.monotonic()
    keys = Keys.of(given, aws=options.aws)
    today = datetime.now(UTC).date()
    # AWS may still be without yesterday's costs; the made-up organisation never is.
    days = last_days(today - DAY * (2 if keys.aws else 1), options.days)
    variables = _variables(options, keys, given)
    settings = load(environment=variables)
    introduce(screen, keys, settings, home, days, given)
    with running(keys, today) as systems:
        connections = systems.connections(keys, home, settings)
        environment.enter(variables | environment.airflow_variables(home, connections))
        story = story_of(systems.world.incidents, days) if systems.world else Story()
        replay = _replay(screen, systems, home, days, story)
        problems = list(_conclude(screen, systems, home, replay, keys, days))
    _say_goodbye(screen, home, problems, time.monotonic() - began)
    return not problems


def _variables(options: Options, keys: Keys, given: Mapping[str, str]) -> dict[str, str]:
    own = environment.costspike_variables(days=options.days, channel=keys.channel)
    chosen = environment.made_up_variables(quick=options.quick) if not keys.aws else {}
    return (
        chosen
        | environment.scrubbed(given, keep_aws=keys.aws)
        | own
        | environment.loopback_without_proxy(given)
    )


def _replay(screen: Screen, systems: Systems, home: Home, days: Sequence[date], story: Story) -> Replay:
    began = time.monotonic()
    with screen.working("starting Airflow with a database of its own"):
        from demo import airflow_home

        airflow_home.create_database()
        dag = airflow_home.load_dag()
    seconds = time.monotonic() - began
    screen.line(f"  Airflow {airflow_home.VERSION} is ready, with a database of its own: {seconds:.1f} s")
    screen.line("  The first run also fills 13 months of history, and takes longest.")
    screen.line()
    progress.heading(screen)
    replay = Replay(
        systems=systems,
        ledger=Ledger(home.warehouse),
        story=story,
        run_day=lambda day: airflow_home.run_day(dag, day),
    )
    for cost_day in days:
        _run_day(screen, replay, cost_day, first=cost_day == days[0])
    return replay


def _run_day(screen: Screen, replay: Replay, cost_day: date, *, first: bool) -> None:
    if replay.story.restated_before == cost_day and replay.story.restated_day:
        progress.restatement(screen, replay.story.restated_day)
    before = replay.systems.requests
    label = f"{progress.weekday(cost_day)}: the DAG is running"
    with screen.working(label, lambda: plural(replay.systems.requests - before, "request")):
        day = replay.run(cost_day)
    progress.show_day(screen, day, replay.ledger.account_names(), first=first)
    if first and day.run.state != "success":
        msg = "the first run did not succeed, and the others need what it lands"
        raise StoppedError(msg)


def _conclude(
    screen: Screen, systems: Systems, home: Home, replay: Replay, keys: Keys, days: Sequence[date]
) -> Iterator[str]:
    """Write the summary and the page, and yield what did not go as it should."""
    ledger, world = replay.ledger, systems.world
    landed, asked = ledger.landed(), ledger.asked()
    if landed is None or asked is None:
        msg = "nothing was landed"
        raise StoppedError(msg)
    incidents = world.incidents if world else ()
    results = Results(
        days=replay.days,
        landed=landed,
        asked=asked,
        findings=compare(incidents, replay.found, days),
        others=unplanned(incidents, replay.found),
        found=replay.found,
        standing=ledger.spikes(),
        alerts=ledger.alerts(),
        revisions=ledger.revisions(),
        names=ledger.account_names(),
        channel=keys.channel,
        local_explorer=systems.explorer is not None,
        local_claude=systems.claude is not None,
    )
    summarize(screen, results)
    _write_page(home, results, days)
    yield from verdict.problems_of_runs(replay.days)
    yield from verdict.problems_of_findings(results.findings)
    yield from verdict.problems_of_alerts(results.alerts, systems.slack)
    yield from verdict.problems_of_revisions(results.revisions, replay.story)


def _write_page(home: Home, results: Results, days: Sequence[date]) -> None:
    from demo.page import write_alerts

    made_up = "The organisation is made up" if results.local_explorer else "From your own bill"
    author = "the analyses are a sandbox's, no model was asked" if results.local_claude else "Claude wrote the analyses"
    title = f"Alerts of the costspike demo, {span(days[0], days[-1])}. {made_up}; {author}."
    write_alerts(home.page, results.alerts, channel=results.channel, title=title)


def _say_goodbye(screen: Screen, home: Home, problems: Sequence[str], seconds: float) -> None:
    screen.line()
    for what, path in (
        ("The messages, as Slack shows them", home.page),
        ("The warehouse, a DuckDB file", home.warehouse),
        ("Airflow's own log", home.log),
    ):
        screen.line(f"  {what:<35}{shown(path)}")
    screen.line()
    if problems:
        for problem in problems:
            screen.line(screen.paint(f"✘ {problem}", "red"))
        screen.line(f"The demo did not go as it should ({seconds:.0f} s). Reasons are in {shown(home.log)}.")
    else:
        screen.line(screen.paint(f"Everything went as it should, in {seconds:.0f} s.", "green"))
