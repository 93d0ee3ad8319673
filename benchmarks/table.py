"""A goal, what was measured against it, and a table of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


class WrongAnswer(Exception):
    """Two contestants did not come to the same answer, so their times mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number; ``goal`` is None for a number that only informs."""

    what: str
    measured: float
    unit: str = "x"
    goal: float | None = None
    goal_is: Literal["least", "most"] = "least"
    note: str = ""

    @property
    def verdict(self) -> str:
        """Return how the number stands to its goal."""
        if self.goal is None:
            return ""
        reached = self.measured >= self.goal if self.goal_is == "least" else self.measured <= self.goal
        return "reached" if reached else "missed"


def require(condition: bool, message: str) -> None:  # noqa: FBT001 - reads like assert
    """Stop the benchmark if an answer is wrong.

    Raises:
        WrongAnswer: ``condition`` does not hold.
    """
    if not condition:
        raise WrongAnswer(message)


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| what | goal | measured | | note |", "| --- | ---: | ---: | --- | --- |"]
    for figure in figures:
        sign = {"least": ">=", "most": "<="}[figure.goal_is]
        goal = "" if figure.goal is None else f"{sign} {_number(figure.goal)} {figure.unit}".rstrip()
        measured = f"{_number(figure.measured)} {figure.unit}".rstrip()
        lines.append(f"| {figure.what} | {goal} | {measured} | {figure.verdict} | {figure.note} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"  # noqa: PLR2004
