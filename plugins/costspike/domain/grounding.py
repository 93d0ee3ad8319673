"""Which numbers of a text are backed by the fact sheet.

Amounts, percentages, multiples, account ids, resource ids and ISO dates are looked for in every text;
in texts that state what happened, so is any other number. A number is backed if the fact sheet has it,
or if it follows from one there by rounding. Only what code computed and what the organisation says of
itself counts as amount or percentage: a service that is called "$5" backs nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costspike.domain.facts import Fact
from costspike.domain.numbers import KINDS, OTHER_NUMBER, rounds_from, written

REMOVED_SENTENCE = "[a sentence with an unverified number was removed]"

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_OWN_WORDS = re.compile(r"about_\d+|severity_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNumbers:
    """What the fact sheet backs, by kind; ``others`` are the numbers in any of its texts."""

    money: frozenset[Decimal]
    percents: frozenset[Decimal]
    accounts: frozenset[str]
    dates: frozenset[str]
    others: frozenset[Decimal]
    texts: tuple[str, ...]


def known_numbers(facts: Sequence[Fact]) -> KnownNumbers:
    """Return the numbers that an answer about these facts may use."""
    values = [(key, str(value)) for fact in facts for key, value in fact.values.items() if value is not None]
    own = " ".join(text for key, text in values if _OWN_WORDS.fullmatch(key))
    everything = " ".join([*(text for pair in values for text in pair), *(fact.label for fact in facts)])
    amounts = _numbers(text for key, text in values if key.endswith("_cost") or KINDS["date"].fullmatch(key))
    return KnownNumbers(
        money=amounts | _read("money", own),
        percents=_numbers(text for key, text in values if key.endswith("_percent")) | _read("percent", own),
        accounts=frozenset(text for key, text in values if key == "account_id") | frozenset(_accounts(own)),
        dates=frozenset(text for pair in values for text in pair if KINDS["date"].fullmatch(text))
        | frozenset(KINDS["date"].findall(own)),
        others=frozenset(Decimal(digits) for digits in re.findall(r"\d+(?:\.\d+)?", everything, re.ASCII)),
        texts=tuple(text for _, text in values),
    )


def backed_sentences(text: str, known: KnownNumbers, *, strict: bool) -> tuple[str, tuple[str, ...]]:
    """Return the text without the sentences that have an unbacked number, and those numbers.

    A removed sentence leaves a visible mark, neighbours share one. ``strict`` looks at every number,
    not only at amounts, percentages, multiples, ids and dates.
    """
    kept: list[str] = []
    unbacked: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        found = list(_unbacked(sentence, known, strict=strict))
        unbacked += found
        if not found:
            kept.append(sentence)
        elif kept[-1:] != [REMOVED_SENTENCE]:
            kept.append(REMOVED_SENTENCE)
    return " ".join(kept), tuple(unbacked)


def unknown_accounts(text: str, known: KnownNumbers) -> tuple[str, ...]:
    """Return the account ids of a text that the fact sheet does not have."""
    return tuple(account for account in _accounts(text) if account not in known.accounts)


def _unbacked(sentence: str, known: KnownNumbers, *, strict: bool) -> Iterator[str]:
    # Full-width digits and the like are read as what they look like.
    rest = unicodedata.normalize("NFKC", sentence)
    for kind, pattern in KINDS.items():
        yield from (token for token in pattern.findall(rest) if not _is_backed(kind, token, known))
        rest = pattern.sub(" ", rest)
    if strict:
        yield from (token for token in OTHER_NUMBER.findall(rest) if not _is_mentioned(token, known))


def _is_backed(kind: str, token: str, known: KnownNumbers) -> bool:
    match kind:
        case "date":
            return token in known.dates
        case "resource":
            return any(token in text for text in known.texts)
        case "account":
            return token.replace("-", "") in known.accounts
        case "money":
            return rounds_from(written(token), known.money)
        case "percent":
            return rounds_from(written(token), known.percents)
    # Multiples and numbers in words: the fact sheet has none.
    return False


def _is_mentioned(token: str, known: KnownNumbers) -> bool:
    number = written(token)
    return number.value in known.others or rounds_from(number, known.money | known.percents)


def _numbers(texts: Iterable[str]) -> frozenset[Decimal]:
    return frozenset(Decimal(text) for text in texts if re.fullmatch(r"-?\d+(?:\.\d+)?", text, re.ASCII))


def _read(kind: str, text: str) -> frozenset[Decimal]:
    return frozenset(written(token).value for token in KINDS[kind].findall(text))


def _accounts(text: str) -> Iterator[str]:
    return (token.replace("-", "") for token in KINDS["account"].findall(text))
