"""The four grades of severity, and how far an opinion may lie from the rule's."""

from typing import Literal

Severity = Literal["P1", "P2", "P3", "P4"]

# The most severe first.
GRADES: tuple[Severity, ...] = ("P1", "P2", "P3", "P4")


def held_near(opinion: Severity, rule: Severity) -> Severity:
    """Return the opinion, or the grade one step from the rule's in its direction."""
    return moved(rule, max(-1, min(1, GRADES.index(opinion) - GRADES.index(rule))))


def moved(grade: Severity, steps: int) -> Severity:
    """Return the grade so many steps down (up where negative), never beyond the last."""
    return GRADES[max(0, min(len(GRADES) - 1, GRADES.index(grade) + steps))]
