import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def run(folder: Path, text: str, *, no_skips: bool) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_sample.py").write_text(f"import pytest\n\n{text}\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "-p", "no:cacheprovider", str(folder)]
    own = {"PYTHONPATH": str(PROJECT), "COSTSPIKE_NO_SKIPS": "1" if no_skips else ""}
    env = {**os.environ, **own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


SKIPPING = {
    "in the test": "def test_a():\n    pytest.skip('no server here')",
    "by a mark": "@pytest.mark.skip(reason='no server here')\ndef test_a():\n    pass",
    "in a fixture": "@pytest.fixture\ndef server(): pytest.skip('no server here')\n\ndef test_a(server):\n    pass",
    "of the module": "pytest.skip('no server here', allow_module_level=True)",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SKIPPING.items()])
def test_ci_refuses_a_skip_and_says_why_it_was_one(tmp_path: Path, text: str) -> None:
    done = run(tmp_path, text, no_skips=True)
    assert done.returncode in {1, 2}
    assert "COSTSPIKE_NO_SKIPS" in done.stdout
    assert "no server here" in done.stdout


def test_a_developer_may_skip(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPPING["in the test"], no_skips=False)
    assert (done.returncode, "1 skipped" in done.stdout) == (0, True)


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    done = run(tmp_path, "@pytest.mark.xfail\ndef test_a():\n    assert False", no_skips=True)
    assert (done.returncode, "1 xfailed" in done.stdout) == (0, True)
