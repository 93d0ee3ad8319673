"""``python -m demo.up``: the Airflow UI with the demo's data, and the demo's servers, until Ctrl-C.

It goes on where ``python -m demo`` ended; without a demo before it, it begins with an empty warehouse.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from demo import components
from demo.airflow_api import AirflowApi
from demo.components import HOST, Components
from demo.environment import ROOT, Home
from demo.hold import FolderInUseError, hold
from demo.screen import Screen
from scripts import airflow_settings

if TYPE_CHECKING:
    from demo.systems import Keys, Systems

DAG_ID = "aws_cost_spikes"
# The first start reads the providers and compiles them; a busy machine takes a minute.
SECONDS_TO_START = 240
# Weeks of runs in one day of dollars, for a backfill started by hand.
DAYS_OF_BUDGET = 60


class NotStartedError(Exception):
    """Airflow could not be started; the text says why."""


def main() -> int:
    """Serve until Ctrl-C; return 1 if that could not be started, or ended by itself."""
    arguments = _parser().parse_args()
    sys.path.append(str(ROOT / "plugins"))
    from costspike.domain.errors import SettingsError

    screen, stop = Screen.of(sys.stdout), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    home = Home(folder=arguments.home.resolve())
    try:
        hold(home)
        serve(screen, home, arguments.port, stop)
    except (NotStartedError, FolderInUseError, SettingsError) as error:
        screen.line(screen.paint(f"✘ {error}", "red"))
        return 1
    return 0


def serve(screen: Screen, home: Home, port: int, stop: threading.Event) -> None:
    """Start everything, say where it is, and wait for the end.

    Raises:
        NotStartedError: the port is taken, or a component ended by itself.
    """
    from demo.systems import Keys, running

    if not components.is_free(port):
        msg = f"port {port} is taken; choose another: make up PORT={port + 1}"
        raise NotStartedError(msg)
    keys, first = Keys.of(os.environ, aws=False), not home.warehouse.exists()
    home.airflow.mkdir(parents=True, exist_ok=True)
    with running(keys, datetime.now(UTC).date()) as systems:
        environment = variables(home, systems, keys, port, os.environ)
        with screen.working("preparing Airflow's database"):
            _airflow(environment, home, "db", "migrate")
        with Components(environment, home.airflow) as running_components:
            api = AirflowApi(f"http://{HOST}:{port}")
            with screen.working("starting Airflow"):
                _import_pools(environment, home)
                _await(lambda: api.is_healthy() and api.dag(DAG_ID) is not None, running_components, stop)
            if not stop.is_set():
                api.unpause(DAG_ID)
                if first:
                    api.trigger(DAG_ID)
                _welcome(screen, home, systems, port, first=first)
                _watch(running_components, home, systems, keys, stop)
            screen.line("Stopping Airflow.")
    screen.line("Stopped. The data stays until the next demo; make up goes on with it.")


def variables(
    home: Home, systems: Systems, keys: Keys, port: int, given: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of Airflow's components: airflow_settings.yaml's, and the demo's over it."""
    from costspike.settings import load
    from demo import environment

    own = environment.made_up_variables(quick=False) | environment.scrubbed(given, keep_aws=False)
    own |= environment.costspike_variables(days=DAYS_OF_BUDGET, channel=keys.channel)
    connections = systems.connections(keys, home, load(environment=own))
    return (
        own
        | airflow_settings.environment(airflow_settings.SETTINGS_FILE.read_text(encoding="utf-8"))
        | environment.airflow_variables(home, connections)
        | environment.loopback_without_proxy(given)
        | components.component_variables(port)
    )


def _import_pools(environment: Mapping[str, str], home: Home) -> None:
    file = home.airflow / "pools.json"
    pools = airflow_settings.pools(airflow_settings.SETTINGS_FILE.read_text(encoding="utf-8"))
    file.write_text(json.dumps(pools), encoding="utf-8")
    _airflow(environment, home, "pools", "import", str(file))


def _airflow(environment: Mapping[str, str], home: Home, *arguments: str) -> None:
    log = home.airflow / "commands.log"
    with log.open("ab") as out:
        command = [*components.airflow_command(), *arguments]
        done = subprocess.run(command, env=dict(environment), stdout=out, stderr=out, check=False)
    if done.returncode != 0:
        msg = f"airflow {' '.join(arguments)} failed; see {log}"
        raise NotStartedError(msg)


def _await(is_ready: Callable[[], bool], running: Components, stop: threading.Event) -> None:
    for _ in range(SECONDS_TO_START):
        _raise_if_ended(running)
        if is_ready() or stop.wait(1):
            return
    msg = f"Airflow was not ready within {SECONDS_TO_START} s; see {running.log('api-server').parent}"
    raise NotStartedError(msg)


def _welcome(screen: Screen, home: Home, systems: Systems, port: int, *, first: bool) -> None:
    from demo.wording import shown

    address = f"http://{HOST}:{port}"
    screen.line(screen.paint(f"Airflow is at {address}/dags/{DAG_ID}  (no password)", "green"))
    screen.line("  The DAG is on: the scheduler runs the newest finished day, Trigger runs any other.")
    if first:
        screen.line(
            "  The warehouse is empty: one run fills it, another judges yesterday, in about two minutes."
        )
    if systems.slack:
        screen.line(f"  Messages go to the local Slack and to {shown(home.page)}.")
    screen.line(f"  The warehouse is {shown(home.warehouse)}, logs are in {shown(home.airflow)}.")
    screen.line("  Ctrl-C stops everything.")


def _watch(running: Components, home: Home, systems: Systems, keys: Keys, stop: threading.Event) -> None:
    """Wait for the end, and keep the page of messages up to date."""
    import duckdb

    written = 0
    while not stop.wait(1):
        _raise_if_ended(running)
        posted = len(systems.slack.messages()) if systems.slack else 0
        if posted > written:
            # A task has the file just now: the next second will do.
            with suppress(duckdb.IOException):
                _write_page(home, keys)
                written = posted


def _write_page(home: Home, keys: Keys) -> None:
    from demo.ledger import Ledger
    from demo.page import write_alerts

    write_alerts(
        home.page,
        Ledger(home.warehouse).messages(),
        channel=keys.channel,
        title="Alerts of the costspike demo",
    )


def _raise_if_ended(running: Components) -> None:
    if name := running.ended():
        msg = f"airflow {name} has ended by itself; see {running.log(name)}"
        raise NotStartedError(msg)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.up", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="of the Airflow UI (default 8080)")
    parser.add_argument(
        "--home", type=Path, default=ROOT / "var" / "demo", help="folder of everything that is written"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
