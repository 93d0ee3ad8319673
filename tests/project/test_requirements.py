"""The lock and what an Astro image installs come from one source, and name no registry."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def requirements() -> ModuleType:
    spec = importlib.util.spec_from_file_location("requirements", ROOT / "scripts" / "requirements.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_requirements_txt_is_pyproject_pinned_as_locked(requirements):
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")

    assert text == requirements.pinned(PYPROJECT, LOCK)


def test_airflow_itself_is_in_the_lock_and_not_in_the_image(requirements):
    assert "apache-airflow" in requirements.locked(LOCK)
    assert not re.search(r"^apache-airflow==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_package_of_the_lock_has_a_hash():
    packages = re.split(r"\n(?=[A-Za-z0-9])", LOCK)

    assert [text.splitlines()[0] for text in packages[1:] if "--hash=sha256:" not in text] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements.txt", "pyproject.toml"])
def test_no_registry_is_named(name):
    text = (ROOT / name).read_text(encoding="utf-8")

    assert not re.search(r"--(extra-)?index-url|--find-links|https?://(?!docs\.)[^\s]*(simple|pypi)", text)


def test_there_is_no_other_lock():
    assert not (ROOT / "uv.lock").exists()
