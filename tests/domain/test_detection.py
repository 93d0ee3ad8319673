"""What the baseline detector flags, what it leaves alone, and how it names a cause once."""

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from pydantic import ValidationError

from costspike.domain.detection import DetectionSettings, detect
from costspike.domain.errors import DataContractError
from costspike.domain.spikes import Contributor, Scope, Spike
from tests.cost_histories import COLUMNS, DAY, daily, history, money

STEADY = [100] * 60


def scopes(spikes: list[Spike]) -> list[Scope]:
    return [spike.scope for spike in spikes]


def test_a_steady_service_that_doubles_is_a_spike() -> None:
    spike = detect(history({"EC2": [*STEADY, 200], "S3": [50] * 61}), DAY)[0]
    assert spike.scope == Scope(account_id="1", service="EC2")
    assert (spike.actual_cost, spike.expected_cost, spike.impact) == money(200, 100, 100)
    assert (spike.previous_cost, spike.typical_cost) == money(100, 100)
    assert (spike.expected_low, spike.expected_high) == money(90, 110)
    assert (spike.day, spike.detector, spike.billing_currency) == (DAY, "baseline", "USD")


def test_every_listed_gate_is_passed_and_the_day_beats_its_precedents() -> None:
    spike = detect(history({"EC2": [*STEADY, 200]}), DAY)[0]
    gates = {gate.name: gate for gate in spike.gates}
    assert list(gates) == ["impact", "impact_percent", "likelihood_percent", "band", "recent_largest"]
    assert all(gate.value >= gate.limit for gate in spike.gates)
    assert (gates["band"].limit, gates["recent_largest"].limit) == pytest.approx((110, 100))
    assert spike.score > 1


def test_weekend_dip_is_not_a_spike() -> None:
    def weekly(day: date) -> float:
        return 20 if day.weekday() >= 5 else 100

    for ago in range(14):
        last = DAY - timedelta(days=ago)
        assert detect(history({"EC2": daily(weekly, last=last)}, last), last) == []


def test_a_weekend_that_costs_like_two_working_days_is_a_spike() -> None:
    saturday = date(2026, 3, 14)
    amounts = daily(lambda day: 20 if day.weekday() >= 5 else 100, last=saturday)
    spike = detect(history({"EC2": [*amounts[:-1], 200]}, saturday), saturday)[0]
    assert (spike.expected_cost, spike.impact) == money(20, 180)


def test_drops_never_alert() -> None:
    assert detect(history({"EC2": [*STEADY, 1], "S3": [50] * 61}), DAY) == []


def test_growth_of_one_percent_a_day_is_followed() -> None:
    assert detect(history({"EC2": [100 * 1.01**n for n in range(120)]}), DAY) == []


def test_level_shift_speaks_once() -> None:
    amounts = [*STEADY, *[180] * 30]
    spoken = []
    for length in range(55, 91):
        last = DAY + timedelta(days=length)
        spoken += [length for _ in detect(history({"EC2": amounts[:length]}, last), last)]
    assert spoken == [61]


@pytest.mark.parametrize("share", [0.4, 0.6, 1.5, 2.5])
def test_three_weeks_after_a_lasting_change_its_level_is_not_counted_twice(share: float) -> None:
    days = [round(100 * share)] * 34
    for length in range(22, 35):
        costs = history({"EC2": [*STEADY, *days[:length]], "S3": [50] * (60 + length)})
        assert detect(costs, DAY) == []
        risen = costs.assign(amount_usd=costs["amount_usd"].where(costs["usage_date"] < DAY, 500))
        ec2 = next(spike for spike in detect(risen, DAY) if spike.scope.service == "EC2")
        assert ec2.expected_cost == days[0]


@pytest.mark.parametrize("days", [7, 10, 14])
def test_the_return_from_a_holiday_is_no_rise(days: int) -> None:
    bill = {
        service: [usual] * 60 + [usual * 0.6] * days + [usual] * 8
        for service, usual in (("EC2", 400), ("S3", 100), ("RDS", 200))
    }
    for after in range(8):
        last = DAY - timedelta(days=7 - after)
        assert detect(history(bill), last) == [], f"{after} days after it"


