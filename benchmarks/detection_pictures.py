"""Draw the pictures of docs/detection.md: ``python -m benchmarks.detection_pictures``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "plugins")]

from costspike.domain.near_misses import explain_why_not  # noqa: E402 - after the path of the package
from costspike.domain.spikes import Scope  # noqa: E402

LAST: Final = date(2026, 6, 30)
_DAYS, _SHOWN = 200, 60
_WIDTH, _HEIGHT, _LEFT, _TOP = 720, 240, 48, 34
_NAMES: Final = ["usage_date", "account_id", "service", "usage_type", "region", "amount_usd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a scope: what it cost, what was expected up to where, and whether it was flagged."""

    actual: float
    expected: float
    high: float
    flagged: bool


def main() -> int:
    """Write the two pictures."""
    days = np.arange(_DAYS)
    random = np.random.default_rng(7)
    week = np.where(days % 7 < 5, 100.0, 60.0) * np.exp(0.002 * days) * random.normal(1, 0.02, _DAYS)  # noqa: PLR2004
    spike, leak = week.copy(), week.copy()
    spike[-20] += 70
    spike[-8:] += 45
    leak[-30:] += np.linspace(0, 90, 30)
    pictures = {
        "weekday.svg": ("A one-day spike and a new level, on a week with quiet weekends and growth", spike),
        "leak.svg": ("A slow leak of three a day, which a weekly baseline alone would follow", leak),
    }
    for name, (title, amounts) in pictures.items():
        path = ROOT / "docs" / "images" / name
        path.write_text(picture(title, judged(amounts)), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


def judged(amounts: Sequence[float]) -> list[Day]:
    """Return the last days of a service beside a steady one, each as judged with what was known on it."""
    dates = [LAST - timedelta(days=ago) for ago in reversed(range(len(amounts)))]
    rows = [(day, "1", "EC2", "", "", amount) for day, amount in zip(dates, amounts, strict=True)]
    rows += [(day, "1", "S3", "", "", 40.0) for day in dates]
    costs = pd.DataFrame(rows, columns=_NAMES)
    costs["usage_date"] = pd.to_datetime(costs["usage_date"])
    found = [explain_why_not(costs, day, Scope(account_id="1", service="EC2")) for day in dates[-_SHOWN:]]
    return [
        Day(
            actual=float(one.actual_cost or 0),
            expected=float(one.expected_cost or 0),
            high=float(one.expected_high or 0),
            flagged=one.missed == "flagged",
        )
        for one in found
    ]


def picture(title: str, days: Sequence[Day]) -> str:
    """Return an SVG of the cost line, the expected line, the usual band and the flagged days."""
    most = 1.08 * max(max(day.actual, day.high) for day in days)
    x = np.linspace(_LEFT, _WIDTH - 12, len(days))

    def y(amount: float) -> float:
        return _HEIGHT - 24 - (_HEIGHT - 24 - _TOP) * max(amount, 0.0) / most

    def line(amounts: Iterable[float]) -> str:
        return " ".join(f"{at:.1f},{y(amount):.1f}" for at, amount in zip(x, amounts, strict=True))

    low = [2 * day.expected - day.high for day in days]
    band = f"{line(day.high for day in days)} {' '.join(reversed(line(low).split()))}"
    flagged = [
        f'<circle cx="{at:.1f}" cy="{y(day.actual):.1f}" r="5" fill="#c0392b"><title>flagged</title></circle>'
        for at, day in zip(x, days, strict=True)
        if day.flagged
    ]
    grid = [
        f'<text x="{_LEFT - 6}" y="{y(amount) + 4:.1f}" text-anchor="end">{amount:.0f}</text>'
        f'<path d="M{_LEFT} {y(amount):.1f}H{_WIDTH - 12}" stroke="#ddd"/>'
        for amount in range(0, int(most) + 1, 50)
    ]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
                ' font-family="sans-serif" font-size="11" fill="#333">'
            ),
            f"<title>{title}</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
            *grid,
            f'<polygon points="{band}" fill="#2a6f97" opacity="0.15"/>',
            (
                f'<polyline points="{line(day.expected for day in days)}" fill="none" stroke="#2a6f97"'
                ' stroke-dasharray="4 3"/>'
            ),
            (
                f'<polyline points="{line(day.actual for day in days)}" fill="none" stroke="#222"'
                ' stroke-width="1.6"/>'
            ),
            *flagged,
            f'<text x="{_LEFT}" y="14">— cost a day   - - expected   ▒ usual band   ● flagged</text>',
            f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{len(days)} days</text>',
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
