"""A private Postgres for tests, made from the installed programs: nothing to configure, nothing left behind."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

USER = "costspike"
HOST = "127.0.0.1"
# Debian keeps the server's programs off the PATH.
FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/pgsql/bin",
)
LONGEST_SECONDS = 60
# What a test writes need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresDatabase:
    """One database, in the words of those who connect to it."""

    name: str
    port: int
    password: str

    @property
    def dsn(self) -> str:
        """Return what ``psycopg.connect`` takes."""
        return f"host={HOST} port={self.port} user={USER} password={self.password} dbname={self.name}"

    @property
    def connection(self) -> str:
        """Return the Airflow connection, as the JSON that AIRFLOW_CONN_... takes."""
        address = {"conn_type": "postgres", "host": HOST, "port": self.port, "schema": self.name}
        return json.dumps({**address, "login": USER, "password": self.password})

    @property
    def sqlalchemy_url(self) -> str:
        """Return the address for Airflow's own metadata."""
        return f"postgresql+psycopg2://{USER}:{self.password}@{HOST}:{self.port}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server; every test takes a database of its own."""

    port: int
    password: str

    def new_database(self) -> PostgresDatabase:
        """Create an empty database."""
        database = self._database(f"test_{secrets.token_hex(6)}")
        with psycopg.connect(self._database("postgres").dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database.name)))
        return database

    def _database(self, name: str) -> PostgresDatabase:
        return PostgresDatabase(name=name, port=self.port, password=self.password)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server until the block ends; skip the test, with the reason, where there is none to run."""
    programs = installed_programs()
    if programs is None:
        pytest.skip("no Postgres server is installed (Debian: apt-get install postgresql)")
    # Not under pytest's tmp_path, which the other user cannot enter and which is too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="costspike-pg-"))
    try:
        server = PostgresServer(port=_free_port(), password=secrets.token_hex(12))
        _initialize(programs, folder, server.password)
        _start(programs, folder, server.port)
        yield server
    finally:
        _run(
            programs / "pg_ctl", "stop", "-D", folder / "data", "-m", "immediate", folder=folder, check=False
        )
        shutil.rmtree(folder, ignore_errors=True)


def installed_programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, that of the newest release where there are several."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    found = [program.parent for pattern in FOLDERS for program in Path("/").glob(f"{pattern}/initdb")]
    return max(found, key=lambda path: [int(part) for part in path.parts if part.isdigit()], default=None)


def _initialize(programs: Path, folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password, encoding="utf-8")
    for path in (folder, secret):
        os.chown(path, *_owner())
    options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--username", USER)
    _run(programs / "initdb", "-D", folder / "data", "--pwfile", secret, *options, folder=folder)


def _start(programs: Path, folder: Path, port: int) -> None:
    settings = {**FAST, "listen_addresses": HOST, "port": port, "unix_socket_directories": folder}
    options = " ".join(f"--{name}={value}" for name, value in settings.items())
    # pg_ctl waits until the server accepts connections.
    command = ("start", "-D", folder / "data", "-l", folder / "log", "-o", options, "-t", LONGEST_SECONDS)
    _run(programs / "pg_ctl", *command, folder=folder)


def _run(program: Path, *arguments: object, folder: Path, check: bool = True) -> None:
    """Run one of Postgres's programs, which refuse to run as root."""
    user, group = _owner()
    identity = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
    with (folder / f"{program.name}.out").open("w+") as out:
        done = subprocess.run(  # type: ignore[call-overload] # the identity is keywords of one type each
            [program, *map(str, arguments)], cwd=folder, stdout=out, stderr=out, check=False, **identity
        )
        if check and done.returncode != 0:
            out.seek(0)
            pytest.fail(f"{program.name} failed: {out.read()}")


def _owner() -> tuple[int, int]:
    """Return who runs the server: this user, or where that is root, one that can do nothing else."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return entry.pw_uid, entry.pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
