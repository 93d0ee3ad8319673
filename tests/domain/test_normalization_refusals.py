"""What is no cost row is refused, and the message names it."""

import pytest

from costspike.domain.errors import DataContractError
from costspike.domain.normalization import normalize
from tests.cost_pages import PROD, amount, group, page, period


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "abc",
        "",
        " ",
        "1,5",
        "1_000",
        "\uff11",
        "0x10",
        "1e99999999999999999999",
        None,
        True,
    ],
)
@pytest.mark.parametrize("metric", ["UnblendedCost", "AmortizedCost", "UsageQuantity"])
def test_what_is_no_amount_is_refused_by_row_and_metric(text: object, metric: str) -> None:
    groups = [group(PROD, "fine"), group(PROD, "odd", **{metric: amount(text)})]
    with pytest.raises(DataContractError, match=r"row 2026-11-20 .*'222222222222', 'odd'") as caught:
        normalize([page(period(*groups))])
    assert metric in str(caught.value)
    assert "expected a finite decimal number" in str(caught.value)


@pytest.mark.parametrize("text", ["1e26", "-1e26", "9" * 27, "1e300", "1e999999999999999999"])
def test_an_amount_beyond_the_column_is_refused_by_row(text: str) -> None:
    with pytest.raises(DataContractError, match=r"row 2026-11-20 .*expected less than 1E\+26"):
        normalize([page(period(group(cost=text)))])


@pytest.mark.parametrize("metric", ["UnblendedCost", "AmortizedCost", "UsageQuantity"])
@pytest.mark.parametrize(
    "cell", ["1.25", {"Amount": "1"}, {"Unit": "USD"}, {"Amount": "1", "Unit": None}, [], 3]
)
def test_a_metric_without_amount_and_unit_is_refused_by_row(metric: str, cell: object) -> None:
    groups = [group(PROD, "fine"), group(PROD, "odd", **{metric: cell})]
    with pytest.raises(
        DataContractError, match=rf"row 2026-11-20 .*'odd'\] .*expected {metric} with Amount and Unit"
    ):
        normalize([page(period(*groups))])


def test_a_missing_metric_is_refused_by_row() -> None:
    groups = [group(PROD, "fine"), group(PROD, "odd", UnblendedCost=None)]
    with pytest.raises(DataContractError, match=r"'odd'\] has the metrics .*expected UnblendedCost"):
        normalize([page(period(*groups))])


def test_two_currencies_in_one_group_are_refused_by_row() -> None:
    with pytest.raises(DataContractError, match=r"'odd'\] mixes the currencies 'USD' and 'EUR'"):
        normalize([page(period(group(PROD, "fine"), group(PROD, "odd", AmortizedCost=amount("1", "EUR"))))])


@pytest.mark.parametrize("keys", [(), ("only one",), (PROD, None), (PROD, 3), (PROD, "a", "b")])
def test_keys_that_do_not_fit_are_refused_by_day(keys: tuple[object, ...]) -> None:
    odd = {**group(), "Keys": list(keys)}
    with pytest.raises(DataContractError, match=r"a group of 2026-11-20 has the Keys .*expected texts for"):
        normalize([page(period(group(), odd))])


def test_a_group_without_keys_or_metrics_is_refused() -> None:
    with pytest.raises(DataContractError, match="has the Keys None"):
        normalize([page(period({"Metrics": {}}))])
    with pytest.raises(DataContractError, match="expected UnblendedCost with Amount and Unit"):
        normalize([page(period({"Keys": [PROD, "S3"]}))])


def test_an_answer_without_results_says_where_to_look() -> None:
    with pytest.raises(DataContractError, match=r"without ResultsByTime \(it has \['Message'\]\).*endpoint"):
        normalize([{"Message": "hello"}])


@pytest.mark.parametrize("odd", [None, "2026-11-20", 5])
def test_what_is_no_period_is_refused(odd: object) -> None:
    with pytest.raises(DataContractError, match=r"ResultsByTime holds .*expected periods"):
        normalize([{"ResultsByTime": [period(group()), odd]}])


@pytest.mark.parametrize(
    "odd", [None, "x", {"Value": PROD, "Attributes": {"description": 7}}, {"Value": PROD}]
)
def test_an_account_name_that_cannot_be_read_does_not_cost_the_day(odd: object) -> None:
    rows = normalize([{**page(period(group(PROD, "S3"))), "DimensionValueAttributes": [odd]}])
    assert list(rows["sub_account_name"]) == [""]


@pytest.mark.parametrize(
    "span",
    [
        {"Start": "2026-11-01", "End": "2026-12-01"},
        {"Start": "2026-11-01"},
        {"Start": "today", "End": "tomorrow"},
        {"Start": 20261101, "End": 20261102},
        {},
        None,
    ],
)
def test_a_period_that_is_not_one_day_is_refused(span: object) -> None:
    odd = {**period(group()), "TimePeriod": span}
    with pytest.raises(DataContractError, match=r"a period of Cost Explorer's answer"):
        normalize([page(odd)])


def test_an_unknown_dimension_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataContractError, match=r"costspike lands \['LINKED_ACCOUNT', 'RECORD_TYPE'"):
        normalize([page(period(group("x")))], group_by=("TENANCY",))
