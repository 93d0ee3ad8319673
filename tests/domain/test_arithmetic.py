"""Equations that a text states: only right ones with operands that are backed."""

import pytest

from costspike.domain.arithmetic import without_equations

BACKED = {"$590.75", "$190.25", "590.75 USD", "30", "$13.35", "100", "4", "25 %", "$0"}


def judged(text: str) -> tuple[str, tuple[str, ...]]:
    return without_equations(text, lambda term: term in BACKED)


@pytest.mark.parametrize(
    "equation",
    [
        "$590.75 - $190.25 = $400.50",
        "$590.75 \u2212 $190.25 = $400.5",
        "$590.75 - $190.25 \u2248 $400",
        "$13.35 x 30 = $400.50",
        "$13.35 \u00d7 30 = $400.50",
        "$190.25 + $13.35 * 4 = $243.65",
        "$190.25 / $590.75 = 32.2 %",
        "100 / 4 = 25",
    ],
)
def test_a_right_equation_is_proven(equation: str) -> None:
    rest, wrong = judged(f"So {equation}, it rose.")
    assert (rest.split(), wrong) == (["So", ",", "it", "rose."], ())


@pytest.mark.parametrize(
    "equation",
    [
        pytest.param("$590.75 - $190.25 = $410", id="wrong result"),
        pytest.param("$590.75 - $190.26 = $400.49", id="an operand from nowhere"),
        pytest.param("$190.25 / $0 = 5", id="nothing to divide by"),
    ],
)
def test_a_wrong_one_is_named(equation: str) -> None:
    assert judged(f"So {equation}, it rose.")[1] == (equation,)


@pytest.mark.parametrize("text", ["$590.75 = $590.75", "x = 3", "us-east-1 = 2", "between $1 - $2 a day"])
def test_what_is_no_arithmetic_stays(text: str) -> None:
    assert judged(f"So {text}, it rose.") == (f"So {text}, it rose.", ())
