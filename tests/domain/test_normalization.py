"""From Cost Explorer's pages to cost rows: what lands, and what is refused by name."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from costspike.domain import costs
from costspike.domain.normalization import normalize
from tests.cost_pages import DAY, PROD, amount, group, grouped, page, period


def one_row(*groups: dict[str, Any], **how: Any) -> dict[str, Any]:
    frame = normalize([page(period(*groups))], **how)
    assert len(frame) == 1
    return {str(name): value for name, value in frame.iloc[0].items()}


def test_a_group_becomes_a_row_under_focus_names() -> None:
    frame = normalize([page(period(group(), estimated=True), names={PROD: "prod-web"})])
    assert list(frame.columns) == costs.SCHEMA.names
    assert frame.iloc[0].to_dict() == {
        "charge_period_start": DAY,
        "charge_period_end": DAY + timedelta(days=1),
        "sub_account_id": PROD,
        "sub_account_name": "prod-web",
        "service_name": "Amazon S3",
        "region_id": "",
        "sku_meter": "",
        "x_charge_type": "",
        "billing_currency": "USD",
        "billed_cost": Decimal("1.25"),
        "effective_cost": Decimal("1.25"),
        "x_cost_basis": "AmortizedCost",
        "consumed_quantity": Decimal(3),
        "consumed_unit": "Hrs",
        "x_estimated": True,
    }


def test_money_is_never_a_float() -> None:
    row = one_row(group(cost="0.1234567891"))
    assert row["billed_cost"] == Decimal("0.1234567891")
    assert str(normalize([page(period(group()))])["billed_cost"].dtype) == "decimal128(38, 12)[pyarrow]"


def test_days_without_groups_have_no_row() -> None:
    assert normalize([page(period(), period(day=date(2026, 11, 21)))]).empty
    assert list(normalize([]).columns) == costs.SCHEMA.names


def test_a_day_may_go_on_on_the_next_page() -> None:
    pages = [
        page(period(group(PROD, "EC2"))),
        page(period(group(PROD, "S3")), period(day=date(2026, 11, 21))),
    ]
    assert list(normalize(pages)["service_name"]) == ["EC2", "S3"]


def test_pages_are_read_once_and_let_go() -> None:
    alive: list[int] = []

    class Counted(dict[str, Any]):
        def __init__(self, content: dict[str, Any]) -> None:
            super().__init__(content)
            alive.append(1)

        def __del__(self) -> None:
            alive.pop()

    def stream() -> Any:
        for number in range(5):
            assert len(alive) <= 1, "an earlier page is still held"
            yield Counted(page(period(group(PROD, f"service {number}"))))

    assert len(normalize(stream())) == 5


@pytest.mark.parametrize(
    ("definitions", "keys", "expected"),
    [
        (("SERVICE", "LINKED_ACCOUNT"), ("S3", PROD), {"service_name": "S3", "sub_account_id": PROD}),
        (("SERVICE", "REGION"), ("S3", "eu-west-1"), {"service_name": "S3", "region_id": "eu-west-1"}),
        (("RECORD_TYPE",), ("Tax",), {"x_charge_type": "Tax", "service_name": ""}),
    ],
)
def test_group_definitions_name_the_keys(
    definitions: tuple[str, ...], keys: tuple[str, ...], expected: dict[str, str]
) -> None:
    (row,) = normalize([page(period(group(*keys)), GroupDefinitions=grouped(*definitions))]).to_dict(
        "records"
    )
    assert {name: row[name] for name in expected} == expected


def test_region_comes_from_the_usage_type() -> None:
    meters = [
        "EUC1-BoxUsage:m6i.large",
        "USE1-EUC1-AWS-Out-Bytes",
        "Requests-Tier1",
        "NoUsageType",
        "EU-Requests",
    ]
    groups = [group("S3", meter) for meter in meters]
    frame = normalize([page(period(*groups))], group_by=("SERVICE", "USAGE_TYPE"))
    assert list(frame["region_id"]) == ["eu-central-1", "us-east-1", "", "", "eu-west-1"]


def test_fixed_columns_hold_in_every_row() -> None:
    fixed = {"x_charge_type": "Usage", "sub_account_id": PROD, "sub_account_name": "prod-web"}
    frame = normalize(
        [page(period(group("S3", "USE1-Requests")), names={"S3": "told about something else"})],
        group_by=("SERVICE", "USAGE_TYPE"),
        fixed=fixed,
    )
    assert frame.iloc[0][list(fixed)].to_dict() == fixed


def test_names_of_later_pages_serve_earlier_rows() -> None:
    pages = [page(period(group())), page(period(day=date(2026, 11, 21)), names={PROD: "prod-web"})]
    assert list(normalize(pages)["sub_account_name"]) == ["prod-web"]


@pytest.mark.parametrize("name", [None, "", "\ud83d", "ünïcode"])
def test_any_account_name_can_be_stored(name: str | None) -> None:
    frame = normalize([page(period(group()), names={PROD: name})])
    stored = frame["sub_account_name"].iloc[0]
    assert stored == {None: "", "\ud83d": "\ufffd"}.get(name, name)


@pytest.mark.parametrize(
    "name",
    [
        "x" * 3000,
        "Amazon Ælastic 弹性计算 \U0001f4b8",
        "a\nb\r\n\\.\nc",
        'say "hi", \\N; DROP TABLE',
        "{{ conn.x.password }}",
        "a\x00b",
    ],
    ids=["3000", "non-ascii", "lines", "quotes", "jinja", "nul"],
)
def test_any_service_name_is_kept_as_it_is(name: str) -> None:
    assert one_row(group(PROD, name))["service_name"] == name


def test_half_a_surrogate_pair_becomes_a_character_that_can_be_stored() -> None:
    frame = normalize([page(period(group(PROD, "a\ud800b"), group(PROD, "fine")))])
    assert list(frame["service_name"]) == ["a\ufffdb", "fine"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-12.5", "-12.5"),
        ("0", "0"),
        ("1E-7", "0.0000001"),
        ("12345678901234567890.12", "12345678901234567890.12"),
        ("0.00000000000049", "0"),
        ("0.1234567890125", "0.123456789012"),
        (" 7 ", "7"),
        (7, "7"),
    ],
)
def test_amounts_are_rounded_half_to_even_at_twelve_places(text: object, expected: str) -> None:
    assert one_row(group(cost=text))["billed_cost"] == Decimal(expected)


def test_two_currencies_in_one_answer_are_two_rows() -> None:
    yen = {name: amount("150", "JPY") for name in ("UnblendedCost", "AmortizedCost")}
    frame = normalize([page(period(group(), group("3", "S3", **yen)))])
    assert list(frame["billing_currency"]) == ["USD", "JPY"]


def test_net_amortized_cost_is_taken_where_a_row_has_it() -> None:
    groups = [group(PROD, "net", NetAmortizedCost=amount("1.00")), group(PROD, "gross")]
    frame = normalize([page(period(*groups))])
    assert list(frame["effective_cost"]) == [Decimal("1.00"), Decimal("1.25")]
    assert list(frame["x_cost_basis"]) == ["NetAmortizedCost", "AmortizedCost"]


@pytest.mark.parametrize("metric", ["AmortizedCost", "NetAmortizedCost", "UsageQuantity"])
@pytest.mark.parametrize("first", [True, False], ids=["only the first", "only the last"])
def test_a_metric_counts_in_whichever_rows_have_it(metric: str, *, first: bool) -> None:
    bare = {"AmortizedCost": None, "UsageQuantity": None}
    groups = [group(PROD, "with", **(bare | {metric: amount("7")})), group(PROD, "without", **bare)]
    frame = normalize([page(period(*(groups if first else reversed(groups))))]).set_index("service_name")
    with_it: Any = frame.loc["with"]
    without: Any = frame.loc["without"]
    column = "consumed_quantity" if metric == "UsageQuantity" else "effective_cost"
    assert with_it[column] == Decimal(7)
    assert with_it["billed_cost"] == without["effective_cost"] == Decimal("1.25")
    assert without["x_cost_basis"] == "UnblendedCost"
    assert pd.isna(without["consumed_quantity"])


def test_days_and_the_estimated_flag_go_with_their_groups() -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    frame = normalize(
        [
            page(
                period(group(), group(PROD, "EC2"), day=days[0], estimated=True),
                period(day=days[1]),
                period(group(), day=days[2]),
            )
        ]
    )
    assert list(frame["charge_period_start"]) == [days[0], days[0], days[2]]
    assert list(frame["charge_period_end"]) == [days[1], days[1], days[2] + timedelta(days=1)]
    assert list(frame["x_estimated"]) == [True, True, False]


def test_an_account_that_was_not_told_about_has_no_name() -> None:
    groups = [group(PROD, "S3"), group("333333333333", "S3")]
    frame = normalize([page(period(*groups), names={PROD: "prod-web"})])
    assert list(frame["sub_account_name"]) == ["prod-web", ""]


def test_unblended_is_the_last_resort_for_the_effective_cost() -> None:
    row = one_row(group(AmortizedCost=None, UsageQuantity=None))
    assert (row["effective_cost"], row["x_cost_basis"]) == (Decimal("1.25"), "UnblendedCost")
    assert pd.isna(row["consumed_quantity"])
    assert row["consumed_unit"] == ""


def test_hourly_stamps_of_one_day_are_that_day() -> None:
    stamps = {"Start": "2026-11-20T00:00:00Z", "End": "2026-11-21T00:00:00Z"}
    frame = normalize([page({**period(group()), "TimePeriod": stamps})])
    assert list(frame["charge_period_start"]) == [DAY]
