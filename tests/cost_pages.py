"""Pages of GetCostAndUsage as Cost Explorer writes them, for tests that need no server."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

DAY = date(2026, 11, 20)
PROD = "222222222222"

Group = dict[str, Any]
Page = dict[str, Any]


def amount(text: object, unit: object = "USD") -> dict[str, object]:
    return {"Amount": text, "Unit": unit}


def metrics(cost: object = "1.25", **changes: object) -> dict[str, Any]:
    """Return the metrics of one group; a change of None leaves the metric out."""
    found: dict[str, object] = {
        "UnblendedCost": amount(cost),
        "AmortizedCost": amount(cost),
        "UsageQuantity": amount("3", "Hrs"),
    }
    found |= changes
    return {name: cell for name, cell in found.items() if cell is not None}


def group(*keys: object, cost: object = "1.25", **changes: object) -> Group:
    return {"Keys": list(keys or (PROD, "Amazon S3")), "Metrics": metrics(cost, **changes)}


def period(*groups: Group, day: date = DAY, estimated: bool = False) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": list(groups),
        "Estimated": estimated,
    }


def page(*periods: Mapping[str, Any], names: Mapping[str, object] | None = None, **more: object) -> Page:
    told = [{"Value": key, "Attributes": {"description": name}} for key, name in (names or {}).items()]
    return {"ResultsByTime": list(periods), "DimensionValueAttributes": told, **more}


def grouped(*keys: str) -> Sequence[dict[str, str]]:
    """Return the GroupDefinitions of an answer."""
    return [{"Type": "DIMENSION", "Key": key} for key in keys]
