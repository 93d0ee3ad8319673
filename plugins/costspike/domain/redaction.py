"""Names that stay at home: aliases in what is sent to a model, the real names in what people are shown.

The aliases of one fact sheet are numbered in the order in which their names occur in it, so the same sheet
is always redacted in the same way, and a name has one alias wherever it stands.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from costspike.domain.facts import Fact, Value

RedactionMode = Literal["none", "accounts", "strict"]

_ACCOUNT = re.compile(r"(?<![\d.$])\d{12}(?!\d)")
# In the order in which they are looked for: an ARN holds an account id, a user may be an address.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("arn", re.compile(r"\barn:aws[\w-]*:[^\s,;\"'()\[\]]+")),
    ("address", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("ip", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")),
    ("ip", re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}(?::?[0-9a-fA-F]{1,4})+(?![\w:])")),
    ("resource", re.compile(r"\b[a-z]{1,12}-(?=[a-f]*\d)[0-9a-f]{8,17}\b")),
)
_STRICT_KEYS = {
    "user": re.compile(r"user"),
    "resource": re.compile(r"resource_\d+"),
    "tag": re.compile(r"(?:tag|cost_category)_value"),
    "account-name": re.compile(r"account_name"),
}
_ACCOUNT_KEYS = {"account-name": re.compile(r"account_name")}
_ALIAS = re.compile(r"\b(?:acct|account-name|arn|address|ip|resource|user|tag)-\d{1,4}\b")
# Shorter names are part of ordinary words; replaced wherever they stand, they would spoil the text.
_SHORTEST_ANYWHERE = 4


@dataclass(frozen=True, slots=True)
class Redaction:
    """The alias of each name of one fact sheet."""

    aliases: Mapping[str, str]

    def facts(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """Return the facts with aliases in place of the names, keys and labels as they are."""
        if not self.aliases:
            return tuple(facts)
        return tuple(
            replace(fact, values={key: self._hidden(value) for key, value in fact.values.items()})
            for fact in facts
        )

    def shown(self, text: str) -> str:
        """Return a JSON text with the names in place of the aliases; unknown aliases stay."""
        if not self.aliases:
            return text
        names = {alias: json.dumps(name)[1:-1] for name, alias in self.aliases.items()}
        return _ALIAS.sub(lambda found: names.get(found[0], found[0]), text)

    def hidden(self, text: str) -> str:
        """Return a text with aliases in place of the names."""
        whole = self.aliases.get(text)
        if whole is not None:
            return whole
        for name in sorted(self.aliases, key=len, reverse=True):
            if len(name) >= _SHORTEST_ANYWHERE:
                text = text.replace(name, self.aliases[name])
        return text

    def _hidden(self, value: Value) -> Value:
        return self.hidden(value) if isinstance(value, str) else value


def redaction_of(facts: Iterable[Fact], mode: RedactionMode) -> Redaction:
    """Return what a mode hides of these facts.

    ``accounts`` hides account ids and names; ``strict`` also ARNs, resource ids, IP and mail addresses, users
    and the values of tags and cost categories.
    """
    if mode == "none":
        return Redaction({})
    aliases: dict[str, str] = {}
    counts: dict[str, int] = {}
    for kind, name in _names(facts, strict=mode == "strict"):
        if name and name not in aliases:
            counts[kind] = counts.get(kind, 0) + 1
            aliases[name] = f"{kind}-{counts[kind]}"
    return Redaction(aliases)


def _names(facts: Iterable[Fact], *, strict: bool) -> Iterator[tuple[str, str]]:
    keys = _STRICT_KEYS if strict else _ACCOUNT_KEYS
    for fact in facts:
        for key, value in fact.values.items():
            if not isinstance(value, str):
                continue
            yield from ((kind, value) for kind, pattern in keys.items() if pattern.fullmatch(key))
            for kind, pattern in _PATTERNS if strict else ():
                yield from ((kind, name) for name in pattern.findall(value))
            yield from (("acct", name) for name in _ACCOUNT.findall(value))
