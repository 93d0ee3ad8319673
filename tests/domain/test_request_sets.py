"""The questions: together they ask for the whole bill, each part of it once."""

from datetime import date
from typing import Any

import pytest

from costspike.domain.reading import DayRange
from costspike.domain.request_sets import (
    ACCOUNTS,
    CHARGE_TYPES,
    METRICS,
    TOTALS,
    RequestSet,
    other_charges,
    usage,
)

SPAN = DayRange(date(2026, 11, 1), date(2026, 11, 21))
# Values that AWS is known to use, and one that it may invent tomorrow.
RECORD_TYPES = [
    "Usage",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "RIFee",
    "Fee",
    "Credit",
    "Refund",
    "Tax",
    "Support",
    "EdpDiscount",
    "BundledDiscount",
    "Something new",
]


def keeps(expression: dict[str, Any], record_type: str, account: str = "1") -> bool:
    """Return whether Cost Explorer keeps a row, after its rule of one root an expression."""
    ((root, operand),) = expression.items()
    if root == "Not":
        return not keeps(operand, record_type, account)
    if root == "And":
        return all(keeps(part, record_type, account) for part in operand)
    value = {"RECORD_TYPE": record_type, "LINKED_ACCOUNT": account}[operand["Key"]]
    return value in operand["Values"]


def test_a_question_is_daily_with_an_exclusive_end_and_every_metric() -> None:
    assert TOTALS.parameters(SPAN) == {
        "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-21"},
        "Granularity": "DAILY",
        "Metrics": list(METRICS),
    }


@pytest.mark.parametrize("record_type", RECORD_TYPES)
@pytest.mark.parametrize("accounts", [(), ("1", "2")], ids=["coarse", "fine"])
def test_every_charge_type_is_asked_for_exactly_once(record_type: str, accounts: tuple[str, ...]) -> None:
    sets = [*usage(accounts), *other_charges()]
    asking = [each.name for each in sets if keeps(dict(each.parameters(SPAN)["Filter"]), record_type)]
    assert len(asking) == 1


def test_what_covers_usage_counts_as_usage() -> None:
    (coarse,) = usage()
    for record_type in ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"):
        assert keeps(dict(coarse.filter), record_type)
    for record_type in ("SavingsPlanNegation", "SavingsPlanRecurringFee", "Credit", "Tax"):
        assert not keeps(dict(coarse.filter), record_type)


def test_the_finer_grain_asks_each_account_by_service_and_usage_type() -> None:
    first, second = usage(["111111111111", "222222222222"])
    assert first.group_by == second.group_by == ("SERVICE", "USAGE_TYPE")
    assert (first.account_id, second.account_id) == ("111111111111", "222222222222")
    assert keeps(dict(second.filter), "Usage", "222222222222")
    assert not keeps(dict(second.filter), "Usage", "111111111111")


@pytest.mark.parametrize(
    "each", [TOTALS, ACCOUNTS, *usage(), *usage(["1"]), *other_charges()], ids=lambda each: each.name
)
def test_no_question_has_more_than_two_groups(each: RequestSet) -> None:
    assert len(each.parameters(SPAN).get("GroupBy", ())) <= 2


def test_no_record_type_belongs_to_two_kinds() -> None:
    values = [value for kind in CHARGE_TYPES.values() for value in kind]
    assert len(values) == len(set(values))
