"""What Cost Explorer is asked about a spike, and what its answer says."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from costspike.domain.errors import DataContractError
from costspike.domain.evidence.drill_down import Question, questions, rows_of
from costspike.domain.evidence.focus import Focus, focus_of, regions_of
from costspike.domain.evidence.records import EvidenceRow, found
from costspike.domain.evidence.settings import EvidenceSettings
from costspike.domain.spikes import Contributor, Scope
from tests.cost_pages import amount, group, page, period
from tests.explanation_cases import PRODUCTION, nat_spike

DAY = date(2026, 11, 20)
NAT = Focus(account_id=PRODUCTION, service="EC2 - Other")


def settings(**changes: Any) -> EvidenceSettings:
    return EvidenceSettings(**changes)


def groups(asked: tuple[Question, ...]) -> list[list[str]]:
    return [[key for _, key in one.group_by] for one in asked]


def test_two_dimensions_share_a_request() -> None:
    asked = questions(NAT, DAY, settings(tags=["team"]), has_usage_types=False)
    assert groups(asked) == [["USAGE_TYPE", "REGION"], ["OPERATION"], ["team"]]
    assert asked[0].parameters["TimePeriod"] == {"Start": "2026-11-06", "End": "2026-11-21"}
    assert {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [PRODUCTION]}} in asked[0].parameters["Filter"][
        "And"
    ]


def test_what_is_landed_is_not_paid_for_again() -> None:
    assert groups(questions(NAT, DAY, settings(), has_usage_types=True)) == [["OPERATION"]]
    assert questions(NAT, DAY, settings(drill_down=["usage_type", "account"]), has_usage_types=True) == ()


def test_the_limit_of_a_spike_holds() -> None:
    asked = questions(NAT, DAY, settings(tags=["a", "b", "c"], max_requests=2), has_usage_types=False)
    assert len(asked) == 2


def test_the_whole_bill_is_asked_without_names_in_the_filter() -> None:
    (asked, *_) = questions(Focus(account_id="", service=""), DAY, settings(), has_usage_types=False)
    assert asked.parameters["Filter"]["Dimensions"]["Key"] == "RECORD_TYPE"


def answer(*costs: tuple[str, str, str, str], back: int = 0) -> Any:
    """Return one day of a drill-down: usage type, region, cost, quantity in GB."""
    made = [
        group(kind, region, cost=cost, UsageQuantity=amount(quantity, "GB"))
        for kind, region, cost, quantity in costs
    ]
    return page(period(*made, day=DAY - timedelta(days=back)))


def by_usage_type(*pages: Any, impact: str = "100") -> tuple[EvidenceRow, ...]:
    (asked, *_) = questions(NAT, DAY, settings(), has_usage_types=False)
    return rows_of(asked, pages, DAY, Decimal(impact))


NAT_BYTES = ("USE1-NatGateway-Bytes", "us-east-1")


def test_the_largest_change_is_first_and_split() -> None:
    before = [
        answer((*NAT_BYTES, "10", "100"), ("USE1-EBS", "us-east-1", "5", "9"), back=n) for n in range(1, 15)
    ]
    rows = by_usage_type(*before, answer((*NAT_BYTES, "90", "900"), ("USE1-EBS", "us-east-1", "6", "9")))
    assert [row.values["usage_type"] for row in rows] == ["USE1-NatGateway-Bytes", "USE1-EBS"]
    assert dict(rows[0].values) == {
        "usage_type": "USE1-NatGateway-Bytes",
        "region": "us-east-1",
        "mean_of_the_14_days_before_cost": "10.00",
        "day_cost": "90.00",
        "delta_cost": "80.00",
        "share_of_impact_percent": "80.0",
        "usage_effect_cost": "80.00",
        "unit_price_effect_cost": "0.00",
        "commitment_effect_cost": "0.00",
        "usage_change_percent": "800.0",
        "unit_price_change_percent": "0.0",
        "quantity_of_the_day": "900",
        "unit": "GB",
    }
    assert rows[1].values["unit_price_effect_cost"] == "1.00"


def test_a_day_without_a_group_counts_as_nothing_for_that_group() -> None:
    rows = by_usage_type(
        answer(("a", "r", "10", "1"), back=2), answer(("b", "r", "4", "1"), back=1), answer()
    )
    assert [row.values["mean_of_the_14_days_before_cost"] for row in rows] == ["5.00", "2.00"]


def test_what_did_not_change_makes_no_row() -> None:
    assert by_usage_type(answer((*NAT_BYTES, "10", "1"), back=1), answer((*NAT_BYTES, "10", "1"))) == ()
    assert by_usage_type() == ()


def test_placeholders_are_no_names() -> None:
    (row,) = by_usage_type(answer(("NoUsageType", "NoRegion", "10", "1")))
    assert not {"usage_type", "region"} & row.values.keys()


def test_a_tag_is_split_at_its_first_sign() -> None:
    asked = questions(NAT, DAY, settings(drill_down=[], tags=["team"]), has_usage_types=False)[0]
    told = page(period(group("team$a$b", cost="10"), group("team$", cost="20"), day=DAY))
    rows = rows_of(asked, [told], DAY, Decimal(10))
    assert [row.values["tag_value"] for row in rows] == ["(without it)", "a$b"]
    assert rows[0].values["tag_key"] == "team"
    assert "usage_effect_cost" not in rows[0].values, "quantities of many usage types do not add up"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({}, id="nothing"),
        pytest.param(page(period(group("only one"), day=DAY)), id="a key is missing"),
        pytest.param(page(period(group("a", "b", cost="NaN?"), day=DAY)), id="no amount"),
        pytest.param(page(period(group("a", "b", UnblendedCost=None), day=DAY)), id="no cost"),
        pytest.param({"ResultsByTime": [{"TimePeriod": {"Start": "x"}, "Groups": [None]}]}, id="no group"),
    ],
)
def test_an_answer_of_another_shape_is_refused(broken: Any) -> None:
    with pytest.raises(DataContractError, match=r"Cost Explorer"):
        by_usage_type(broken)


def test_the_focus_of_the_whole_bill_is_its_largest_contributor() -> None:
    one = Contributor(
        account_id="1" * 12, service="S3", before=Decimal(0), after=Decimal(9), delta=Decimal(9)
    )
    assert focus_of(nat_spike(scope=Scope(), contributors=(one,))) == Focus(account_id="1" * 12, service="S3")
    assert focus_of(nat_spike(scope=Scope(), contributors=())) == Focus(account_id="", service="")
    assert focus_of(nat_spike()).name == f"EC2 - Other in {PRODUCTION}"


def test_regions_come_from_the_bill_else_from_the_drill_down() -> None:
    assert regions_of(nat_spike(), {}) == ("us-east-1",)
    rows = [
        EvidenceRow(label="x", values={"region": name, "delta_cost": delta})
        for name, delta in (("global", "9"), ("eu-west-1", "5"), ("us-east-1", "-5"))
    ]
    assert regions_of(nat_spike(contributors=()), {"drill_down": found("drill_down", "x", rows)}) == (
        "eu-west-1",
    )
