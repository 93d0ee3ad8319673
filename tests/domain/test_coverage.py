"""Savings Plans: bought, expired, and cover that is lost are told apart from usage."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from costspike.domain.detection import detect
from costspike.domain.spikes import COVERAGE_LOST, PLAN_BOUGHT, PLAN_EXPIRED, Scope, Spike
from tests.cost_histories import DAY, history

COMPUTE, PLAN = "Amazon Elastic Compute Cloud - Compute", "Savings Plans for AWS Compute usage"
TYPES = ("BoxUsage:m7g.large", "BoxUsage:c7i.large", "BoxUsage:r7i.large")


def fleet(factors: dict[str, float], days: int = 1, usual: int = 100) -> Iterator[tuple[Any, list[float]]]:
    """Yield three instance types in each account, which cost so many times as much on the last days."""
    for account, factor in factors.items():
        for number, usage_type in enumerate(TYPES, 1):
            amounts = [20.0 * number] * (usual - days) + [20.0 * number * factor] * days
            yield (account, COMPUTE, usage_type, "eu-west-1"), amounts


def spikes(rows: Mapping[Any, Sequence[float]]) -> list[Spike]:
    return detect(history({**rows, "S3": [50] * 100}), DAY)


@pytest.mark.parametrize(
    ("plan", "signal"),
    [
        pytest.param([150] * 99 + [0], PLAN_EXPIRED, id="the plan's own cost ends"),
        pytest.param([150] * 99 + [70], PLAN_EXPIRED, id="one of two plans ends"),
        pytest.param([0] * 100, COVERAGE_LOST, id="amortised cost shows no plan"),
    ],
)
def test_a_plan_that_ends_is_one_spike_over_all_accounts(plan: list[float], signal: str) -> None:
    rows = {**dict(fleet({"1": 1.6, "2": 1.5, "3": 1.7})), ("9", PLAN, "ComputeSP"): plan}
    (spike,) = spikes(rows)
    assert spike.scope == Scope(service=COMPUTE)
    assert spike.signal is not None
    assert spike.signal.name == signal
    assert sum(part.delta for part in spike.contributors) == spike.impact == 3 * 120 * 6 // 10


def test_in_a_single_account_the_account_is_named() -> None:
    (spike,) = spikes({**dict(fleet({"1": 1.6})), ("1", PLAN, "ComputeSP"): [100] * 99 + [0]})
    assert spike.scope == Scope(account_id="1", service=COMPUTE)
    assert spike.signal is not None


def test_the_days_after_it_are_silent() -> None:
    rows = {**dict(fleet({"1": 1.6, "2": 1.5}, days=3)), ("9", PLAN, "ComputeSP"): [150] * 97 + [0] * 3}
    costs = history({**rows, "S3": [50] * 100})
    told = [detect(costs, DAY - timedelta(days=ago)) for ago in (2, 1, 0)]
    assert [len(of_day) for of_day in told] == [1, 0, 0]


def test_a_new_instance_type_after_it_is_not_silent() -> None:
    rows = {**dict(fleet({"1": 1.6, "2": 1.5}, days=3)), ("9", PLAN, "ComputeSP"): [150] * 97 + [0] * 3}
    new = ("2", COMPUTE, "BoxUsage:p5.48xlarge", "eu-west-1")
    costs = history({**rows, new: [40.0], "S3": [50] * 100})
    (spike,) = detect(costs, DAY)
    assert spike.contributors[0].usage_type == "BoxUsage:p5.48xlarge"


def test_a_new_instance_type_on_the_very_day_is_a_spike_of_its_own() -> None:
    new = ("2", COMPUTE, "BoxUsage:p5.48xlarge", "eu-west-1")
    plan: dict[Any, list[float]] = {("9", PLAN, "ComputeSP"): [150.0] * 99 + [0.0], new: [40.0]}
    service, other = spikes({**dict(fleet({"1": 1.6, "2": 1.6})), **plan})
    assert (service.scope, service.impact) == (Scope(service=COMPUTE), 2 * 120 * 6 // 10)
    assert (other.contributors[0].usage_type, other.impact) == ("BoxUsage:p5.48xlarge", 40)


def test_more_usage_of_one_type_is_no_lost_discount() -> None:
    rows = dict(fleet({"1": 1.0, "2": 1.0}))
    rows["1", COMPUTE, TYPES[0], "eu-west-1"][-1] = 200
    (spike,) = spikes({**rows, ("9", PLAN, "ComputeSP"): [150] * 100})
    assert spike.scope.account_id == "1"
    assert spike.signal is None


def test_services_without_commitments_have_no_signal() -> None:
    rows = {(account, "EC2 - Other", kind): [40] * 99 + [80] for account in "12" for kind in "abc"}
    found = spikes(rows)
    assert found
    assert all(spike.signal is None for spike in found)


def test_a_bought_plan_that_replaces_nothing_is_told_as_such() -> None:
    (spike,) = spikes({**dict(fleet({"1": 1.0})), ("9", PLAN, "ComputeSP:1yr"): [0] * 99 + [90]})
    assert spike.signal is not None
    assert spike.signal.name == PLAN_BOUGHT


def test_a_bought_plan_that_replaces_usage_is_no_spike() -> None:
    rows = {**dict(fleet({"1": 0.3, "2": 0.3})), ("9", PLAN, "ComputeSP"): [0] * 99 + [110]}
    assert spikes(rows) == []


def test_a_frame_without_commitments_is_no_error() -> None:
    costs: pd.DataFrame = history({"S3": [50] * 99 + [90]})
    (spike,) = detect(costs, DAY)
    assert spike.signal is None
