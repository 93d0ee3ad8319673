"""The prompt templates: versioned text files of this package."""

import functools
import re
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from costspike.domain.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplates:
    """The texts of one prompt version; ``user`` has the place where the facts go.

    ``again`` asks once more, with a place for what was wrong, ``follow_up`` offers a look further; they are
    empty where a version has none.
    """

    version: str
    system: str
    user: str
    again: str = ""
    follow_up: str = ""


@functools.cache
def load_templates(version: str) -> PromptTemplates:
    """Return the templates of a version such as ``v2``, read from disk once a process.

    Raises:
        SettingsError: there is no such version.
    """
    folder = resources.files("costspike") / "prompts"
    # The version becomes part of a file name, so it is looked up among the names that exist.
    known = sorted(
        match[1]
        for file in folder.iterdir()
        if (match := re.fullmatch(r"system_(v\d+)\.md", file.name)) is not None
    )
    if version not in known:
        msg = f"There is no prompt version {version!r}. Set it to one of: {', '.join(known)}."
        raise SettingsError(msg)
    return PromptTemplates(
        version=version,
        system=(folder / f"system_{version}.md").read_text(encoding="utf-8"),
        user=(folder / f"user_{version}.md").read_text(encoding="utf-8"),
        again=_text(folder / f"again_{version}.md"),
        follow_up=_text(folder / f"follow_up_{version}.md"),
    )


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""
