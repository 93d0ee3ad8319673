"""The replay of history: nothing later is seen, and the same is said as day by day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from costspike.domain.backtest import WARM_UP_DAYS, BackTest, back_test
from costspike.domain.cost_history import CostHistory
from costspike.domain.cost_rows import cost_table
from costspike.domain.cost_table import micro
from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.errors import DataContractError
from costspike.domain.incidents import State
from costspike.domain.spikes import Scope
from tests.cost_histories import DAY, daily, history, money
from tests.domain.test_detection_laws import organisations

LONG_AGO = date(2020, 1, 1)


def _ago(days: int) -> date:
    return DAY - timedelta(days=days)


def _tested(costs: pd.DataFrame, first: date = LONG_AGO, **changes: float) -> BackTest:
    return back_test(costs, first, DAY, [DetectionSettings(**changes)])


def _shift_costs() -> pd.DataFrame:
    """Return 120 days at 100 a day, of which the last twenty cost 300."""
    return history({"EC2": daily(lambda day: 300 if day > _ago(20) else 100), "S3": daily(lambda _: 50)})


def test_a_level_shift_is_one_alert_and_all_its_dollars() -> None:
    (outcome,) = _tested(_shift_costs()).outcomes
    (incident,) = outcome.incidents
    assert incident.first_day == _ago(19)
    assert incident.state is State.ONGOING
    assert outcome.impact == 20 * 200
    assert [outcome.impact_by(days) for days in (0, 1, 7)] == [200, 400, 1600]


def test_alerts_are_counted_by_judged_days() -> None:
    test = _tested(_shift_costs(), first=_ago(29))
    (outcome,) = test.outcomes
    assert outcome.judged_days == 30
    assert round(outcome.alerts_a_month, 3) == Decimal("1.015")
    assert outcome.most_alerts_in_a_month == 1


def test_the_first_two_weeks_of_all_are_history_only() -> None:
    test = _tested(_shift_costs())
    assert len(test.daily) == 120
    assert test.outcomes[0].judged_days == 120 - WARM_UP_DAYS


def test_settings_are_answered_side_by_side() -> None:
    costs = history(
        {"EC2": [*daily(lambda day: 100 + day.day % 5, days=119), 118], "S3": daily(lambda _: 50)}
    )
    choices = [DetectionSettings(sensitivity=value) for value in (0.2, 1.0, 5.0)]
    test = back_test(costs, LONG_AGO, DAY, choices)
    counts = [len(outcome.incidents) for outcome in test.outcomes]
    assert counts[0] < counts[-1]
    assert [outcome.detection for outcome in test.outcomes] == choices


def test_days_without_data_are_neither_judged_nor_drawn() -> None:
    costs = _shift_costs()
    test = _tested(costs[costs["usage_date"] != _ago(40)])
    assert _ago(40) not in dict(test.daily)
    assert test.outcomes[0].judged_days == 119 - WARM_UP_DAYS


def test_no_history_is_an_answer() -> None:
    test = _tested(_shift_costs(), first=DAY + timedelta(days=1))
    assert test.daily == ()
    assert test.outcomes[0].alerts_a_month == 0


def test_progress_counts_the_judged_days() -> None:
    told: list[tuple[int, int]] = []
    back_test(_shift_costs(), _ago(2), DAY, [DetectionSettings()], progress=lambda *far: told.append(far))
    assert told == [(1, 3), (2, 3), (3, 3)]


@settings(deadline=None, max_examples=15)
@given(organisations())
def test_the_replay_says_what_each_day_would_have_said(costs: pd.DataFrame) -> None:
    days = sorted(set(costs["usage_date"]))[WARM_UP_DAYS:][-4:]
    said = [spike for day in days for spike in detect(costs[costs["usage_date"] <= day], day)]
    replayed = _tested(costs, first=days[0] if days else DAY).outcomes[0].spikes
    assert [(one.day, one.scope) for one in replayed] == [(one.day, one.scope) for one in said]
    for one, other in zip(replayed, said, strict=True):
        assert abs(one.impact - other.impact) < Decimal("0.0001")


@settings(deadline=None, max_examples=15)
@given(organisations())
def test_a_day_s_table_is_that_of_its_rows(costs: pd.DataFrame) -> None:
    day = max(costs["usage_date"], default=DAY) - timedelta(days=2)
    known, fresh = CostHistory(costs).table(day), cost_table(costs, day)
    assert (known is None) == (fresh is None)
    if known and fresh:
        assert np.array_equal(known.amounts, fresh.amounts)
        assert np.array_equal(known.observed, fresh.observed)
        names = [[table.names(at) for at in range(len(table.codes))] for table in (known, fresh)]
        assert names[0] == names[1]
        pairs = zip(known.exact(0), fresh.exact(0), strict=True)
        assert all(abs(one - other) < Decimal("0.001") for one, other in pairs)


def test_a_day_without_rows_or_without_cost_has_no_table() -> None:
    costs = history({"EC2": [1.0, None, 0.0]})
    known = CostHistory(costs[costs["usage_date"] != _ago(1)])
    assert [known.table(_ago(ago)) is None for ago in (0, 1, 2)] == [False, True, False]
    assert CostHistory(history({"EC2": [0.0]})).table(DAY) is None


def test_what_is_too_old_for_a_detector_is_not_in_its_view() -> None:
    known = CostHistory(history({"EC2": daily(lambda _: 1, days=500)})).table(DAY)
    assert known is not None
    assert known.amounts.sum() == 401


def test_a_scope_is_summed_on_every_day_that_has_rows() -> None:
    costs = history({("1", "EC2", "a"): [1, 2], ("1", "EC2", "b"): [None, 0.5], ("2", "EC2"): [4, 4]})
    known = CostHistory(costs)
    assert list(known.daily(Scope(account_id="1", service="EC2")).values()) == list(money(1, 2.5))
    assert list(known.daily(Scope()).values()) == list(money(5, 6.5))
    assert list(known.daily(Scope(service="S3")).values()) == list(money(0, 0))
    assert known.days == (_ago(1), DAY)


@pytest.mark.parametrize("column", ["account_id", "region"])
def test_an_absent_name_is_an_empty_one(column: str) -> None:
    costs = history({"EC2": [1.0, 2.0]}).assign(**{column: pd.Series([None, "x"])})
    table = CostHistory(costs).table(DAY)
    assert table is not None
    assert [getattr(table.names(at), column) for at in range(2)] == ["", "x"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"amount_usd": [1.0, None]}, "amount_usd is .*nan.* on 2026-03-1", id="no-amount"),
        pytest.param({"amount_usd": ["1", "much"]}, "amount_usd holds '1'", id="no-number"),
        pytest.param({"usage_date": ["2026-03-17", None]}, "empty in row 1", id="no-day"),
        pytest.param({"usage_date": ["2026-03-17", "soon"]}, "usage_date holds", id="no-date"),
        pytest.param({"usage_date": [20260317, 20260318]}, "usage_date holds", id="a-number"),
    ],
)
def test_bad_rows_are_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataContractError, match=said):
        CostHistory(history({"EC2": [1.0, 2.0]}).assign(**changes))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataContractError, match="lack the columns \\['service'\\]"):
        _tested(_shift_costs().drop(columns="service"))


def test_arrow_decimals_and_texts_are_read() -> None:
    import pyarrow as pa

    costs = history({"EC2": [Decimal("1.10"), Decimal("2.20")]})
    table = pa.Table.from_pandas(costs, preserve_index=False).to_pandas(types_mapper=pd.ArrowDtype)
    assert list(CostHistory(table).daily(Scope()).values()) == [micro(1.1), micro(2.2)]


@pytest.mark.parametrize("factor", [1.5, 4, 12])
@pytest.mark.parametrize("weekend", [1, 0.2])
def test_a_rise_of_thirty_days_is_one_incident_and_its_end_none(factor: float, weekend: float) -> None:
    first, last = DAY - timedelta(days=60), DAY - timedelta(days=31)

    def usual(day: date) -> float:
        return 100 * (weekend if day.weekday() >= 5 else 1) * (1 + (day.toordinal() % 7 - 3) / 100)

    def risen(day: date) -> float:
        return usual(day) * (factor if first <= day <= last else 1)

    fine = (
        ("1", "EC2", "box", "eu-west-1"),
        ("1", "EC2", "disk", "eu-west-1"),
        ("2", "EC2", "box", "eu-west-1"),
    )
    costs = history({fine[0]: daily(risen, 140), fine[1]: daily(usual, 140), fine[2]: daily(usual, 140)})
    (incident,) = (
        back_test(costs, first - timedelta(days=20), DAY, [DetectionSettings()]).outcomes[0].incidents
    )
    assert (incident.first_day, incident.state) == (first, "resolved")
    rises = sum(risen(day) - usual(day) for day in (first + timedelta(days=n) for n in range(30)))
    assert float(incident.impact) == pytest.approx(rises, rel=0.05)
