"""Which numbers and names of a text are backed by the fact sheet.

Amounts, percentages, multiples, account ids, resource ids and dates are looked for in every text; in texts
that state what happened, so are any other number, and the names of services and regions. A number is backed
if the fact sheet has it, or if it follows from what is there by rounding or by arithmetic that the text
states. Only what code computed and what the organisation says of
itself counts as amount or percentage: a service that is called "$5" backs nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costspike.domain.arithmetic import without_equations
from costspike.domain.facts import Fact
from costspike.domain.named_things import unknown_names
from costspike.domain.numbers import KINDS, OTHER_NUMBER, is_day_of, rounds_from, written

REMOVED_SENTENCE = "[a sentence that could not be verified was removed]"

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z")
_OWN_WORDS = re.compile(r"about_\d+|severity_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNumbers:
    """What the fact sheet backs, by kind.

    ``counts`` are values that are numbers and neither money nor percentages, ``others`` the numbers in any of
    its texts.
    """

    money: frozenset[Decimal]
    percents: frozenset[Decimal]
    accounts: frozenset[str]
    dates: frozenset[str]
    counts: frozenset[Decimal]
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
        | frozenset(text[:10] for key, text in values if _MOMENT.fullmatch(text) and key.endswith("_at"))
        | frozenset(KINDS["date"].findall(own)),
        counts=_numbers(text for key, text in values if not key.endswith(("_cost", "_percent", "_id"))),
        others=frozenset(Decimal(digits) for digits in re.findall(r"\d+(?:\.\d+)?", everything, re.ASCII)),
        texts=tuple(text for _, text in values),
    )


def backed_sentences(
    text: str, known: KnownNumbers, *, strict: bool, names: bool | None = None
) -> tuple[str, tuple[str, ...]]:
    """Return the text without the sentences that have something unbacked, and what that is.

    A removed sentence leaves a visible mark, neighbours share one. ``strict`` looks at every number, not
    only at amounts, percentages, multiples, ids and dates, and, unless ``names`` says otherwise, at the names
    of services and regions.
    """
    kept: list[str] = []
    unbacked: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        found = list(_unbacked(sentence, known, strict=strict, names=strict if names is None else names))
        unbacked += found
        if not found:
            kept.append(sentence)
        elif kept[-1:] != [REMOVED_SENTENCE]:
            kept.append(REMOVED_SENTENCE)
    return " ".join(kept), tuple(unbacked)


def unknown_accounts(text: str, known: KnownNumbers) -> tuple[str, ...]:
    """Return the account ids of a text that the fact sheet does not have."""
    return tuple(account for account in _accounts(text) if account not in known.accounts)


def _unbacked(sentence: str, known: KnownNumbers, *, strict: bool, names: bool) -> Iterator[str]:
    # Full-width digits and the like are read as what they look like.
    rest = unicodedata.normalize("NFKC", sentence)
    if names:
        yield from unknown_names(rest, known.texts)
    rest, wrong = without_equations(rest, lambda term: _is_operand(term, known))
    yield from wrong
    for kind, pattern in KINDS.items():
        yield from (token for token in pattern.findall(rest) if not _is_backed(kind, token, known))
        rest = pattern.sub(" ", rest)
    if strict:
        yield from (token for token in OTHER_NUMBER.findall(rest) if not _is_mentioned(token, known))


def _is_backed(kind: str, token: str, known: KnownNumbers) -> bool:
    match kind:
        case "date" | "day":
            return token in known.dates or (kind == "day" and is_day_of(token, known.dates))
        case "resource":
            return any(token in text for text in known.texts)
        case "account":
            return token.replace("-", "") in known.accounts
        case "money" | "percent":
            return rounds_from(written(token), known.money if kind == "money" else known.percents)
    # Multiples and numbers in words: the fact sheet has none.
    return False


def _is_operand(term: str, known: KnownNumbers) -> bool:
    """Tell whether a term of an equation is backed: as an amount, a percentage, else as a count.

    Digits of dates and names are no counts: they would back any projection.
    """
    for kind in ("money", "percent"):
        if KINDS[kind].fullmatch(term):
            return _is_backed(kind, term, known)
    return written(term).value in known.counts


def _is_mentioned(token: str, known: KnownNumbers) -> bool:
    number = written(token)
    return number.value in known.others or rounds_from(number, known.money | known.percents)


def _numbers(texts: Iterable[str]) -> frozenset[Decimal]:
    return frozenset(Decimal(text) for text in texts if re.fullmatch(r"-?\d+(?:\.\d+)?", text, re.ASCII))


def _read(kind: str, text: str) -> frozenset[Decimal]:
    return frozenset(written(token).value for token in KINDS[kind].findall(text))


def _accounts(text: str) -> Iterator[str]:
    return (token.replace("-", "") for token in KINDS["account"].findall(text))
