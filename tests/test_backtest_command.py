"""``python -m demo.backtest`` on files, as ``make backtest`` calls it."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from demo.cost_file import cost_rows
from tests.cost_histories import DAY, daily, history

PROJECT = Path(__file__).parents[1]
FOCUS = {
    "usage_date": "charge_period_start",
    "account_id": "sub_account_id",
    "service": "service_name",
    "amount_usd": "effective_cost",
}


def _run(file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "demo.backtest", file, "--out", file.parent, "--sensitivities", "1", *more],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


PASCAL = {
    "usage_date": "ChargePeriodStart",
    "account_id": "SubAccountId",
    "service": "ServiceName",
    "amount_usd": "EffectiveCost",
}


@pytest.mark.parametrize("names", [{}, FOCUS, PASCAL], ids=["own-names", "focus-names", "focus-file"])
def test_a_csv_becomes_a_page_and_keeps_the_zeros_of_its_accounts(
    tmp_path: Path, names: dict[str, str]
) -> None:
    amounts = daily(lambda day: 400 if day == DAY else 100, days=40)
    costs = history({("000000000012", "EC2"): amounts}).drop(columns=["usage_type", "region"])
    costs.rename(columns=names).to_csv(tmp_path / "costs.csv", index=False)
    done = _run(tmp_path / "costs.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "000000000012  2026-03-18" in done.stdout
    (page,) = tmp_path.glob("*.html")
    assert "Back-test of costs.csv" in page.read_text()


def test_it_says_why_the_largest_rises_of_a_day_were_not_alerted(tmp_path: Path) -> None:
    costs = history({"EC2": [*[100] * 40, 109], "S3": [*[50] * 40, 90]})
    costs.to_csv(tmp_path / "costs.csv", index=False)
    done = _run(tmp_path / "costs.csv", "--why-not", str(DAY))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "● 1 · S3: The scope is flagged on this day." in done.stdout
    assert "○ 1 · EC2: It rose by 9.0 % of what was expected; 10 % are asked for." in done.stdout
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "usage_date,account_id,amount_usd\n2026-01-01,1,2\n", "lacks the columns ['service']", id="column"
        ),
        pytest.param("usage_date,account_id,service,amount_usd\n", "has no rows", id="empty"),
        pytest.param("usage_date,account_id,service,amount_usd\nsoon,1,EC2,2\n", "dates", id="date"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_without_a_traceback(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    done = _run(tmp_path / "bad.csv")
    assert done.returncode == 1
    assert said in done.stdout
    assert done.stderr == ""


def test_why_not_can_ask_about_one_service(tmp_path: Path) -> None:
    costs = history({"EC2": [*[100] * 40, 109], "S3": [*[50] * 40, 90]})
    costs.to_csv(tmp_path / "costs.csv", index=False)
    done = _run(tmp_path / "costs.csv", "--why-not", str(DAY), "--service", "EC2")
    assert "○ 1 · EC2: It rose by" in done.stdout
    assert "S3" not in done.stdout


def test_a_focus_file_has_hours_other_charges_and_maybe_no_currency() -> None:
    focus = pd.DataFrame(
        {
            "ChargePeriodStart": ["2026-03-18T00:00:00Z", "2026-03-18T23:00:00Z", "2026-03-18T00:00:00Z"],
            "SubAccountId": ["012", "012", "012"],
            "ServiceName": ["EC2", "EC2", "Tax"],
            "EffectiveCost": ["1.5", "2", "9"],
            "BillingCurrency": ["", None, "USD"],
            "ChargeCategory": ["Usage", "Usage", "Tax"],
        }
    )
    rows = cost_rows(focus)
    assert rows["usage_date"].tolist() == [pd.Timestamp(DAY)] * 2
    assert rows["amount_usd"].sum() == 3.5
    assert set(rows["billing_currency"]) == {"USD"}
