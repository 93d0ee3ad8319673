"""A private Prometheus for tests, made from the installed program: nothing to configure, nothing left behind."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from costspike.adapters.prometheus.client import Prometheus
from costspike.adapters.prometheus.endpoint import endpoint, http_client
from costspike.domain.day_metrics import Key
from costspike.domain.errors import UpstreamError
from costspike.domain.metric_revisions import Sample

HOST = "127.0.0.1"
LONGEST_SECONDS = 30


@dataclass(slots=True)
class PrometheusServer:
    """A running server; every test takes labels of its own or a server of its own."""

    port: int
    folder: Path
    arguments: Sequence[str]
    login: str = ""
    password: str = ""
    tls: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Return the address."""
        return f"{'https' if self.tls else 'http'}://{HOST}:{self.port}"

    @property
    def connection(self) -> str:
        """Return the Airflow connection, as the JSON that AIRFLOW_CONN_... takes."""
        address = {"conn_type": "http", "host": HOST, "port": self.port}
        return json.dumps({**address, "login": self.login, "password": self.password})

    @contextmanager
    def client(self, **changes: Any) -> Iterator[Prometheus]:
        """Yield the product's own client."""
        known = {"host": self.url, "login": self.login, "password": self.password, "extra": self.tls}
        where = endpoint("prometheus_default", **(known | changes))
        with Prometheus(http_client(where, timeout_seconds=20), where, timeout_seconds=20) as client:
            yield client

    def start(self) -> None:
        """Start the server on what it had stored, if anything."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(list(self.arguments), stdout=log, stderr=log)
        deadline = time.monotonic() + LONGEST_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"Prometheus did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)  # the server of another process, to which no event leads

    def stop(self) -> None:
        """Stop the server; what it stored stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LONGEST_SECONDS)
            self._process = None

    def kill(self) -> None:
        """End the server without letting it write what nobody will read."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(LONGEST_SECONDS)
            self._process = None

    def seed(self) -> None:
        """Write a sample of now: an empty server would take history without any window, once."""
        with self.client() as client:
            client.write([Sample(Key("test_seed"), int(time.time()), 1.0)])

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.query("vector(1)", 0))
        except UpstreamError:
            return False


@contextmanager
def prometheus_server(
    *,
    window: str = "450d",
    retention: str = "3y",
    receiver: bool = True,
    web_config: str = "",
    more_config: str = "",
    login: str = "",
    password: str = "",
    tls: Mapping[str, str] | None = None,
    seeded: bool = True,
) -> Iterator[PrometheusServer]:
    """Run a server until the block ends; skip the test, with the reason, where there is none to run."""
    program = installed_program()
    if program is None:
        pytest.skip("no Prometheus is installed (Debian: apt-get install prometheus)")
    folder = Path(tempfile.mkdtemp(prefix="costspike-prometheus-"))
    storage = f"storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n" if window else ""
    (folder / "prometheus.yml").write_text(storage + more_config)
    port = _free_port()
    arguments = [
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--storage.tsdb.retention.time={retention}",
        f"--web.listen-address={HOST}:{port}",
        "--log.level=warn",
        *(["--web.enable-remote-write-receiver"] if receiver else []),
    ]
    if web_config:
        (folder / "web.yml").write_text(web_config)
        arguments.append(f"--web.config.file={folder}/web.yml")
    server = PrometheusServer(port, folder, arguments, login, password, tls or {})
    try:
        server.start()
        if seeded and receiver:
            server.seed()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def installed_program(name: str = "prometheus") -> str | None:
    """Return the path of Prometheus, or of promtool, None where it is not installed."""
    return shutil.which(name)


def promtool(*arguments: object, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool; skip the test, with the reason, where there is none."""
    program = installed_program("promtool")
    if program is None:
        pytest.skip("no promtool is installed (Debian: apt-get install prometheus)")
    command = [program, *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
