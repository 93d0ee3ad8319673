"""Made-up pages of GetCostAndUsage, of any size."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

ONE_METRIC = ("UnblendedCost",)
# What a row of the warehouse is made of where an answer has the net amortized cost.
LANDED_METRICS = ("UnblendedCost", "NetAmortizedCost", "UsageQuantity")
ALL_METRICS = ("UnblendedCost", "AmortizedCost", "NetAmortizedCost", "UsageQuantity")

Page = dict[str, Any]

_FIRST_DAY = date(2025, 1, 1)
_SERVICES = 40


def pages(rows: int, *, metrics: Sequence[str] = ALL_METRICS, groups: int = 1000) -> Iterator[Page]:
    """Yield pages of five days each, with ``groups`` rows a day, that hold ``rows`` rows in all."""
    chance = random.Random(3)
    days = [_FIRST_DAY + timedelta(days=n) for n in range(rows // groups)]
    for first in range(0, len(days), 5):
        yield {
            "GroupDefinitions": [
                {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"},
                {"Type": "DIMENSION", "Key": "SERVICE"},
            ],
            "ResultsByTime": [_period(day, groups, metrics, chance) for day in days[first : first + 5]],
            "DimensionValueAttributes": [
                {"Value": _account(number), "Attributes": {"description": f"account-{number}"}}
                for number in range(groups // _SERVICES)
            ],
        }


def _period(day: date, groups: int, metrics: Sequence[str], chance: random.Random) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": [_group(number, metrics, chance) for number in range(groups)],
        "Estimated": False,
    }


def _group(number: int, metrics: Sequence[str], chance: random.Random) -> dict[str, Any]:
    return {
        "Keys": [_account(number // _SERVICES), f"Amazon Service Number {number % _SERVICES}"],
        "Metrics": {
            name: {
                "Amount": f"{chance.uniform(0, 1000):.10f}",
                "Unit": "N/A" if name == "UsageQuantity" else "USD",
            }
            for name in metrics
        },
    }


def _account(number: int) -> str:
    return f"{111111111111 + number}"
