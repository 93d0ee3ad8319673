"""``make up``: Airflow's UI with the demo's data, from the start to Ctrl-C."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

from demo.airflow_api import AirflowApi
from demo.components import free_port
from demo.environment import Home
from demo.hold import hold

PROJECT = Path(__file__).parents[2]
LONGEST_SECONDS = 120


# One test, since it is one start: in parallel test processes each would start its own Airflow.
def test_airflow_is_served_to_everybody_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    with subprocess.Popen(
        command("demo.up", tmp_path, port), cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        said = said_until(process, "Ctrl-C stops everything.")
        assert f"Airflow is at http://127.0.0.1:{port}/dags/aws_cost_spikes  (no password)" in said
        assert_the_dag_runs(AirflowApi(f"http://127.0.0.1:{port}"))
        assert processes_of(port)

        process.send_signal(signal.SIGINT)
        assert said_until(process, "Stopped.")
        assert process.wait(LONGEST_SECONDS) == 0
    assert processes_of(port) == []


def test_a_taken_port_is_named_with_another_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = subprocess.run(
            command("demo.up", tmp_path, port), cwd=PROJECT, capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert f"port {port} is taken; choose another: make up PORT={port + 1}" in done.stdout


def test_two_do_not_share_a_folder(tmp_path: Path) -> None:
    hold(Home(folder=tmp_path))
    for module in ("demo.up", "demo"):
        done = subprocess.run(
            command(module, tmp_path), cwd=PROJECT, capture_output=True, text=True, check=False
        )

        assert done.returncode == 1
        assert f"works in {tmp_path}" in done.stdout + done.stderr


def command(module: str, home: Path, port: int | None = None) -> list[str]:
    return [sys.executable, "-m", module, "--home", str(home), *(["--port", str(port)] if port else [])]


def said_until(process: subprocess.Popen[str], last: str) -> str:
    """Return the lines up to the one that holds a text, which has to come."""
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if last in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def assert_the_dag_runs(api: AirflowApi) -> None:
    dag = api.dag("aws_cost_spikes") or {}
    assert (dag["is_paused"], dag["has_import_errors"]) == (False, False)
    # The scheduler's own run judges the day before yesterday until it is nine o'clock.
    runs = api._authorized("GET", "/api/v2/dags/aws_cost_spikes/dagRuns")["dag_runs"]
    assert [run["logical_date"] for run in runs if run["run_type"] == "manual"] == [None]


def processes_of(port: int) -> list[str]:
    """Return the processes that serve, schedule or run for the Airflow at a port."""
    wanted = f"AIRFLOW__API__PORT={port}".encode()
    return [
        path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if wanted in environment_of(path)
    ]


def environment_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\0")
    except OSError:  # another user's, or already gone
        return []