def test_a_day_above_what_is_usual_after_a_low_week_is_a_rise_above_the_usual() -> None:
    costs = history({"EC2": [*[400] * 60, *[200] * 8, 700], "S3": [100] * 69})
    (spike,) = detect(costs, DAY)
    assert (spike.scope.service, spike.expected_cost) == ("EC2", 400)


def test_four_days_after_a_tenfold_level_it_is_what_is_expected() -> None:
    costs = history({"EC2": [*STEADY, *[1000] * 4, 2500], "S3": [50] * 65})
    (spike,) = detect(costs, DAY)
    assert (spike.scope.service, spike.expected_cost) == ("EC2", 1000)


def test_a_peak_that_comes_every_five_days_is_not_a_spike() -> None:
    amounts = [150 if day % 5 == 0 else 100 for day in range(60)]
    assert detect(history({"EC2": [*amounts, 150], "S3": [900] * 61}), DAY) == []


def test_a_slow_leak_speaks_although_no_day_is_odd() -> None:
    steady = [100 + (day * 7 % 5) for day in range(90)]
    leak = [*steady, *[102 + 3 * day for day in range(15)]]
    spoken = []
    for length in range(86, len(leak) + 1):
        last = DAY + timedelta(days=length)
        costs = history({"RDS": leak[:length], "S3": [900] * length}, last)
        spoken += [spike.scope.service for spike in detect(costs, last)]
    assert spoken
    assert set(spoken) == {"RDS"}


def test_a_new_region_is_one_spike_though_no_series_of_it_matters_alone() -> None:
    old = {("1", "EC2", f"type-{n}", "eu-west-1"): [30 + n % 3] * 61 for n in range(6)}
    new = {("1", "EC2", "gpu", region): [2.5] for region in ("af-south-1", "ap-east-1", "me-south-1")}
    spike = detect(history({**old, **new}), DAY)[0]
    assert (spike.scope, spike.impact) == (Scope(account_id="1", service="EC2"), Decimal("7.5"))
    assert {part.usage_type for part in spike.contributors if part.delta} == {"gpu"}


def test_a_job_that_was_renamed_keeps_its_past() -> None:
    runs = daily(lambda day: 80 if day.toordinal() % 9 == 0 else 0, 200, DAY - timedelta(days=4))
    old = [*runs, *[None] * 4]
    costs = {("1", "Glue", "DPU", "r"): old, ("1", "Data Jobs", "DPU", "r"): [85], ("1", "EC2"): [900] * 204}
    assert detect(history(costs), DAY) == []
    del costs[("1", "Glue", "DPU", "r")]
    assert scopes(detect(history(costs), DAY)) == [Scope(account_id="1", service="Data Jobs")]


def test_a_plan_that_replaces_usage_is_not_a_spike() -> None:
    compute, plan = "Amazon Elastic Compute Cloud - Compute", "Savings Plans for AWS Compute usage"
    costs = {("1", compute): [*[300] * 60, 180], ("2", plan): [90], ("1", "S3"): [500] * 61}
    assert detect(history(costs), DAY) == []
    assert len(detect(history({**costs, ("1", compute): [300] * 61}), DAY)) == 1


def test_on_a_day_that_is_not_complete_yet_only_rises_count() -> None:
    costs = {f"S{n}": [*[100 + n] * 60, 0.8 * (100 + n)] for n in range(8)}
    assert detect(history(costs), DAY) == []
    assert scopes(detect(history({**costs, "S3": [*[103] * 60, 170]}), DAY)) == [
        Scope(account_id="1", service="S3")
    ]


def test_an_incident_speaks_again_only_when_it_grew_by_half() -> None:
    def spoken(second: float) -> int:
        return len(detect(history({"EC2": [*STEADY[1:], 200, second], "S3": [900] * 61}), DAY))

    assert (spoken(200), spoken(240), spoken(260)) == (0, 0, 1)


