"""The requests that Cost Explorer is asked, as data.

It takes two group-bys a request, and a day's bill has more sides than that. So one read of a range is a
few request sets: the ungrouped total (to reconcile with), the usage, and each other charge type apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costspike.domain.reading import DayRange

METRICS = ("UnblendedCost", "AmortizedCost", "NetAmortizedCost", "UsageQuantity")
USAGE = "Usage"
OTHER = "Other"

# RECORD_TYPE values; Cost Explorer and the Cost and Usage Report spell some of them differently.
CHARGE_TYPES: Mapping[str, tuple[str, ...]] = {
    USAGE: (
        "Usage",
        "DiscountedUsage",
        "Discounted Usage",
        "Reservation applied usage",
        "SavingsPlanCoveredUsage",
        "Savings Plan Covered Usage",
    ),
    "Credit": ("Credit",),
    "Refund": ("Refund",),
    "Tax": ("Tax",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSet:
    """One question for a range of days, all pages of its answer; ``charge_type`` is empty for the totals."""

    name: str
    group_by: tuple[str, ...] = ()
    charge_type: str = ""
    filter: Mapping[str, Any] = field(default_factory=dict)
    account_id: str = ""

    def parameters(self, span: DayRange) -> dict[str, Any]:
        """Return the arguments of GetCostAndUsage."""
        parameters: dict[str, Any] = {
            "TimePeriod": {"Start": span.start.isoformat(), "End": span.end.isoformat()},
            "Granularity": "DAILY",
            "Metrics": list(METRICS),
        }
        if self.group_by:
            parameters["GroupBy"] = [{"Type": "DIMENSION", "Key": key} for key in self.group_by]
        if self.filter:
            parameters["Filter"] = self.filter
        return parameters


TOTALS = RequestSet(name="totals")
ACCOUNTS = RequestSet(name="accounts", group_by=("LINKED_ACCOUNT",))


def usage(accounts: Sequence[str] = ()) -> tuple[RequestSet, ...]:
    """Return the sets for usage: by account and service, or for each account by service and usage type."""
    condition = _record_types(CHARGE_TYPES[USAGE])
    if not accounts:
        return (
            RequestSet(
                name="usage", group_by=("LINKED_ACCOUNT", "SERVICE"), charge_type=USAGE, filter=condition
            ),
        )
    return tuple(
        RequestSet(
            name=f"usage of {account}",
            group_by=("SERVICE", "USAGE_TYPE"),
            charge_type=USAGE,
            filter={"And": [_dimension("LINKED_ACCOUNT", [account]), condition]},
            account_id=account,
        )
        for account in accounts
    )


def other_charges() -> tuple[RequestSet, ...]:
    """Return the sets for everything that is not usage; the last takes what no other set asks for."""
    named = [
        RequestSet(
            name=name.lower(),
            group_by=("LINKED_ACCOUNT", "SERVICE"),
            charge_type=name,
            filter=_record_types(values),
        )
        for name, values in CHARGE_TYPES.items()
        if name != USAGE
    ]
    every = [value for values in CHARGE_TYPES.values() for value in values]
    rest = RequestSet(
        name="other charges",
        group_by=("LINKED_ACCOUNT", "SERVICE"),
        charge_type=OTHER,
        filter={"Not": _record_types(every)},
    )
    return (*named, rest)


def _record_types(values: Sequence[str]) -> dict[str, Any]:
    return _dimension("RECORD_TYPE", values)


def _dimension(key: str, values: Sequence[str]) -> dict[str, Any]:
    return {"Dimensions": {"Key": key, "Values": list(values)}}
