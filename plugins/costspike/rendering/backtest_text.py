"""A back-test as plain text, for a log or a terminal."""

from collections.abc import Mapping, Sequence

from costspike.domain.backtest import BackTest
from costspike.rendering.amounts import currency_code, number
from costspike.rendering.backtest_cells import (
    INCIDENT_HEADINGS,
    OUTCOME_HEADINGS,
    by_sensitivity,
    incident_cells,
    largest_first,
    outcome_cells,
    span,
)

_MOST_INCIDENTS = 20
_LEFT_COLUMNS = frozenset({"What", "Account", "First day", "Last day", "State"})


def backtest_text(test: BackTest, names: Mapping[str, str] | None = None) -> str:
    """Return the settings side by side, and the largest incidents of the first of them."""
    current = test.outcomes[0]
    found = largest_first(current.incidents)
    rows = [outcome_cells(test, outcome) for outcome in by_sensitivity(test.outcomes)]
    when = f"{span(test)}, {currency_code(test.billing_currency)}"
    lines = [
        f"Back-test, {when}: {current.judged_days:,} days judged",
        "",
        *_aligned(OUTCOME_HEADINGS, rows),
        "",
    ]
    if not found:
        return "\n".join([*lines, f"Nothing at sensitivity {number(current.detection.sensitivity)}."])
    shown = [incident_cells(rank, one, names or {}) for rank, one in enumerate(found[:_MOST_INCIDENTS], 1)]
    lines += [f"Incidents at sensitivity {number(current.detection.sensitivity)}:", ""]
    lines += _aligned(INCIDENT_HEADINGS, shown)
    if len(found) > len(shown):
        lines.append(f"… and {len(found) - len(shown)} smaller ones")
    return "\n".join(lines)


def _aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lefts = [heading in _LEFT_COLUMNS for heading in headings]
    table = [headings, ["-" * width for width in widths], *rows]
    return [
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, lefts, strict=True)
        ).rstrip()
        for row in table
    ]
