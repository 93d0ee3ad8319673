"""Numbers as people write them: "$1,234.56", "1.2k USD", "38 %", "ten dollars"."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

# Spaces and apostrophes separate thousands in some countries.
_NUMBER = r"(?:\d{1,3}(?:[,' ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_SCALE = r"(?:\s?(?:k|m|bn|b|thousand|million|billion)\b)?"
_CURRENCY = r"(?:(?:USD|CNY|EUR|GBP|JPY)\b|(?:US )?dollars?\b|[$€£¥])"
_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundreds?|thousands?|millions?|billions?)"
)
_PERCENT = r"(?:%|percent\b|per cent\b|pct\b|percentage points?\b)"

# What has to be backed in every text, in the order in which it is looked for: a date is no account id.
KINDS = {
    "date": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "resource": re.compile(r"(?i)\barn:aws[\w-]*:[^\s,;()\[\]]*|\b[a-z]{1,12}-(?=[a-f]*\d)[0-9a-f]{8,17}\b"),
    "account": re.compile(r"(?<![\d$])\d{12}(?!\d)|(?<!\d)\d{4}-\d{4}-\d{4}(?!\d)"),
    "money": re.compile(
        rf"(?i){_CURRENCY}[\s:=~≈+-]*{_NUMBER}{_SCALE}|(?<![\w.]){_NUMBER}{_SCALE}\s?{_CURRENCY}(?!\s?\d)"
    ),
    "percent": re.compile(rf"(?i){_NUMBER}\s?{_PERCENT}"),
    "multiple": re.compile(rf"(?i)(?<![\w.]){_NUMBER}(?:\s?x\b|\s?\u00d7|\stimes\b|[ -]?fold\b)"),
    "words": re.compile(
        rf"(?i)\b{_NUMBER_WORD}(?:[ -]{_NUMBER_WORD})*"
        rf"(?:\s(?:(?:US )?dollars?\b|{_PERCENT}|times\b)|[ -]?fold\b)"
    ),
}
# Not the digits of names ("S3", "us-east-1", "m5.24xlarge") nor of windows ("7-day").
OTHER_NUMBER = re.compile(rf"(?<![\w.$-]){_NUMBER}(?!\w*[-.]\w)")

_PARTS = re.compile(rf"({_NUMBER})\s?([a-z]*)", re.IGNORECASE)
_TENS = {"k": 3, "thousand": 3, "m": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}
_MAX_ROUNDING = Decimal("0.02")


class Written(NamedTuple):
    """A number in a text: its value, and how far away the number may lie that it was rounded from.

    ``exact`` is half of the last written digit, before thousands or millions are applied. ``loose`` takes
    zeros at the end of a whole number, and thousands or millions, as rounded away; it only holds together
    with ``_MAX_ROUNDING``.
    """

    value: Decimal
    exact: Decimal
    loose: Decimal


def written(token: str) -> Written:
    """Read the first number in a token, which must have one."""
    match = _PARTS.search(token)
    if match is None:
        msg = f"{token!r} holds no number"
        raise ValueError(msg)
    digits = re.sub(r"[,' ]", "", match[1])
    tens = _TENS.get(match[2].lower(), 0)
    step = Decimal(5).scaleb(-1 - len(digits.partition(".")[2]))
    # Zeros behind a point were written on purpose: $412.30 is not $412.33 rounded.
    zeros = 0 if "." in digits else len(digits) - len(digits.rstrip("0"))
    return Written(Decimal(digits).scaleb(tens), step, step.scaleb(tens + zeros))


def rounds_from(number: Written, candidates: Iterable[Decimal]) -> bool:
    """Tell whether ``number`` is one of the candidates, rounded; signs do not count.

    Texts say "fell by $50" for -50, so a sign carries no meaning that could be compared.
    """
    for candidate in map(abs, candidates):
        distance = abs(candidate - number.value)
        if distance <= number.exact or distance <= min(number.loose, candidate * _MAX_ROUNDING):
            return True
    return False
