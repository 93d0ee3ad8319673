"""`make setup` finds an interpreter that works, and leaves alone what is right already."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup.sh", tmp_path / "scripts")
    (tmp_path / "requirements.lock").write_text("")
    return tmp_path


def set_up(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(
        [clone / "scripts" / "setup.sh"], env=env, capture_output=True, text=True, check=False
    )


def test_without_a_working_python_it_says_what_it_tried_and_what_to_install(clone):
    done = set_up(clone, PYTHON="no-such-python false")

    assert done.returncode == 1
    assert "tried: no-such-python false" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_a_command_that_only_fails_is_passed_over(clone):
    shim = executable(clone / "python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    working = executable(clone / "python3", f'echo "$@" >>{clone}/calls')

    set_up(clone, PYTHON=f"{shim} {working}")

    assert (clone / "calls").read_text().splitlines()[-1] == "-m venv .venv"


def executable(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_what_is_set_up_is_left_alone(clone):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone / ".venv"], check=True)
    checksum = subprocess.run(["cksum"], input=b"", capture_output=True, check=True).stdout
    (clone / ".venv" / ".synced").write_bytes(checksum)

    done = set_up(clone, PYTHON="false")

    assert (done.returncode, done.stderr) == (0, "")
