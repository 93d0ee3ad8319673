"""The prompt for one spike: the fact sheet, wrapped so that no value can be anything but data."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from costspike.domain.facts import Fact, Value
from costspike.domain.texts import plain, shortened

FACTS_PLACE = "{{facts}}"
PROBLEMS_PLACE = "{{problems}}"
TURNS_PLACE = "{{turns}}"
MAX_TEXT_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is sent to the model. ``system`` is the same for every spike, so that it can be cached."""

    version: str
    system: str
    user: str

    @property
    def digest(self) -> str:
        """Return 64 hex digits of everything that is sent: the same prompt need not be paid for twice."""
        return hashlib.sha256(f"{self.version}\x1f{self.system}\x1f{self.user}".encode()).hexdigest()


def render_prompt(facts: Sequence[Fact], *, version: str, system: str, user: str) -> Prompt:
    """Return the prompt of a version, with the facts in the place that the user template has for them.

    Raises:
        ValueError: the user template does not have exactly one place for the facts.
    """
    places = user.count(FACTS_PLACE)
    if places != 1:
        msg = (
            f"the user template of prompt {version!r} has {FACTS_PLACE} {places} times, expected exactly once"
        )
        raise ValueError(msg)
    return Prompt(version=version, system=system, user=user.replace(FACTS_PLACE, _rows(facts)))


def render_again(template: str, problems: Sequence[str]) -> str:
    """Return the text that asks once more; the problems quote the model, so they are data as well."""
    rows = ",\n".join(_escaped_json(_capped(problem)) for problem in problems)
    return template.replace(PROBLEMS_PLACE, f"[\n{rows}\n]")


def render_follow_up(template: str, turns: int) -> str:
    """Return the text that offers a few looks further."""
    return template.replace(TURNS_PLACE, str(turns))


def render_rows(facts: Sequence[Fact]) -> str:
    """Return further rows of the fact sheet, between the delimiters that they cannot close."""
    return f"<facts>\n{_rows(facts)}\n</facts>"


def _rows(facts: Sequence[Fact]) -> str:
    """Return a JSON list with one row on each line, which a person can read as well."""
    return "[\n" + ",\n".join(_escaped_json(_row(fact)) for fact in facts) + "\n]"


def _row(fact: Fact) -> dict[str, Value]:
    row: dict[str, Value] = {"id": fact.id, "label": fact.label, **fact.values}
    return {_capped(key): _capped(value) if isinstance(value, str) else value for key, value in row.items()}


def _capped(text: str) -> str:
    return shortened(plain(text), MAX_TEXT_CHARACTERS)


def _escaped_json(row: object) -> str:
    # Without "<" and ">" no value can close the delimiter, and plain ASCII leaves nothing to hide in.
    text = json.dumps(row, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
