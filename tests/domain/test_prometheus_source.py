"""The source's settings, and what a month-to-date meter says of a day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.errors import SettingsError
from costspike.domain.month_meter import day_of_meter
from costspike.domain.prometheus_source import PRESETS, PrometheusSourceSettings, cost_expression
from tests.prometheus_server import PrometheusServer

A, B = ("1", "a"), ("1", "b")


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "custom"])
def test_every_preset_is_complete_and_promql(preset: str, prometheus: PrometheusServer) -> None:
    asked = cost_expression(PrometheusSourceSettings(preset=preset))
    with prometheus.client() as client:
        assert client.query(asked.expr, 0) == []


def test_what_is_set_wins_over_the_preset() -> None:
    asked = cost_expression(PrometheusSourceSettings(preset="yace", expr="sum(x)", service="svc"))
    assert (asked.expr, asked.service, asked.kind) == ("sum(x)", "svc", "month_to_date")


def test_every_problem_is_told_at_once() -> None:
    wrong = PrometheusSourceSettings(preset="custom", service="a-b", timezone="Mars/Base")
    with pytest.raises(SettingsError) as caught:
        cost_expression(wrong)
    assert all(
        f"prometheus_source.{name}" in str(caught.value) for name in ("service", "kind", "expr", "timezone")
    )


amounts = st.dictionaries(st.sampled_from([A, B]), st.integers(1, 1000).map(float))


@given(before=amounts, growth=amounts)
def test_a_meter_that_grows_costs_what_it_grew_by(before: dict, growth: dict) -> None:
    after = {
        scope: before.get(scope, 0.0) + growth.get(scope, 0.0) for scope in before.keys() | growth.keys()
    }
    found = day_of_meter(after, before, first_of_month=False)
    assert found.unknown == frozenset()
    assert {scope: cost for scope, cost in found.costs.items() if cost} == growth


def test_a_credit_may_make_a_day_negative() -> None:
    assert day_of_meter({A: 60.0}, {A: 100.0}, first_of_month=False).costs == {A: -40.0}


@pytest.mark.parametrize("after", [{B: 1.0}, {A: 0.0, B: 1.0}])
def test_a_scope_whose_meter_is_gone_or_zero_is_unknown(after: dict) -> None:
    found = day_of_meter(after, {A: 100.0, B: 0.5}, first_of_month=False)
    assert (found.costs, found.unknown) == ({B: 0.5}, {A})


def test_a_scope_that_comes_back_is_unknown_and_a_new_one_is_not() -> None:
    found = day_of_meter({A: 900.0, B: 5.0}, {}, first_of_month=False, seen_earlier=[A])
    assert (found.costs, found.unknown) == ({B: 5.0}, {A})


def test_on_the_first_of_a_month_the_meter_is_the_day() -> None:
    assert day_of_meter({A: 7.0}, {A: 3000.0}, first_of_month=True).costs == {A: 7.0}
