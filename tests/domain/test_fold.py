"""Large organisations: what is too small to matter is added up, and what has a name stays whole."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.cost_table import SMALLER
from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.drops import detect_drops
from costspike.domain.fold import folded, folded_for
from costspike.domain.spikes import Scope, Spike
from tests.cost_histories import COLUMNS, DAY, daily, history

CHOSEN = DetectionSettings()
EC2, PLAN = "Amazon Elastic Compute Cloud - Compute", "Savings Plans for AWS Compute usage"
STEADY = [1000.0] * 120


def spikes(costs: pd.DataFrame) -> list[Spike]:
    return detect(folded(costs, DAY, CHOSEN, above=0), DAY, CHOSEN)


def rising(before: float, after: float, days: int = 120) -> list[float]:
    return daily(lambda day: after if day == DAY else before, days)


def totals(rows: pd.DataFrame, names: list[str]) -> dict[object, Decimal]:
    sums: dict[object, Decimal] = {}
    for *key, amount in rows[["usage_date", *names, "amount_usd"]].itertuples(index=False, name=None):
        sums[tuple(key)] = sums.get(tuple(key), Decimal(0)) + amount
    return sums


@st.composite
def bills(draw: st.DrawFn) -> pd.DataFrame:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return history(
        {
            (account, service, usage_type, "eu"): [
                round(float(one), 6) if random.random() < 0.9 else None
                for one in 10 ** random.uniform(-3, 3) * (1 + 0.2 * random.standard_normal(40))
            ]
            for account in ("", *"12345")
            for service in ("EC2", "S3", "Glue")
            for usage_type in "abc"[: random.integers(4)]
        }
        | {("1", "EC2", "a", "us"): [1000.0] * 40}
    )


@settings(deadline=None, max_examples=10)
@given(bills())
def test_every_service_and_every_named_account_of_it_is_whole(costs: pd.DataFrame) -> None:
    rows = folded(costs, DAY, CHOSEN, above=0)
    assert totals(rows, ["service"]) == totals(costs, ["service"])
    before, after = totals(costs, ["account_id", "service"]), totals(rows, ["account_id", "service"])
    assert {key: sum_ for key, sum_ in after.items() if key[1]}.items() <= before.items()  # type: ignore[index]


@settings(deadline=None, max_examples=10)
@given(bills(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_and_folding_again_change_nothing(costs: pd.DataFrame, seed: int) -> None:
    rows = folded(costs, DAY, CHOSEN, above=0)
    order = np.random.default_rng(seed).permutation(len(costs))
    assert totals(folded(costs.iloc[order], DAY, CHOSEN, above=0), COLUMNS[1:5]) == totals(rows, COLUMNS[1:5])
    assert folded(rows, DAY, CHOSEN, above=0) is rows


@settings(deadline=None, max_examples=10)
@given(bills())
def test_what_is_kept_for_a_day_is_kept_for_all_days_of_a_replay(costs: pd.DataFrame) -> None:
    first, choices = DAY - timedelta(days=10), [DetectionSettings(sensitivity=3), CHOSEN]
    replayed = names(folded_for(costs, first, DAY, choices, above=0))
    for ago in range(11):
        assert names(folded(costs, DAY - timedelta(days=ago), CHOSEN, above=0)) <= replayed
    rows = folded_for(costs, first, DAY, choices, above=0)
    assert totals(rows, ["service"]) == totals(costs, ["service"])


def names(rows: pd.DataFrame) -> set[tuple[str, ...]]:
    spent = rows[(rows["amount_usd"] != 0) & (rows["usage_type"] != SMALLER)]
    return set(spent[COLUMNS[1:5]].itertuples(index=False, name=None))


def test_few_rows_are_left_alone() -> None:
    costs = history({"EC2": STEADY, "S3": [0.01] * 120})
    assert folded(costs, DAY, CHOSEN) is costs
    assert folded(costs, DAY, CHOSEN, above=240) is costs
    assert folded(costs, DAY, CHOSEN, above=239) is not costs


def test_only_amounts_of_the_thirteen_months_are_counted() -> None:
    old, zero = history({"EC2": [1.0]}, DAY - timedelta(days=401)), history({"S3": [0.0]})
    costs = pd.concat([history({"EC2": STEADY}), old, zero])
    assert folded(costs, DAY, CHOSEN, above=120) is costs


def test_a_floor_of_nothing_folds_nothing() -> None:
    costs = history({"EC2": STEADY, "S3": [0.01] * 120})
    none = DetectionSettings(min_impact=0, min_impact_share_percent=0)
    assert folded(costs, DAY, none, above=0) is costs


def test_a_series_is_kept_from_a_tenth_of_the_floor_on() -> None:
    # The floor is 0.4 % of 1,000 a day, and a little for the others.
    costs = history(
        {
            ("1", "EC2", "a", ""): STEADY,
            ("1", "EC2", "b", ""): [0.41] * 120,
            ("1", "EC2", "c", ""): [0.39] * 120,
        }
    )
    rows = folded(costs, DAY, CHOSEN, above=0)
    assert set(rows.loc[rows["amount_usd"] != 0, "usage_type"]) == {"a", "b", SMALLER}


def test_what_a_kept_series_cost_below_a_fiftieth_of_the_floor_is_not_told_from_nothing() -> None:
    # The floor is 4: a series with a day of 0.4 is kept, and 0.08 are a trace.
    small = [0.07] * 60 + [0.09] * 59 + [0.5]
    costs = history({("1", "S3", "a", ""): STEADY, ("2", "Glue", "b", ""): small})
    rows = folded(costs, DAY, CHOSEN, above=0)
    own = rows[(rows["service"] == "Glue") & (rows["amount_usd"] != 0)]
    assert Counter(zip(own["account_id"], own["usage_type"], strict=True)) == {
        ("2", "b"): 60,
        ("2", SMALLER): 60,
    }
    assert totals(own, ["account_id"]) == totals(costs[costs["service"] == "Glue"], ["account_id"])


def test_a_sensitivity_that_asks_for_smaller_rises_keeps_smaller_series() -> None:
    costs = history({("1", "EC2", "a", ""): STEADY, ("1", "EC2", "b", ""): [0.3] * 120})
    for sensitivity, kept in ((1, {"a", SMALLER}), (5, {"a", "b"})):
        rows = folded(costs, DAY, DetectionSettings(sensitivity=sensitivity), above=0)
        assert set(rows.loc[rows["amount_usd"] != 0, "usage_type"]) == kept


def test_many_small_series_of_one_account_are_a_spike_of_it() -> None:
    costs = history(
        {("1", "S3", "a", ""): STEADY}
        | {("2", "Glue", f"job {at}", ""): rising(0.02, 0.35) for at in range(60)}
        | {("2", "Glue", "steady", ""): [5] * 120}
    )
    (spike,) = spikes(costs)
    assert (spike.scope, spike.actual_cost) == (Scope(account_id="2", service="Glue"), Decimal(26))
    part, rest = spike.contributors
    assert (part.account_id, part.service, part.usage_type, part.after) == ("2", "Glue", SMALLER, Decimal(21))
    assert (rest.service, rest.after) == ("", Decimal(5))


def test_a_rise_spread_thinly_over_accounts_is_a_spike_of_the_service() -> None:
    costs = history(
        {("1", "S3", "a", ""): STEADY}
        | {(f"{1000 + at}", "Glue", "job", ""): rising(0.02, 0.35) for at in range(60)}
    )
    assert [spike.scope for spike in spikes(costs)] == [Scope(service="Glue")]


def test_a_fall_spread_thinly_over_accounts_is_a_drop_of_the_service() -> None:
    costs = history(
        {("1", "S3", "a", ""): STEADY}
        | {(f"{1000 + at}", "Glue", "job", ""): rising(0.35, 0.01) for at in range(60)}
    )
    (drop,) = detect_drops(folded(costs, DAY, CHOSEN, above=0), DAY)
    assert (drop.scope, drop.fall) == (Scope(service="Glue"), Decimal("20.4"))


def test_a_rise_in_one_account_is_not_one_of_the_whole_service() -> None:
    costs = history(
        {("1", "S3", "a", ""): STEADY, ("2", "Glue", "large", ""): rising(5, 50)}
        | {(f"{1000 + at}", "Glue", "job", ""): [0.02] * 120 for at in range(60)}
    )
    assert [spike.scope for spike in spikes(costs)] == [Scope(account_id="2", service="Glue")]


def test_what_small_series_of_the_account_lost_pays_for_a_rise() -> None:
    costs = history(
        {("1", "S3", "a", ""): STEADY, ("2", EC2, "new", "eu"): rising(0.5, 21)}
        | {("2", EC2, f"old {at}", "us"): rising(0.35, 0.01) for at in range(60)}
    )
    assert spikes(costs) == []


def test_small_series_alone_are_no_sign_of_a_renamed_service() -> None:
    def job(name: str, days: range) -> dict[tuple[str, ...], list[float | None]]:
        amounts = [0.35 if day in days else None for day in range(120)]
        return {("2", name, f"{name} {at}", ""): amounts for at in range(60)}

    runs = job("Old name", range(14, 119, 20)) | job("Unrelated", range(119, 120))
    costs = history({("1", "S3", "a", ""): STEADY} | runs)
    assert [spike.scope.service for spike in spikes(costs)] == ["Unrelated"]


def test_usage_types_are_not_judged_across_accounts_where_they_are_not_whole() -> None:
    accounts = {(f"{1000 + at}", "Glue", "job", ""): rising(1, 3) for at in range(20)}
    costs = history({("1", "S3", "a", ""): STEADY, ("1", "Glue", "other", ""): [900.0] * 120} | accounts)
    assert detect(costs, DAY)[0].scope == Scope(service="Glue", usage_type="job")
    small = {(f"{2000 + at}", "S3", "b", ""): [0.01] * 120 for at in range(3)}
    assert spikes(pd.concat([costs, history(small)])) == []  # 40 on the 920 of the service