@pytest.mark.parametrize("names", [("1", "EC2", "box{}"), ("{}", "EC2")], ids=["usage-types", "accounts"])
def test_a_rise_of_many_alike_speaks_once_whichever_of_them_is_first(names: tuple[str, ...]) -> None:
    alike = {
        tuple(name.format(number) for name in names): [
            (100 if day < 60 else 150) + (day * 7 + number * 11) % 13 / 4 for day in range(66)
        ]
        for number in range(9)
    }
    costs = history(alike)
    spoken = [ago for ago in range(5, -1, -1) if detect(costs, DAY - timedelta(days=ago))]
    assert spoken == [5]


def test_month_start_fee_is_expected_in_the_third_month() -> None:
    first_of = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    support = daily(lambda day: 300 if day in first_of else 0, days=160, last=first_of[2])
    costs = history({"Support": support, "EC2": [200] * 160}, first_of[2])
    assert detect(costs, first_of[2]) == []
    assert scopes(detect(costs, first_of[0])) == [Scope(account_id="1", service="Support")]


@pytest.mark.parametrize(
    ("paid", "flagged"),
    [
        pytest.param([date(2025, 9, 30), date(2025, 8, 31)], False, id="month-end-in-two-months"),
        pytest.param([date(2025, 9, 29), date(2025, 8, 30)], False, id="within-one-day"),
        pytest.param([date(2025, 9, 30)], True, id="once-is-a-coincidence"),
        pytest.param([date(2025, 9, 12), date(2025, 8, 12)], True, id="another-day-of-the-month"),
    ],
)
def test_an_amount_that_came_at_this_time_of_earlier_months_is_expected(
    paid: list[date],
    flagged: bool,
) -> None:
    last = date(2026, 2, 28)
    amounts = daily(lambda day: 150 if day in [*paid, last] else 100, days=300, last=last)
    assert bool(detect(history({"EC2": amounts}, last), last)) == flagged


def test_a_job_that_runs_now_and_then_is_held_against_its_largest_run() -> None:
    def job(size: float) -> list[float]:
        runs = daily(
            lambda day: 80 if day.toordinal() % 9 == 0 and day < DAY - timedelta(days=65) else 0, 200
        )
        return [*runs[:-1], size]

    steady = [1000] * 200
    assert detect(history({"Glue": job(120), "EC2": steady}), DAY) == []
    assert scopes(detect(history({"Glue": job(160), "EC2": steady}), DAY)) == [
        Scope(account_id="1", service="Glue")
    ]


def test_a_new_service_is_judged_on_dollars_alone() -> None:
    spike = detect(history({"EC2": [100] * 61, "Bedrock": [40]}), DAY)[0]
    assert spike.scope == Scope(account_id="1", service="Bedrock")
    assert (spike.expected_cost, spike.impact_percent, spike.previous_cost) == (Decimal(0), None, Decimal(0))
    assert [gate.name for gate in spike.gates] == ["impact", "likelihood_percent"]


def test_a_renamed_service_is_not_a_spike() -> None:
    costs = {"Quick Suite": [100], "QuickSight": [*[100] * 60, None], "EC2": [500] * 61}
    assert detect(history(costs), DAY) == []


def test_a_migration_in_a_bill_of_two_series_is_not_a_spike() -> None:
    old, new = ("1", "EC2", "m5", "eu-west-1"), ("1", "EC2", "m7i", "eu-west-1")
    assert detect(history({old: [*STEADY, 0], new: [*[0] * 60, 101], "S3": [50] * 61}), DAY) == []


def test_a_service_that_moved_to_another_account_is_not_a_spike() -> None:
    costs = {("1", "RDS"): [*[100] * 60, None], ("2", "RDS"): [105], ("1", "EC2"): [500] * 61}
    assert detect(history(costs), DAY) == []


def test_a_renamed_service_that_also_doubled_is_a_spike_of_the_difference() -> None:
    costs = {"Quick Suite": [200], "QuickSight": [*[100] * 60, None], "EC2": [500] * 61}
    spike = detect(history(costs), DAY)[0]
    assert (spike.expected_cost, spike.impact) == money(100, 100)


