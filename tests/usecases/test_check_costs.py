"""The checks on landed data: what they let pass, and what they say of the rest."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from costspike.domain.errors import DataContractError, DayNotAvailable
from tests.usecases.pipeline import TODAY, YESTERDAY, Pipeline, steady_world, with_settings
from tests.warehouses import change

ONE_DAY = timedelta(days=1)
Over = Callable[..., Pipeline]


@pytest.fixture
def day(over: Over) -> Pipeline:
    made = over(steady_world(), settings=with_settings(reading={"history_months": 1}))
    made.land()
    return made


def test_a_day_that_was_landed_whole_passes_every_check(day: Pipeline) -> None:
    assert day.check() == ["day_present", "freshness", "unique_key", "no_nulls", "reconciles"]


def test_a_missing_day_is_named_with_the_age_of_what_is_there(day: Pipeline) -> None:
    change(day.database, f"DELETE FROM cloud_costs WHERE charge_period_start = DATE '{YESTERDAY}'")
    with pytest.raises(
        DayNotAvailable, match=rf"cost day {YESTERDAY} has no rows .*read 0\.0 h ago"
    ) as missing:
        day.check()
    assert missing.value.retryable
    assert "not a day without cost" in str(missing.value)


def test_an_empty_warehouse_is_told_apart(over: Over) -> None:
    with pytest.raises(DayNotAvailable, match="the warehouse is empty"):
        over(steady_world()).check()


def test_a_day_that_was_read_before_it_was_over_is_not_judged(day: Pipeline) -> None:
    change(day.database, f"UPDATE cloud_costs SET x_observed_at = TIMESTAMP '{YESTERDAY} 23:59:59'")
    with pytest.raises(DayNotAvailable, match=f"{YESTERDAY} was read before it was over"):
        day.check()
    change(day.database, f"UPDATE cloud_costs SET x_observed_at = TIMESTAMP '{TODAY} 00:00:00'")
    assert day.check()


def test_a_doubled_row_is_named(day: Pipeline) -> None:
    change(
        day.database,
        f"INSERT INTO cloud_costs SELECT * FROM cloud_costs WHERE charge_period_start = DATE '{YESTERDAY}'",
    )
    with pytest.raises(
        DataContractError, match=rf"unique_key does not hold for 3 of .*{YESTERDAY}.*'found': '2'"
    ):
        day.check()


@pytest.mark.parametrize("column", ["service_name", "x_charge_type", "billing_currency"])
def test_a_row_that_does_not_say_what_it_is_for_is_named(day: Pipeline, column: str) -> None:
    where = f"charge_period_start = DATE '{YESTERDAY}' AND service_name = 'S3'"
    change(day.database, f"UPDATE cloud_costs SET {column} = '' WHERE {where}")
    with pytest.raises(DataContractError, match=rf"no_nulls does not hold for 1 .*'{column}': ''"):
        day.check()


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ("billed_cost = billed_cost + 0.01", True),
        ("billed_cost = billed_cost + 0.010000000001", False),
        ("effective_cost = effective_cost - 0.02", False),
        ("billing_currency = 'EUR'", False),
    ],
)
def test_groups_meet_the_total_within_a_cent(day: Pipeline, changed: str, holds: bool) -> None:
    change(
        day.database, f"UPDATE cloud_cost_totals SET {changed} WHERE charge_period_start = DATE '{YESTERDAY}'"
    )
    if holds:
        assert day.check()
        return
    with pytest.raises(DataContractError, match=rf"reconciles .*{YESTERDAY}.*within 0\.01"):
        day.check()


def test_the_tolerance_is_a_setting(day: Pipeline) -> None:
    change(day.database, "UPDATE cloud_cost_totals SET billed_cost = billed_cost + 5")
    day.settings = with_settings(day.settings, checks={"tolerance": 5})
    assert day.check()


def test_a_day_of_the_history_counts_too(day: Pipeline) -> None:
    old = YESTERDAY - 20 * ONE_DAY
    change(
        day.database,
        f"DELETE FROM cloud_costs WHERE charge_period_start = DATE '{old}' AND service_name = 'S3'",
    )
    with pytest.raises(DataContractError, match=rf"{old}.*'billed_cost_of_groups': '130'"):
        day.check()


def test_a_later_day_does_not_count(day: Pipeline) -> None:
    change(day.database, f"DELETE FROM cloud_costs WHERE charge_period_start = DATE '{YESTERDAY}'")
    assert day.check(day.run(YESTERDAY - ONE_DAY))


def test_only_the_first_rows_of_many_are_shown(day: Pipeline) -> None:
    change(day.database, "UPDATE cloud_cost_totals SET billed_cost = billed_cost + 5")
    with pytest.raises(DataContractError) as broken:
        day.check()
    assert str(broken.value).count("billed_cost_in_total") == 3
