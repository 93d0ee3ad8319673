"""The demo from beginning to end."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from costspike.settings import Settings, load
from demo import environment, progress
from demo.ending import problems_of, results_of, say_goodbye, write_page
from demo.environment import Home
from demo.introduction import introduce
from demo.ledger import Ledger
from demo.replay import Replay
from demo.report import summarize
from demo.story import Story, story_of
from demo.systems import Keys, Systems, running
from demo.wording import last_days, plural, weekday

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
        replay = _replay(screen, systems, home, days, story, settings)
        results = results_of(replay, days, keys.channel)
        if results is None:
            msg = "nothing was landed"
            raise StoppedError(msg)
        summarize(screen, results)
        write_page(home, results, days)
        problems = list(problems_of(results, replay))
    say_goodbye(screen, home, results, problems, time.monotonic() - began)
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


def _replay(
    screen: Screen, systems: Systems, home: Home, days: Sequence[date], story: Story, settings: Settings
) -> Replay:
    began = time.monotonic()
    with screen.working("starting Airflow with a database of its own"):
        from demo import airflow_home

        airflow_home.create_database()
        dag = airflow_home.load_dag()
    seconds = time.monotonic() - began
    screen.line(f"  Airflow {airflow_home.VERSION} is ready, with a database of its own: {seconds:.1f} s")
    months = plural(settings.reading.history_months, "month")
    screen.line(f"  The first run also fills {months} of history, and takes longest.")
    screen.line()
    progress.heading(screen)
    replay = Replay(
        systems=systems,
        ledger=Ledger(home.warehouse),
        story=story,
        log=home.log,
        run_day=lambda day: airflow_home.run_day(dag, day),
    )
    for cost_day in days:
        _run_day(screen, replay, cost_day, first=cost_day == days[0])
    return replay


def _run_day(screen: Screen, replay: Replay, cost_day: date, *, first: bool) -> None:
    if replay.story.restated_before == cost_day and replay.story.restated_day:
        progress.restatement(screen, replay.story.restated_day)
    before = replay.systems.requests
    label = f"{weekday(cost_day)}: the DAG is running"
    with screen.working(label, lambda: plural(replay.systems.requests - before, "request")):
        day = replay.run(cost_day)
    progress.show_day(screen, day, replay.ledger.account_names(), first=first)
    if first and day.run.state != "success":
        msg = "the first run did not succeed, and the others need what it lands; the demo ends here"
        raise StoppedError(msg)
