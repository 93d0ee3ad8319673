"""Numbers as people write them: "$1,234.56", "1.2k USD", "38 %", "ten dollars"."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

# Spaces and apostrophes separate thousands in some countries.
NUMBER = r"(?:\d{1,3}(?:[,' ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
SCALE = r"(?:\s?(?:k|m|bn|b|thousand|million|billion)\b)?"
CURRENCY = r"(?:(?:USD|CNY|EUR|GBP|JPY)\b|(?:US )?dollars?\b|[$€£¥])"
_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundreds?|thousands?|millions?|billions?)"
)
PERCENT = r"(?:%|percent\b|per cent\b|pct\b|percentage points?\b)"

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b"
)

# What has to be backed in every text, in the order in which it is looked for: a date is no account id.
KINDS = {
    "date": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "day": re.compile(
        rf"\b(?:\d{{1,2}}(?:[a-z]{{2}})? (?:of )?{_MONTH}|{_MONTH} \d{{1,2}}(?:[a-z]{{2}})?)(?:,? \d{{4}})?\b"
    ),
    "resource": re.compile(
        r"(?i)\barn:aws[\w-]*:[^\s,;()\[\]]*|\b[a-z]{1,12}-(?=[a-f]*\d)[0-9a-f]{8,17}\b"
        r"|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)"
    ),
    "account": re.compile(r"(?<![\d$])\d{12}(?!\d)|(?<!\d)\d{4}-\d{4}-\d{4}(?!\d)"),
    "money": re.compile(
        rf"(?i){CURRENCY}[\s:=~≈+-]*{NUMBER}{SCALE}|(?<![\w.]){NUMBER}{SCALE}\s?{CURRENCY}(?!\s?\d)"
    ),
    "percent": re.compile(rf"(?i){NUMBER}\s?{PERCENT}"),
    "multiple": re.compile(rf"(?i)(?<![\w.]){NUMBER}(?:\s?x\b|\s?\u00d7|\stimes\b|[ -]?fold\b)"),
    "words": re.compile(
        rf"(?i)\b{_NUMBER_WORD}(?:[ -]{_NUMBER_WORD})*"
        rf"(?:\s(?:(?:US )?dollars?\b|{PERCENT}|times\b)|[ -]?fold\b)"
    ),
}
# Not the digits of names ("S3", "us-east-1", "m5.24xlarge") nor of windows ("7-day").
OTHER_NUMBER = re.compile(rf"(?<![\w.$-]){NUMBER}(?!\w*[-.]\w)")

_PARTS = re.compile(rf"({NUMBER})\s?([a-z]*)", re.IGNORECASE)
_TENS = {"k": 3, "thousand": 3, "m": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}
_MAX_ROUNDING = Decimal("0.02")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINAL = re.compile(r"(?<=\d)[a-z]{2}\b|\bof\b")


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


def is_day_of(token: str, dates: Iterable[str]) -> bool:
    """Tell whether a day in words, such as "20 November" or "Nov 20, 2026", is one of the ISO dates."""
    numbers = [int(part) for part in re.findall(r"\d+", token)]
    month = _MONTHS.index(re.sub(r"[^A-Za-z]", "", _ORDINAL.sub("", token))[:3].lower()) + 1
    for known in dates:
        year, number, day = map(int, known.split("-"))
        if (number, day) == (month, numbers[0]) and numbers[1:] in ([], [year]):
            return True
    return False


def rounds_from(number: Written, candidates: Iterable[Decimal]) -> bool:
    """Tell whether ``number`` is one of the candidates, rounded; signs do not count.

    Texts say "fell by $50" for -50, so a sign carries no meaning that could be compared.
    """
    for candidate in map(abs, candidates):
        distance = abs(candidate - number.value)
        if distance <= number.exact or distance <= min(number.loose, candidate * _MAX_ROUNDING):
            return True
    return False