def test_what_fell_at_the_same_time_is_shown_apart_and_is_no_part_of_the_impact() -> None:
    moved = {("1", "RDS"): [*[100] * 60, 10], ("2", "RDS"): [*[20] * 60, 250], ("1", "EC2"): [500] * 61}
    spike = detect(history(moved), DAY)[0]
    (fell,) = [gate.value for gate in spike.gates if gate.name == "fell_elsewhere"]
    assert fell == pytest.approx(90)
    assert spike.impact + Decimal(str(fell)) == Decimal(230)
    assert sum(part.delta for part in spike.contributors) == spike.impact
    before, after, delta = money(100, 10, -90)
    assert spike.fallen == (
        Contributor(account_id="1", service="RDS", before=before, after=after, delta=delta),
    )
    usual = detect(history({**moved, ("1", "RDS"): [100] * 61}), DAY)[0]
    assert not any(gate.name == "fell_elsewhere" for gate in usual.gates)
    assert not usual.fallen


def test_one_cause_is_one_spike() -> None:
    costs = {("1", "EC2"): [*STEADY, 300], ("2", "EC2"): [100] * 61, ("1", "S3"): [50] * 61}
    assert scopes(detect(history(costs), DAY)) == [Scope(account_id="1", service="EC2")]


def test_two_causes_are_two_spikes_the_largest_impact_first() -> None:
    costs = {"EC2": [*STEADY, 300], "S3": [*STEADY, 400]}
    spikes = detect(history(costs), DAY)
    assert [(spike.scope.service, spike.impact) for spike in spikes] == [
        ("S3", Decimal(300)),
        ("EC2", Decimal(200)),
    ]


def test_a_rise_spread_thinly_over_accounts_is_one_spike_of_the_service() -> None:
    # In no account more than $3, together $20: only the service can tell.
    costs = {(str(account), "Config"): [*[8] * 60, 10.5] for account in range(8)}
    spike = detect(history(costs), DAY)[0]
    assert spike.scope == Scope(service="Config")
    assert (spike.impact, len(spike.contributors)) == (Decimal(20), 6)
    assert spike.contributors[0].delta == Decimal("2.5")


def test_a_rise_spread_thinly_over_services_is_one_spike_of_the_total() -> None:
    spikes = detect(history({f"S{number}": [*[8] * 60, 10.5] for number in range(8)}), DAY)
    assert scopes(spikes) == [Scope()]


def test_a_broad_spike_beside_a_fine_one_counts_only_the_remainder() -> None:
    thin = {(str(account), "Config"): [*[8] * 60, 10.5] for account in range(8)}
    spikes = detect(history({**thin, ("9", "Config"): [*[8] * 60, 108]}), DAY)
    assert scopes(spikes) == [Scope(account_id="9", service="Config"), Scope(service="Config")]
    assert tuple(spike.impact for spike in spikes) == money(100, 20)
    whole = spikes[1]
    assert (whole.actual_cost, whole.expected_cost) == money(192, 172)
    assert sum(part.delta for part in whole.contributors) == 20
    assert "9" not in [part.account_id for part in whole.contributors]


def test_a_credit_does_not_hide_a_rise_in_another_service() -> None:
    costs = {"EC2": [*STEADY, 300], "Credits": [*[0] * 60, -500]}
    assert scopes(detect(history(costs), DAY)) == [Scope(account_id="1", service="EC2")]


def test_a_series_of_credits_is_no_spike_however_small_they_get() -> None:
    assert detect(history({"EC2": [1000] * 61, "Refunds": [*[-5] * 60, -4]}), DAY) == []


@pytest.mark.parametrize("days", [0, 1, 2, 5, 10, 13])
def test_too_little_history_is_no_verdict(days: int) -> None:
    assert detect(history({"EC2": [*[10] * days, 100_000]}), DAY) == []


def test_two_weeks_of_history_are_enough() -> None:
    assert len(detect(history({"EC2": [*[10] * 14, 100_000]}), DAY)) == 1


