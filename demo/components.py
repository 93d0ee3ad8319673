"""Airflow's components, each a process with a log of its own, which end together."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
# An idle machine needs a second or two; a task that is running gets this long to end.
SECONDS_TO_END = 20


class Components:
    """The processes between the start and the end of a ``with`` block."""

    def __init__(self, environment: Mapping[str, str], logs: Path, names: Sequence[str] = COMPONENTS) -> None:
        self._environment = dict(environment)
        self._logs = logs
        self._names = names
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name in self._names:
            with self.log(name).open("wb") as out:
                # In a session of its own: Ctrl-C reaches this process alone, which then ends them in order.
                self._processes[name] = subprocess.Popen(
                    [*airflow_command(), name],
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            _signal(process, signal.SIGTERM)
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_END)
            # Also where the component itself has ended: it may have left workers.
            _signal(process, signal.SIGKILL)
            process.wait()

    def ended(self) -> str:
        """Return the name of a component that has ended by itself, empty while all of them run."""
        return next((name for name, process in self._processes.items() if process.poll() is not None), "")

    def log(self, name: str) -> Path:
        """Return where a component's output goes."""
        return self._logs / f"{name}.log"


def airflow_command() -> list[str]:
    """Return how the ``airflow`` of this environment is called, activated or not."""
    return [sys.executable, "-m", "airflow"]


def component_variables(port: int) -> dict[str, str]:
    """Return what the components have to agree on: addresses, one secret, and that everybody is admin."""
    address = f"http://{HOST}:{port}"
    return {
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        # Each running task is two processes; more at once than this made workers time out on two cores.
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
    }


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a component and to the processes that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
