"""The layers of the design, and what must not exist, held as tests."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "dags").rglob("*.py")]


def test_the_import_contract_holds():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "plugins"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_named_for_its_duty(path: Path):
    assert path.stem not in {"utils", "helpers", "common", "constants", "misc", "base"}


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\.expand_kwargs\(", id="expand_kwargs renders data as Jinja"),
        pytest.param(r"\bprint\(", id="print"),
        pytest.param(r"except Exception: *\n *pass", id="swallowed errors"),
        pytest.param(r"\bVariable\.get\(", id="Variables outside the settings"),
    ],
)
def test_nothing_in_the_product_uses(pattern: str):
    assert [str(path) for path in PRODUCT if re.search(pattern, path.read_text(encoding="utf-8"))] == []


def test_only_the_settings_read_the_environment():
    readers = [path.name for path in PRODUCT if "os.environ" in path.read_text(encoding="utf-8")]

    assert readers == ["settings.py"]


def test_only_the_run_context_reads_the_clock():
    readers = [
        path.name
        for path in PRODUCT
        if re.search(r"datetime\.now\(|utcnow\(", path.read_text(encoding="utf-8"))
    ]

    assert readers == ["run_context.py"]