def test_old_history_before_a_long_gap_does_not_count() -> None:
    assert detect(history({"EC2": [*[10] * 200, *[None] * 30, *[10] * 5, 1000]}), DAY) == []


def test_a_day_without_any_row_is_unknown_and_not_zero() -> None:
    # Were the three missing Wednesdays zero, the median Wednesday would be.
    amounts = [None if ago in (7, 14, 21) else 100 for ago in range(60, 0, -1)]
    assert detect(history({"EC2": [*amounts, 100]}), DAY) == []
    spike = detect(history({"EC2": [*amounts, 200]}), DAY)[0]
    assert (spike.expected_cost, spike.typical_cost) == money(100, 100)


def test_an_absent_series_is_zero_on_a_day_that_others_have() -> None:
    costs = {"EC2": [*[None] * 60, 40], "S3": [100] * 61}
    assert detect(history(costs), DAY)[0].typical_cost == 0


def test_a_day_without_rows_has_no_spikes() -> None:
    assert detect(history({"EC2": [*STEADY, 900]}), DAY + timedelta(days=1)) == []


def test_later_days_are_ignored() -> None:
    earlier = history({"EC2": [*STEADY, 200]})
    later = history({"EC2": [5000] * 3}, DAY + timedelta(days=3))
    assert detect(pd.concat([earlier, later]), DAY) == detect(earlier, DAY)


def test_one_row_and_no_row_are_no_verdict() -> None:
    assert detect(history({"EC2": [5]}), DAY) == []
    assert detect(pd.DataFrame(columns=COLUMNS), DAY) == []


def test_the_day_may_be_a_timestamp_of_the_frame() -> None:
    costs = history({"EC2": [*STEADY, 200]})
    newest = pd.to_datetime(costs["usage_date"]).max()
    assert detect(costs, newest) == detect(costs, DAY) != []


def test_duplicates_of_a_key_are_added_up() -> None:
    halves = history({"EC2": [*[50] * 60, 150]})
    assert detect(pd.concat([halves, halves]), DAY) == detect(history({"EC2": [*STEADY, 300]}), DAY)


def test_huge_amounts_stay_exact() -> None:
    amount = "1000000000000000.123456"
    spike = detect(history({"EC2": [*[amount] * 60, "3000000000000000.654321"]}), DAY)[0]
    assert spike.actual_cost == Decimal("3000000000000000.654321")
    assert sum(part.delta for part in spike.contributors) == spike.impact


def test_decimals_are_added_without_rounding() -> None:
    costs = history({("1", "EC2", "a"): ["100"] * 60 + ["200.0000000001"], ("1", "EC2", "b"): ["0.1"] * 61})
    spike = detect(costs, DAY)[0]
    assert spike.scope == Scope(account_id="1", service="EC2", usage_type="a")
    assert spike.actual_cost == Decimal("200.0000000001")


def test_service_names_may_be_anything() -> None:
    names = ["é" * 3000, "名前 🚀", "'; DROP TABLE--", "\x1f\n", " "]
    spikes = detect(history({name: [*STEADY, 900] for name in names}), DAY)
    assert {spike.scope.service for spike in spikes} == set(names)


def test_rows_without_a_service_count_in_the_total_only() -> None:
    spikes = detect(history({"": [*STEADY, 900], "EC2": [50] * 61}), DAY)
    assert all(spike.scope == Scope() for spike in spikes)


@pytest.mark.parametrize("kind", ["float", "arrow", "timestamps", "absent names"])
def test_the_types_of_the_columns_do_not_matter(kind: str) -> None:
    costs = history({("1", "EC2", "", ""): [*STEADY, 250], ("2", "S3", "", ""): [9] * 61})
    expected = detect(costs, DAY)
    if kind == "float":
        costs["amount_usd"] = costs["amount_usd"].astype(float)
    elif kind == "arrow":
        costs = costs.convert_dtypes(dtype_backend="pyarrow")
    elif kind == "timestamps":
        costs["usage_date"] = pd.to_datetime(costs["usage_date"])
    else:
        costs[["usage_type", "region"]] = None
    assert detect(costs, DAY) == expected


