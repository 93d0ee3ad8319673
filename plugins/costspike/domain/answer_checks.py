"""Checks of a model's answer that it cannot talk its way around, before anybody sees it.

Nothing is repaired silently: what is taken out leaves a mark in the text or a flag, and flags lower
the confidence that is shown.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from costspike.domain.commands import command_problem
from costspike.domain.explanation import Explanation, Recommendation
from costspike.domain.facts import Fact
from costspike.domain.grounding import backed_sentences, known_numbers, unknown_accounts
from costspike.domain.texts import plain, shortened

Confidence = Literal["low", "medium", "high"]

MIN_RECOMMENDATIONS = 3
MAX_RECOMMENDATIONS = 5
MAX_CHARACTERS = {
    "root_cause": 900,
    "severity_reason": 450,
    "prevention": 450,
    "action": 300,
    "console_path": 150,
}

# Texts that state what happened; advice may name a number of its own, such as "after 30 days".
_STATEMENTS = frozenset({"root_cause", "severity_reason"})
_AWS_NAME = r"(?![\w.-]*(?<![\w-])amazon(?:aws)?\.com(?![.-]?\w|/))"
_TOP_LEVEL = r"(?:com|net|org|io|co|dev|app|xyz|info|biz|ru|cn|ai|ly|gg|sh|link)"
_REMOVALS = (
    ("markup", re.compile(r"<[!@#/a-zA-Z][^<>]*>")),
    ("link", re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+|\b(?:mailto|javascript|data):\S+")),
    # Slack makes links of bare names as well; "ec2.amazonaws.com" is how IAM names a service.
    ("link", re.compile(rf"(?i)(?<![\w.-]){_AWS_NAME}[\w-]+(?:\.[\w-]+)*\.{_TOP_LEVEL}\b(?:[/?:#]\S*)?")),
    ("mention", re.compile(r"(?i)(?<!\w)@(?:channel|here|everyone)\b")),
)
_EVIDENCE = re.compile(r"\bE\d{1,3}\b")
_FLAG_CHARACTERS = 40
_FLAG_ITEMS = 3


def check_answer(explanation: Explanation, facts: Sequence[Fact]) -> tuple[Explanation, tuple[str, ...]]:
    """Return the answer with everything taken out that is not backed or not safe, and what was found.

    One flag lowers a high confidence to medium, two or more lower any confidence to low.
    """
    check = _Check(facts)
    found = {
        "root_cause": check.text("root_cause", explanation.root_cause),
        "severity_reason": check.text("severity_reason", explanation.severity_reason),
        "recommendations": check.recommendations(explanation.recommendations),
        "prevention": check.text("prevention", explanation.prevention),
        "evidence_ids": check.evidence(explanation.evidence_ids),
    }
    confidence = _lowered(explanation.confidence, len(check.flags))
    return explanation.model_copy(update={**found, "confidence": confidence}), tuple(check.flags)


class _Check:
    """The checks of one answer against one fact sheet; collects the flags in the order of the answer."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.flags: list[str] = []
        self._ids = frozenset(fact.id for fact in facts)
        self._known = known_numbers(facts)
        # A usage type or an account may be called like an id that does not exist.
        self._names = frozenset(name for text in self._known.texts for name in _EVIDENCE.findall(text))

    def text(self, name: str, text: str) -> str:
        field = name.rpartition(" ")[2]
        visible = plain(text)
        cut = shortened(visible, MAX_CHARACTERS[field])
        if cut != visible:
            self.flags.append(f"{name}: shortened from {len(visible)} characters")
        safe = self._with_known_evidence(name, self._without_links(name, cut))
        backed, numbers = backed_sentences(safe, self._known, strict=field in _STATEMENTS)
        if numbers:
            self.flags.append(f"{name}: unverified number {_listed(numbers)}")
        return shortened(backed, MAX_CHARACTERS[field])

    def recommendations(self, given: Sequence[Recommendation]) -> list[Recommendation]:
        if not MIN_RECOMMENDATIONS <= len(given) <= MAX_RECOMMENDATIONS:
            self.flags.append(
                f"{len(given)} recommendations, expected {MIN_RECOMMENDATIONS} to {MAX_RECOMMENDATIONS}"
            )
        return [
            Recommendation(
                action=self.text(f"step {number} action", one.action),
                console_path=self.text(f"step {number} console_path", one.console_path),
                cli=self._command(f"step {number} cli", one.cli.strip()),
            )
            for number, one in enumerate(given[:MAX_RECOMMENDATIONS], 1)
        ]

    def evidence(self, given: Sequence[str]) -> list[str]:
        cited = list(dict.fromkeys(one.strip() for one in given))
        kept = [one for one in cited if one in self._ids]
        if len(kept) < len(cited):
            self.flags.append(
                f"evidence_ids: unknown evidence {_listed(one for one in cited if one not in self._ids)}"
            )
        if not kept:
            self.flags.append("evidence_ids: no evidence is cited")
        return kept

    def _without_links(self, name: str, text: str) -> str:
        for what, pattern in _REMOVALS:
            text, count = pattern.subn(f"[{what} removed]", text)
            if count:
                self.flags.append(f"{name}: {what} removed")
        return text

    def _with_known_evidence(self, name: str, text: str) -> str:
        unknown = sorted(set(_EVIDENCE.findall(text)) - self._ids - self._names)
        if not unknown:
            return text
        self.flags.append(f"{name}: unknown evidence {_listed(unknown)}")
        return _EVIDENCE.sub(lambda match: "[unknown evidence]" if match[0] in unknown else match[0], text)

    def _command(self, name: str, command: str) -> str:
        if not command:
            return ""
        problem = command_problem(command)
        if problem is None and (accounts := unknown_accounts(command, self._known)):
            problem = f"unknown account {_listed(accounts)}"
        if problem is None:
            return command
        self.flags.append(f"{name}: command removed, {problem}")
        return ""


def _lowered(confidence: Confidence, flags: int) -> Confidence:
    if flags > 1:
        return "low"
    return "medium" if flags == 1 and confidence == "high" else confidence


def _listed(items: Iterable[str]) -> str:
    """Name the first few things, each cut short: flags are stored and shown."""
    shown = [repr(shortened(plain(item), _FLAG_CHARACTERS)) for item in items]
    more = f" and {len(shown) - _FLAG_ITEMS} more" if len(shown) > _FLAG_ITEMS else ""
    return ", ".join(shown[:_FLAG_ITEMS]) + more
