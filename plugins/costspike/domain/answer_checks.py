"""Checks of a model's answer that it cannot talk its way around, before anybody sees it.

Nothing is repaired silently: what is taken out leaves a mark in the text or a flag, and flags lower
the confidence that is shown.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from costspike.domain.commands import command_problem
from costspike.domain.explanation import Explanation, Hypothesis, Recommendation
from costspike.domain.facts import Fact
from costspike.domain.grades import GRADES, Severity
from costspike.domain.grounding import REMOVED_SENTENCE, backed_sentences, known_numbers, unknown_accounts
from costspike.domain.texts import plain, shortened

Confidence = Literal["low", "medium", "high"]

MIN_RECOMMENDATIONS = 3
MAX_RECOMMENDATIONS = 5
MAX_HYPOTHESES = 4
MAX_CHARACTERS = {
    "root_cause": 900,
    "what_changed": 450,
    "cause": 300,
    "how_to_disprove": 300,
    "severity_reason": 450,
    "prevention": 450,
    "action": 300,
    "console_path": 150,
}

# Texts that state what happened; advice may name a number of its own, such as "after 30 days".
_STATEMENTS = frozenset({"root_cause", "what_changed", "severity_reason", "cause"})
# A hypothesis may point at a service that the facts do not show.
_WITHOUT_NAMES = frozenset({"cause"})
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
# With so many inventions, what is left is not worth a reader's trust. Markup and links may come from names.
_TOO_MANY = 6
_INVENTED = re.compile(r": (?:unverified|unknown evidence) |more than one step")
_NOTHING_SAID = re.compile(rf"(?:{re.escape(REMOVED_SENTENCE)}|\[[a-z ]*removed\]|\W)*")


def check_answer(explanation: Explanation, facts: Sequence[Fact]) -> tuple[Explanation, tuple[str, ...]]:
    """Return the answer with everything taken out that is not backed or not safe, and what was found.

    One flag lowers a high confidence to medium, two or more lower any confidence to low.
    """
    check = _Check(facts)
    found = {
        "root_cause": check.text("root_cause", explanation.root_cause),
        "what_changed": check.text("what_changed", explanation.what_changed),
        "changed_on": check.day("changed_on", explanation.changed_on),
        "hypotheses": check.hypotheses(explanation.hypotheses),
        "severity_reason": check.severity(explanation.severity, explanation.severity_reason),
        "recommendations": check.recommendations(explanation.recommendations),
        "prevention": check.text("prevention", explanation.prevention),
        "evidence_ids": check.evidence(explanation.evidence_ids),
    }
    confidence = _lowered(explanation.confidence, len(check.flags))
    return explanation.model_copy(update={**found, "confidence": confidence}), tuple(check.flags)


def is_worth_showing(checked: Explanation, flags: Sequence[str]) -> bool:
    """Tell whether enough of an answer is left: a cause, a step to take, and not too much to be sorry for."""
    has_cause = _NOTHING_SAID.fullmatch(checked.root_cause) is None
    has_step = any(_NOTHING_SAID.fullmatch(one.action) is None for one in checked.recommendations)
    return has_cause and has_step and sum(bool(_INVENTED.search(flag)) for flag in flags) < _TOO_MANY


class _Check:
    """The checks of one answer against one fact sheet; collects the flags in the order of the answer."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.flags: list[str] = []
        self._ids = frozenset(fact.id for fact in facts)
        self._known = known_numbers(facts)
        self._grade = next((str(fact.values["severity"]) for fact in facts if "severity" in fact.values), "")
        # A usage type or an account may be called like an id that does not exist.
        self._names = frozenset(name for text in self._known.texts for name in _EVIDENCE.findall(text))

    def text(self, name: str, text: str) -> str:
        field = name.rpartition(" ")[2]
        visible = plain(text)
        cut = shortened(visible, MAX_CHARACTERS[field])
        if cut != visible:
            self.flags.append(f"{name}: shortened from {len(visible)} characters")
        safe = self._with_known_evidence(name, self._without_links(name, cut))
        backed, numbers = backed_sentences(
            safe,
            self._known,
            strict=field in _STATEMENTS,
            names=field in _STATEMENTS - _WITHOUT_NAMES,
        )
        if numbers:
            self.flags.append(f"{name}: unverified {_listed(numbers)}")
        return shortened(backed, MAX_CHARACTERS[field])

    def day(self, name: str, text: str) -> str:
        """Return the day if the fact sheet has it."""
        day = text.strip()
        if not day or day in self._known.dates:
            return day
        self.flags.append(f"{name}: unverified {_listed([day])}")
        return ""

    def severity(self, opinion: Severity, reason: str) -> str:
        """Return the reason for the model's grade; one far from the rule's is said."""
        if self._grade in GRADES and abs(GRADES.index(opinion) - GRADES.index(self._grade)) > 1:
            self.flags.append(f"severity: {opinion} is more than one step from {self._grade}")
        return self.text("severity_reason", reason)

    def hypotheses(self, given: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Return the hypotheses whose cause is left; a service that the facts do not show may be part of one."""
        if not 1 <= len(given) <= MAX_HYPOTHESES:
            self.flags.append(f"{len(given)} hypotheses, expected 1 to {MAX_HYPOTHESES}")
        checked = [
            one.model_copy(
                update={
                    "cause": self.text(f"hypothesis {number} cause", one.cause),
                    "how_to_disprove": self.text(f"hypothesis {number} how_to_disprove", one.how_to_disprove),
                    "evidence_for": self._known_ids(f"hypothesis {number}", one.evidence_for),
                    "evidence_against": self._known_ids(f"hypothesis {number}", one.evidence_against),
                }
            )
            for number, one in enumerate(given[:MAX_HYPOTHESES], 1)
        ]
        return [one for one in checked if _NOTHING_SAID.fullmatch(one.cause) is None]

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
        kept = self._known_ids("evidence_ids", given)
        if not kept:
            self.flags.append("evidence_ids: no evidence is cited")
        return kept

    def _known_ids(self, name: str, given: Sequence[str]) -> list[str]:
        cited = list(dict.fromkeys(one.strip() for one in given))
        unknown = [one for one in cited if one not in self._ids]
        if unknown:
            self.flags.append(f"{name}: unknown evidence {_listed(unknown)}")
        return [one for one in cited if one in self._ids]

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