def test_contributors_are_the_five_largest_rises_and_the_remainder() -> None:
    parts = {("1", "EC2", f"type-{n}", "eu-west-1"): [*[20] * 60, 20 + 10 * n] for n in range(8)}
    spike = detect(history(parts), DAY)[0]
    assert [part.usage_type for part in spike.contributors] == [f"type-{n}" for n in (7, 6, 5, 4, 3)] + [""]
    assert tuple(part.delta for part in spike.contributors) == money(70, 60, 50, 40, 30, 30)
    assert (spike.contributors[-1].before, spike.contributors[-1].after) == money(60, 90)


def test_equal_rises_are_ordered_by_name() -> None:
    parts = {("1", "EC2", name): [*[20] * 60, 50] for name in ("b", "c", "a")}
    assert [part.usage_type for part in detect(history(parts), DAY)[0].contributors] == ["a", "b", "c"]


def test_the_sensitivity_moves_the_margins_and_not_the_hard_limits() -> None:
    costs = history({"EC2": [*(100 + day * 7 % 13 for day in range(60)), 132]})
    assert detect(costs, DAY, DetectionSettings(sensitivity=1)) == []
    assert detect(costs, DAY, DetectionSettings(sensitivity=2)) != []
    assert detect(costs, DAY, DetectionSettings(sensitivity=2, min_impact=27)) == []
    assert detect(costs, DAY, DetectionSettings(sensitivity=2, min_impact_percent=27)) == []


def test_the_impact_must_matter_to_the_whole_bill() -> None:
    costs = history({"EC2": [10_000] * 61, "Glue": [*[10] * 60, 45]})
    assert detect(costs, DAY) == []
    assert detect(costs, DAY, DetectionSettings(min_impact_share_percent=0.3)) != []


def test_a_rise_below_the_millionth_is_no_spike() -> None:
    floors = DetectionSettings(min_impact=0, min_impact_share_percent=0, min_impact_percent=0)
    tiny = history({"EC2": [*["0.0000001"] * 60, "0.0000003"]})
    assert detect(tiny.assign(amount_usd=tiny["amount_usd"].astype(float)), DAY, floors) == []
    assert len(detect(tiny, DAY, floors)) == 1  # a Decimal is kept as it is


def test_the_rows_are_left_as_they_were() -> None:
    costs = history({"EC2": [*STEADY, 300]})
    before = costs.copy(deep=True)
    detect(costs, DAY)
    pd.testing.assert_frame_equal(costs, before)


def test_the_currency_is_the_callers() -> None:
    assert detect(history({"EC2": [*STEADY, 300]}), DAY, billing_currency="CNY")[0].billing_currency == "CNY"


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        pytest.param("amount_usd", float("nan"), "amount_usd is nan for 'EC2'", id="nan"),
        pytest.param("amount_usd", "a lot", "amount_usd holds 'a lot'", id="text-amount"),
        pytest.param("usage_date", None, "usage_date is empty in row 0", id="no-date"),
        pytest.param("usage_date", "soon", "usage_date holds 'soon'", id="text-date"),
        pytest.param("usage_date", 20_000, "usage_date holds .*20000", id="number-date"),
    ],
)
def test_a_bad_value_is_named(column: str, value: object, message: str) -> None:
    costs = history({"EC2": [1, 2, 3]})
    costs[column] = pd.Series([value, *costs[column][1:]], dtype=object)
    if column == "usage_date" and isinstance(value, int):
        costs[column] = value
    with pytest.raises(DataContractError, match=message):
        detect(costs, DAY)


def test_missing_columns_are_named() -> None:
    with pytest.raises(DataContractError, match=r"lack the columns \['service', 'amount_usd'\]"):
        detect(history({"EC2": [1]}).drop(columns=["service", "amount_usd"]), DAY)


@pytest.mark.parametrize("wrong", [{"sensitivity": 0}, {"min_impact": -1}, {"detector": "magic"}, {"k": 3}])
def test_settings_out_of_bounds_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DetectionSettings.model_validate(wrong)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in DetectionSettings.model_fields.values())
