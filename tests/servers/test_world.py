"""The demo's organisation."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from costspike.domain.detection import detect
from demo.world import World

TODAY = date(2026, 11, 24)
USAGE = {"Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"}


@pytest.fixture(scope="module")
def world() -> World:
    return World.demo(TODAY)


def test_it_ends_yesterday_and_begins_thirteen_months_back(world: World) -> None:
    assert (world.days[0], world.days[-1]) == (date(2025, 10, 1), date(2026, 11, 23))
    assert len(world.days) == (TODAY - world.days[0]).days


def test_a_past_day_reads_the_same_tomorrow(world: World) -> None:
    tomorrow = World.demo(TODAY + timedelta(days=1))
    day = TODAY - timedelta(days=40)
    assert tomorrow.rows_of(day) == world.rows_of(day)


def test_the_unfinished_month_is_estimated(world: World) -> None:
    assert world.estimated_from == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("today", "since"),
    [
        pytest.param(date(2026, 12, 3), date(2026, 11, 1), id="the month before is not closed yet"),
        pytest.param(date(2026, 12, 6), date(2026, 12, 1), id="it is closed"),
    ],
)
def test_a_month_closes_on_its_fifth_day_after(today: date, since: date) -> None:
    assert World.demo(today).estimated_from == since


def test_what_is_planted_lies_in_the_last_three_weeks_and_costs_what_it_says(world: World) -> None:
    usual = usual_costs(world)
    for incident in world.incidents:
        assert TODAY - timedelta(days=21) <= incident.first_day <= incident.last_day < TODAY
        rows = [r for r in world.rows_of(incident.first_day) if r.usage_type == incident.usage_type]
        cost = sum(
            r.amortized for r in rows if (r.account_id, r.service) == (incident.account_id, incident.service)
        )
        if incident.usd_per_day:
            before: Decimal = usual[incident.account_id, incident.service, incident.usage_type]
            assert abs(cost - before - incident.usd_per_day) < before * Decimal("0.5") + 1, incident.name
        else:
            assert cost > 0, incident.name
    assert [i.to_be_found for i in world.incidents].count(True) == 3


def usual_costs(world: World) -> defaultdict[tuple[str, str, str], Decimal]:
    costs: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in world.rows_of(TODAY - timedelta(days=22)):
        costs[row.account_id, row.service, row.usage_type] += row.amortized
    return costs


def test_commitments_even_out_over_a_month(world: World) -> None:
    # Cash and amortized cost differ by day, but a whole month of plan and reservation costs the same.
    october = [r for r in world.rows() if r.day.year == 2026 and r.day.month == 10]
    assert abs(sum((r.unblended - r.amortized for r in october), Decimal())) < Decimal("1e-6")
    first = [r for r in october if r.day.day == 1]
    assert sum((r.unblended - r.amortized for r in first), Decimal()) > 1000


def test_every_kind_of_charge_is_on_the_bill(world: World) -> None:
    kinds = Counter(r.record_type for r in world.rows())
    assert kinds["Tax"] == kinds["Fee"] == kinds["RIFee"] == 14
    assert kinds["Refund"] == 1
    assert kinds["Credit"] > 50
    assert all(
        r.unblended < 0 for r in world.rows() if r.record_type in {"Credit", "Refund", "SavingsPlanNegation"}
    )


def test_weekends_are_quieter(world: World) -> None:
    def cost(day: date) -> Decimal:
        return sum((r.amortized for r in world.rows_of(day) if r.record_type in USAGE), Decimal())

    saturday = date(2026, 10, 17)
    assert cost(saturday) < cost(saturday - timedelta(days=1)) * Decimal("0.92")


def test_the_move_between_instance_families_costs_nothing(world: World) -> None:
    move = next(i for i in world.incidents if not i.usd_per_day)
    types = {r.usage_type for r in world.rows_of(move.first_day) if r.account_id == move.account_id}
    before = {r.usage_type for r in world.rows_of(move.first_day - timedelta(days=1))}
    assert move.usage_type in types
    assert move.usage_type not in before
    assert "EU-BoxUsage:m5.xlarge" in before - types


def test_the_detector_finds_what_is_to_be_found_and_nothing_else(world: World) -> None:
    names = ["usage_date", "account_id", "service", "usage_type", "region", "amount_usd"]
    rows = [(*r[:5], float(r.amortized)) for r in world.rows() if r.record_type in USAGE]
    costs = pd.DataFrame(rows, columns=names)
    days = [TODAY - timedelta(days=n) for n in range(21, 0, -1)]

    found = {(day, s.scope.account_id, s.scope.service) for day in days for s in detect(costs, day)}
    wanted = {(i.first_day, i.account_id, i.service) for i in world.incidents if i.to_be_found}
    assert found == wanted
