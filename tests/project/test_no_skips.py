import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(suite: Path, text: str, *, no_skips: bool) -> subprocess.CompletedProcess[str]:
    (suite / "test_sample.py").write_text(f"import pytest\n\n{text}\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "-p", "no:randomly", "-p", "no:cacheprovider", "-n0"]
    env = {**os.environ, "PYTHONPATH": str(PROJECT), "COSTSPIKE_NO_SKIPS": "1" if no_skips else ""}
    return subprocess.run([*command, str(suite)], cwd=suite, env=env, capture_output=True, text=True, check=False)


SKIPPING = {
    "in the test": "def test_a():\n    pytest.skip('no server here')",
    "by a mark": "@pytest.mark.skip(reason='no server here')\ndef test_a():\n    pass",
    "in a fixture": "@pytest.fixture\ndef server():\n    pytest.skip('no server here')\n\ndef test_a(server):\n    pass",
    "of the module": "pytest.skip('no server here', allow_module_level=True)",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SKIPPING.items()])
def test_ci_refuses_a_skip_and_says_why_it_was_one(suite: Path, text: str) -> None:
    done = run(suite, text, no_skips=True)
    assert done.returncode not in {0, 5}
    assert "no server here" in done.stdout
    assert "COSTSPIKE_NO_SKIPS" in done.stdout


def test_a_developer_may_skip(suite: Path) -> None:
    done = run(suite, SKIPPING["in the test"], no_skips=False)
    assert (done.returncode, "1 skipped" in done.stdout) == (0, True)


def test_an_expected_failure_is_no_skip(suite: Path) -> None:
    done = run(suite, "@pytest.mark.xfail\ndef test_a():\n    assert False", no_skips=True)
    assert (done.returncode, "1 xfailed" in done.stdout) == (0, True)
