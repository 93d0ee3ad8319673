"""Arithmetic that a text states: "$590.75 - $190.25 = $400.50", with every operand from the fact sheet."""

import re
from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation

from costspike.domain.numbers import CURRENCY, NUMBER, PERCENT, SCALE, rounds_from, written

_TERM = rf"(?:{CURRENCY}\s?)?{NUMBER}{SCALE}(?:\s?(?:{PERCENT}|{CURRENCY}))?"
_OPERATOR = r"\s*[-+*/\u2212\u00d7\u00f7x]\s*"
_EQUATION = re.compile(
    rf"(?i)(?<![\w.])({_TERM}(?:{_OPERATOR}{_TERM}){{1,5}})\s*(?:=|\u2248)\s*({_TERM})(?!\w)"
)
_OPERATORS = re.compile(rf"(?i){_TERM}")
_HUNDRED = Decimal(100)


def without_equations(text: str, is_backed: Callable[[str], bool]) -> tuple[str, tuple[str, ...]]:
    """Return the text without its equations, and those that are not proven.

    An equation is proven if its operands are backed and its result is right: right numbers in a wrong
    equation would mislead as well.
    """
    found = list(_EQUATION.finditer(text))
    wrong = tuple(one[0] for one in found if not _holds(one[1], one[2], is_backed))
    return _EQUATION.sub(" ", text), wrong


def _holds(left: str, right: str, is_backed: Callable[[str], bool]) -> bool:
    terms = [part.strip() for part in _OPERATORS.findall(left)]
    operators = [part.strip().lower() for part in _OPERATORS.split(left)[1:-1]]
    if len(operators) != len(terms) - 1 or not all(map(is_backed, terms)):
        return False
    value = _value([written(term).value for term in terms], operators)
    if value is None:
        return False
    result = written(right)
    wanted = [value]
    if re.search(PERCENT, right, re.IGNORECASE) and not re.search(PERCENT, left, re.IGNORECASE):
        wanted = [value * _HUNDRED]
    return rounds_from(result, wanted)


def _value(numbers: list[Decimal], operators: list[str]) -> Decimal | None:
    """Return the value, products before sums; None where nothing can be divided."""
    sums = [numbers[0]]
    for operator, number in zip(operators, numbers[1:], strict=True):
        try:
            match operator:
                case "*" | "x" | "\u00d7":
                    sums[-1] *= number
                case "/" | "\u00f7":
                    sums[-1] /= number
                case "+":
                    sums.append(number)
                case _:
                    sums.append(-number)
        except (DivisionByZero, InvalidOperation):
            return None
    return sum(sums, Decimal(0))
