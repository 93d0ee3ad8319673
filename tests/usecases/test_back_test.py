"""The back-test of a warehouse: what is read, what is refused, what is told."""

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.domain.detection import DetectionSettings
from costspike.domain.errors import DataContractError, SettingsError
from costspike.usecases.back_test import Question, back_test, choices_of, question_of, summary_of
from costspike.usecases.why_not import asked_why_not
from tests.cost_histories import DAY, daily, history
from tests.landings import landing
from tests.warehouses import duckdb_warehouse

DAYS = 60


class Rows:
    """Usage rows that remember what was asked of them."""

    def __init__(self, costs: pd.DataFrame) -> None:
        self.costs = costs
        self.asked: tuple[date, date] | None = None

    def replayed_usage(
        self, first: date, last: date, _choices: Sequence[DetectionSettings]
    ) -> dict[str, pd.DataFrame]:
        self.asked = (first, last)
        return {str(currency): own for currency, own in self.costs.groupby("billing_currency")}


def _costs(currency: str = "USD") -> pd.DataFrame:
    amounts = daily(lambda day: 400 if day == DAY else 100, days=DAYS)
    return history({"EC2": amounts, "S3": [50] * DAYS}).assign(billing_currency=currency)


def test_a_year_is_asked_for() -> None:
    rows = Rows(_costs())
    back_test(Question(last_day=DAY), DetectionSettings(), rows)
    assert rows.asked == (DAY - timedelta(days=364), DAY)


def test_the_settings_as_they_are_come_first() -> None:
    (test,) = back_test(
        Question(last_day=DAY, sensitivities=(2, 0.5, 1)), DetectionSettings(), Rows(_costs())
    )
    assert [outcome.detection.sensitivity for outcome in test.outcomes] == [1, 0.5, 2]
    assert len(test.outcomes[0].incidents) == 1


def test_each_currency_has_its_own_back_test() -> None:
    rows = Rows(pd.concat([_costs(), _costs("CNY")]))
    tests = back_test(Question(last_day=DAY), DetectionSettings(), rows)
    assert [test.billing_currency for test in tests] == ["CNY", "USD"]
    assert summary_of(tests)["CNY"] == {"1": {"alerts_a_month": "0.7", "incidents": 1, "impact": "300.00"}}


def test_the_table_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    back_test(Question(last_day=DAY), DetectionSettings(), Rows(_costs()))
    assert "Alerts a month" in caplog.text
    assert "EC2" in caplog.text


def test_a_long_replay_says_how_far_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    moments = iter(range(1000))
    back_test(
        Question(last_day=DAY), DetectionSettings(), Rows(_costs()), seconds=lambda: float(next(moments))
    )
    assert "5 of 46 days replayed." in caplog.text


def test_an_empty_warehouse_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(DataContractError, match="no usage up to 2026-03-18; land some history first"):
        back_test(Question(last_day=DAY), DetectionSettings(), Rows(_costs().head(0)))


def test_the_end_must_not_lie_before_the_beginning() -> None:
    with pytest.raises(DataContractError, match="begins on 2026-03-19 and ends on 2026-03-18"):
        back_test(
            Question(last_day=DAY, first_day=DAY + timedelta(days=1)), DetectionSettings(), Rows(_costs())
        )


def test_a_sensitivity_out_of_bounds_is_named() -> None:
    with pytest.raises(SettingsError, match="less than or equal to 10, got 11"):
        choices_of(DetectionSettings(), [1, 11])


def test_a_form_left_empty_asks_for_the_year_up_to_the_newest_day() -> None:
    assert question_of({}, DAY, date(2030, 1, 1)) == Question(last_day=DAY)
    assert question_of({}, None, DAY) == Question(last_day=DAY)


def test_a_form_is_taken_at_its_word() -> None:
    form = {"first_day": "2026-01-01", "last_day": "2026-02-01", "sensitivities": [1, 2]}
    question = question_of(form, DAY, DAY)
    assert (question.first, question.last_day) == (date(2026, 1, 1), date(2026, 2, 1))
    assert question.sensitivities == (1, 2)
    assert question.name == "2026-01-01-to-2026-02-01"


def test_a_real_warehouse_is_replayed(tmp_path: Path) -> None:
    tables = CostTables(duckdb_warehouse(tmp_path / "costs.duckdb"))
    bill = {
        (DAY - timedelta(days=ago), service): cost if ago else more
        for ago in range(40)
        for service, cost, more in (("EC2", "100", "400"), ("S3", "50", "50"))
    }
    tables.replace_days(landing(bill))
    (test,) = back_test(Question(last_day=DAY), DetectionSettings(), tables)
    (incident,) = test.outcomes[0].incidents
    assert incident.impact == Decimal(300)
    assert len(test.daily) == 40
    why = asked_why_not({"why_not_day": str(DAY), "why_not_service": "EC2"}, DetectionSettings(), tables)
    assert "EC2: The scope is flagged on this day." in why
    long_ago = asked_why_not({"why_not_day": "2020-01-01"}, DetectionSettings(), tables)
    assert long_ago.endswith("No usage is landed up to this day.")


class _Rows:
    def judged_usage(self, days, _settings):
        for day in days:
            yield day, {"EUR": history({"EC2": [*[100] * 40, 108], "S3": [*[50] * 40, 90]})}


def test_the_form_asks_why_a_day_was_not_alerted(caplog: pytest.LogCaptureFixture) -> None:
    asked = {"why_not_day": str(DAY), "why_not_account": "1", "why_not_service": "EC2"}
    with caplog.at_level("INFO"):
        text = asked_why_not(asked, DetectionSettings(), _Rows())
    assert "○ 1 · EC2: It rose by 8.0 % of what was expected; 10 % are asked for." in text
    assert "missed  impact_percent: 8.00, limit 10.00" in text
    assert "108.00 EUR, expected 100.00" in text
    assert "S3" not in text
    assert text in caplog.text
    assert asked_why_not({"why_not_day": None}, DetectionSettings(), _Rows()) == ""
