"""The local Cost Explorer, asked by the real boto3 client."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from demo.servers.cost_explorer import CostExplorerServer
from tests.servers.cost_questions import (
    BY_ACCOUNT_AND_SERVICE,
    DEV,
    FIRST,
    PROD,
    connect,
    groups,
    only,
    pages,
    question,
    row,
)

if TYPE_CHECKING:
    from types_boto3_ce import CostExplorerClient
    from types_boto3_ce.type_defs import DateIntervalTypeDef


def test_totals_come_without_groups_and_groups_without_totals(ce: "CostExplorerClient") -> None:
    total = ce.get_cost_and_usage(**question())["ResultsByTime"][0]
    grouped = ce.get_cost_and_usage(**question(GroupBy=BY_ACCOUNT_AND_SERVICE))["ResultsByTime"][0]

    assert total["Total"] == {"UnblendedCost": {"Amount": "5", "Unit": "USD"}}
    assert total["Groups"] == []
    assert grouped["Total"] == {}
    assert [group["Keys"] for group in grouped["Groups"]] == [
        [PROD, "EC2"],
        [PROD, "S3"],
        [DEV, "EC2"],
        [DEV, "S3"],
    ]


def test_the_end_of_the_period_is_exclusive(ce: "CostExplorerClient") -> None:
    answer = ce.get_cost_and_usage(**question("2026-11-02", "2026-11-04"))

    periods = [(r["TimePeriod"]["Start"], r["TimePeriod"]["End"]) for r in answer["ResultsByTime"]]
    assert periods == [("2026-11-02", "2026-11-03"), ("2026-11-03", "2026-11-04")]


def test_a_day_without_data_is_there_with_a_zero_total(ce: "CostExplorerClient") -> None:
    answer = ce.get_cost_and_usage(**question("2026-11-06", "2026-11-07", GroupBy=BY_ACCOUNT_AND_SERVICE))

    (result,) = answer["ResultsByTime"]
    assert result["Groups"] == []
    assert result["Total"] == {"UnblendedCost": {"Amount": "0", "Unit": "USD"}}


def test_the_newest_days_are_estimated(ce: "CostExplorerClient") -> None:
    answer = ce.get_cost_and_usage(**question())
    assert [result["Estimated"] for result in answer["ResultsByTime"]] == [False, False, False, True, True]


def test_pages_split_days_and_together_hold_every_group_once(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    asked = question(GroupBy=BY_ACCOUNT_AND_SERVICE)
    whole = groups(pages(ce, asked))
    cost_explorer.page_rows = 3
    paged = pages(ce, asked)

    assert groups(paged) == whole
    assert len(paged) == 7
    starts = [[result["TimePeriod"]["Start"] for result in answer["ResultsByTime"]] for answer in paged]
    assert starts[:2] == [["2026-11-01"], ["2026-11-01", "2026-11-02"]]
    assert cost_explorer.billed_pages == 8


def test_account_names_come_with_the_page_that_has_the_account(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.page_rows = 2
    first = ce.get_cost_and_usage(**question(GroupBy=BY_ACCOUNT_AND_SERVICE))
    assert first["DimensionValueAttributes"] == [{"Value": PROD, "Attributes": {"description": "prod-web"}}]


def test_a_token_needs_the_same_question(ce: "CostExplorerClient", cost_explorer: CostExplorerServer) -> None:
    cost_explorer.page_rows = 2
    token = ce.get_cost_and_usage(**question(GroupBy=BY_ACCOUNT_AND_SERVICE))["NextPageToken"]

    with pytest.raises(ce.exceptions.RequestChangedException):
        ce.get_cost_and_usage(**question(NextPageToken=token))
    with pytest.raises(ce.exceptions.InvalidNextTokenException):
        ce.get_cost_and_usage(**question(NextPageToken="0123"))


def test_filters_select_exclude_and_combine(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    day = date(2026, 11, 1)
    kinds = {"Usage": "8", "Credit": "-3", "Tax": "2"}
    cost_explorer.world.set_rows([row(day, cost=cost, kind=kind) for kind, cost in kinds.items()])

    def total(**more: Any) -> str:
        answer = ce.get_cost_and_usage(**question("2026-11-01", "2026-11-02", **more))
        return str(answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"])

    assert total() == "7"
    assert total(Filter=only("RECORD_TYPE", "Usage", "Tax")) == "10"
    assert total(Filter={"Not": only("RECORD_TYPE", "Usage")}) == "-1"
    assert total(Filter={"And": [only("RECORD_TYPE", "Tax"), only("LINKED_ACCOUNT", DEV)]}) == "0"
    assert total(Filter={"Or": [only("RECORD_TYPE", "Tax"), only("LINKED_ACCOUNT", PROD)]}) == "7"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param(question("2026-11-02", "2026-11-02"), "should be before end date", id="empty period"),
        pytest.param(question("2026-11-25", "2026-11-26"), "later than today", id="future"),
        pytest.param(question(end="2026-12-02"), "past the beginning of next month", id="far future"),
        pytest.param(question("2025-09-23"), "beyond the past 14 months", id="too old"),
        pytest.param(question(Granularity="MONTHLY"), "only DAILY", id="granularity"),
        pytest.param(question(Metrics=["Cost"]), "are not valid", id="metric"),
        pytest.param(question(GroupBy=[*BY_ACCOUNT_AND_SERVICE] * 2), "at most 2", id="three groups"),
        pytest.param(
            question(GroupBy=[{"Type": "DIMENSION", "Key": "TENANCY"}]), "not served", id="dimension"
        ),
        pytest.param(question(Filter={"And": [only("REGION", "x")]}), "at least 2 operands", id="and of one"),
        pytest.param(
            question(Filter={**only("REGION", "x"), "Not": only("REGION", "y")}),
            "more than one roots",
            id="two roots",
        ),
    ],
)
def test_what_aws_refuses_is_refused_and_not_billed(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        ce.get_cost_and_usage(**asked)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert cost_explorer.billed_pages == 0


def test_fourteen_months_back_is_still_there(ce: "CostExplorerClient") -> None:
    assert ce.get_cost_and_usage(**question("2025-09-24", "2025-09-25"))["ResultsByTime"]


def test_unknown_keys_and_denied_actions_are_named(
    session: boto3.Session, cost_explorer: CostExplorerServer
) -> None:
    ce = connect(session, cost_explorer)
    cost_explorer.allowed_key_ids = {"AKIAOTHER"}
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        ce.get_cost_and_usage(**question())
    cost_explorer.allowed_key_ids, cost_explorer.deny = {"AKIAGOOD"}, True
    with pytest.raises(ClientError, match=r"AccessDeniedException.*ce:GetCostAndUsage"):
        ce.get_cost_and_usage(**question())
    assert cost_explorer.billed_pages == 0


def test_net_metrics_are_there_with_private_discounts_only(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    asked = question("2026-11-01", "2026-11-02", Metrics=["AmortizedCost", "NetAmortizedCost"])
    assert ce.get_cost_and_usage(**asked)["ResultsByTime"][0]["Total"]["NetAmortizedCost"]["Amount"] == "4"

    cost_explorer.world.set_rows([row(FIRST, net=None)])
    assert set(ce.get_cost_and_usage(**asked)["ResultsByTime"][0]["Total"]) == {"AmortizedCost"}


def test_amounts_are_exact_and_never_in_exponents(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.world.set_rows([row(FIRST, cost="0.0000000001"), row(FIRST, cost="12345678901.0000000002")])
    answer = ce.get_cost_and_usage(**question("2026-11-01", "2026-11-02"))
    amount = answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"]
    assert Decimal(amount) == Decimal("12345678901.0000000003")
    cost_explorer.world.set_rows([row(FIRST, cost="0.0000000001")])
    answer = ce.get_cost_and_usage(**question("2026-11-01", "2026-11-02"))
    assert answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"] == "0.0000000001"


def test_the_usage_of_several_units_has_no_unit(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.world.set_rows([row(FIRST, unit="GB"), row(FIRST, unit="Hrs")])
    answer = ce.get_cost_and_usage(**question("2026-11-01", "2026-11-02", Metrics=["UsageQuantity"]))
    assert answer["ResultsByTime"][0]["Total"] == {"UsageQuantity": {"Amount": "6", "Unit": "N/A"}}


def test_a_restated_day_is_answered_with_its_new_amount(
    ce: "CostExplorerClient", cost_explorer: CostExplorerServer
) -> None:
    cost_explorer.world.restate(date(2026, 11, 5), PROD, "EC2", "2")
    answer = ce.get_cost_and_usage(**question())
    amounts = [result["Total"]["UnblendedCost"]["Amount"] for result in answer["ResultsByTime"]]
    assert amounts == ["5", "5", "5", "5", "6.25"]
    with pytest.raises(ValueError, match="nothing to restate"):
        cost_explorer.world.restate(date(2026, 11, 5), PROD, "Nothing", "2")


def test_dimension_values_list_charge_types_and_account_names(ce: "CostExplorerClient") -> None:
    period: DateIntervalTypeDef = {"Start": "2026-11-01", "End": "2026-11-06"}
    kinds = ce.get_dimension_values(TimePeriod=period, Dimension="RECORD_TYPE")
    accounts = ce.get_dimension_values(TimePeriod=period, Dimension="LINKED_ACCOUNT")
    assert [value["Value"] for value in kinds["DimensionValues"]] == ["Usage"]
    assert accounts["DimensionValues"][0] == {"Value": PROD, "Attributes": {"description": "prod-web"}}
