"""Landing at both grains, and choosing between them."""

from decimal import Decimal

from tests.usecases.land_cases import Over, fine_world, reading
from tests.usecases.pipeline import YESTERDAY


def test_the_finer_grain_lands_usage_types_and_regions_of_every_account(over: Over) -> None:
    day = over(fine_world(), settings=reading("account_service_usage_type"))
    day.land()
    stored = day.rows(
        "SELECT sub_account_name, sku_meter, region_id, billed_cost FROM cloud_costs "
        f"WHERE charge_period_start = DATE '{YESTERDAY}' AND x_charge_type = 'Usage' ORDER BY 1, 2"
    )
    assert stored == [
        (name, *part)
        for name in ("account 0", "account 1")
        for part in (
            ("EUC1-BoxUsage", "eu-central-1", Decimal(5)),
            ("Requests", "", Decimal(1)),
            ("USE1-BoxUsage", "us-east-1", Decimal(10)),
        )
    ]
    assert day.check()


def test_a_new_account_is_found_at_the_finer_grain(over: Over) -> None:
    day = over(fine_world(), settings=reading("account_service_usage_type"))
    day.land()
    new = "9" * 12
    day.world.add_rows([(YESTERDAY, new, "EC2", "USE1-x", "", "Usage", "7", "7", None, "1", "Hrs", "USD")])
    day.clock.pass_by(hours=1)
    day.land()
    assert day.rows(f"SELECT billed_cost FROM cloud_costs WHERE sub_account_id = '{new}'") == [(Decimal(7),)]
    assert day.check()


def test_auto_is_the_finer_grain_while_it_is_affordable(over: Over) -> None:
    day = over(fine_world(3), settings=reading("auto", daily="0.30"))
    day.land()
    assert day.rows("SELECT DISTINCT x_grain FROM cloud_cost_totals") == [("account_service_usage_type",)]


def test_auto_is_the_coarser_grain_where_the_finer_one_is_too_dear(over: Over) -> None:
    day = over(fine_world(30), settings=reading("auto", daily="0.20"))
    done = day.land()
    assert day.rows("SELECT DISTINCT x_grain FROM cloud_cost_totals") == [("account_service",)]
    assert YESTERDAY in day.tables.landed_days()
    assert done.requests <= 20 + 10


def test_a_change_of_the_grain_is_no_restatement(over: Over) -> None:
    day = over(fine_world(), settings=reading())
    day.land()
    day.settings = reading("account_service_usage_type")
    day.clock.pass_by(hours=1)
    assert day.land().restated_days == []
    assert day.rows("SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]
