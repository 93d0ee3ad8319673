"""The settings file and the README say what the settings are."""

import importlib.util
from pathlib import Path

from costspike import settings

ROOT = Path(__file__).parents[2]


def documenter():
    spec = importlib.util.spec_from_file_location(
        "document_settings", ROOT / "scripts" / "document_settings.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_settings_file_holds_every_key_with_its_default():
    text = (ROOT / "include" / "costspike.yaml").read_text(encoding="utf-8")

    assert text == documenter().yaml_text()
    assert settings.load(environment={}) == settings.Settings()


def test_the_readme_lists_every_setting():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert documenter().with_table(text) == text
