"""Publishing to a real Prometheus: what it says of a day is what the warehouse says, however often it changes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costspike.adapters.prometheus.answers import SamplesRefused
from costspike.domain.errors import UpstreamError
from tests.prometheus_server import PrometheusServer, prometheus_server
from tests.usecases.pipeline import with_settings
from tests.usecases.publishing import YESTERDAY, Publisher, bill, days_ago, publisher, run_of_today
from tests.warehouses import duckdb_warehouse

NOON = 43_200


@pytest.fixture
def own(prometheus: PrometheusServer, tmp_path: Path) -> Iterator[Publisher]:
    with publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), prometheus) as found:
        yield found


def test_fourteen_months_stand_at_their_own_days(own: Publisher) -> None:
    costs = bill(425, services=5)
    own.land(costs)
    done = own.publish()
    assert (done.days, done.changed_days, done.refused) == (425, 425, [])
    for day in (YESTERDAY, days_ago(200), days_ago(424)):
        assert own.cost(day, "Service 3") == float(costs[day, "Service 3"])
        assert own.stamps(day, "Service 3") == [NOON]


def test_a_rerun_writes_nothing(own: Publisher) -> None:
    own.land(bill(60))
    assert own.publish().samples > 0
    again = own.publish()
    assert (again.days, again.changed_days, again.samples) == (60, 0, 0)


def test_a_restated_day_is_corrected_up_and_down_by_later_revisions(own: Publisher) -> None:
    day = days_ago(20)
    own.land(bill(60))
    own.publish()
    for cost, revision in (("999.5", 1), ("3.25", 2), ("10.5", 3)):
        own.land({(day, "Service 0"): cost, (day, "Service 1"): "20.020"})
        done = own.publish()
        assert (done.changed_days, own.cost(day, "Service 0")) == (1, float(cost))
        assert own.stamps(day, "Service 0")[-1] == NOON + revision
        assert own.stamps(day, "Service 1") == [NOON], "what did not change has no revision"
    assert own.publish().samples == 0


def test_a_vanished_row_costs_nothing_from_then_on(own: Publisher) -> None:
    own.land(bill(60))
    own.publish()
    own.land({(days_ago(3), "Service 0"): "10.003"})
    own.publish()
    assert own.cost(days_ago(3), "Service 1") == 0
    assert own.publish().samples == 0


def test_a_service_that_went_quiet_costs_zero_for_a_while_and_then_has_no_sample(own: Publisher) -> None:
    costs = {(days_ago(back), "Always"): "5" for back in range(50)} | {(days_ago(49), "Once"): "7"}
    own.land(costs)
    own.publish()
    assert own.cost(days_ago(49), "Once") == 7
    assert own.cost(days_ago(48), "Once") == own.cost(days_ago(19), "Once") == 0
    assert own.cost(days_ago(18), "Once") is None
    assert own.cost(days_ago(18), "Always") == 5


def test_the_rest_beyond_the_allowed_series_is_one_series(own: Publisher) -> None:
    own.settings = with_settings(prometheus={"max_series": 2})
    own.land({(YESTERDAY, f"Service {n}"): f"{n + 1}" for n in range(6)})
    own.publish()
    assert own.value("count(last_over_time(costspike_daily_cost_usd[1d]))", YESTERDAY) == 3
    assert own.value("sum(last_over_time(costspike_daily_cost_usd[1d]))", YESTERDAY) == 21
    other = 'last_over_time(costspike_daily_cost_usd{account="other", service="other"}[1d])'
    assert own.value(other, YESTERDAY) == 1 + 2 + 3 + 4


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('x"} or up{job="y', id="a matcher that ends early"),
        pytest.param("back\\slash", id="a backslash"),
        pytest.param('ends with \\"', id="an escaped quote"),
        pytest.param("Größe 数据 🚀", id="letters of other scripts"),
        pytest.param("x" * 1000, id="a very long name"),
    ],
)
def test_a_name_is_a_value_and_nothing_more(own: Publisher, name: str) -> None:
    own.land({(YESTERDAY, name): "12.5", (YESTERDAY, "Other"): "1"})
    own.publish()
    assert own.cost(YESTERDAY, name) == 12.5
    assert own.publish().samples == 0


def test_days_beyond_the_window_are_named_with_the_setting_that_takes_them(tmp_path: Path) -> None:
    with (
        prometheus_server(window="45d") as server,
        publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), server) as own,
    ):
        own.land(bill(100))
        done = own.publish()
        (refused,) = done.refused
        assert re.search(r"storage\.tsdb\.out_of_order_time_window to 10[12]d \(it is 45d\)", refused)
        assert "promtool" in refused
        assert done.changed_days in {44, 45}, "whether noon is over decides"
        assert own.cost(days_ago(40), "Service 0") == 10.040
        assert own.cost(days_ago(60), "Service 0") is None
        again = own.publish()
        assert (again.samples, len(again.refused)) == (0, 1)


def test_without_a_window_the_newest_day_is_refused_and_the_setting_named(tmp_path: Path) -> None:
    with (
        prometheus_server(window="") as server,
        publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), server) as own,
    ):
        own.land(bill(10))
        with pytest.raises(SamplesRefused, match=r"set storage\.tsdb\.out_of_order_time_window to 1[12]d"):
            own.publish()


def test_days_that_the_server_would_delete_are_not_written(tmp_path: Path) -> None:
    with (
        prometheus_server(retention="15d") as server,
        publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), server) as own,
    ):
        own.land(bill(100))
        done = own.publish()
        (refused,) = done.refused
        assert re.search(r"--storage\.tsdb\.retention\.time to 10[12]d or more", refused)
        assert 10 <= done.changed_days <= 13
        assert own.publish().samples == 0


def test_a_server_without_receiver_is_told_how_to_get_one(tmp_path: Path) -> None:
    with (
        prometheus_server(receiver=False) as server,
        publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), server) as own,
    ):
        own.land(bill(5))
        with pytest.raises(SamplesRefused, match=r"--web\.enable-remote-write-receiver"):
            own.publish()


def test_a_server_that_goes_down_in_the_middle_is_caught_up_with_later(
    prometheus: PrometheusServer, own: Publisher
) -> None:
    own.land(bill(60))
    dying = own.client.write
    written = 0

    def write(samples: Any) -> None:
        nonlocal written
        written += 1
        if written == 20:
            prometheus.stop()
        dying(samples)

    own.client.write = write  # type: ignore[method-assign]
    with pytest.raises(UpstreamError, match="cannot be reached through the connection 'prometheus_default'"):
        own.publish()
    prometheus.start()
    own.client.write = dying  # type: ignore[method-assign]
    assert own.publish().changed_days == 60 - 19
    assert own.publish().samples == 0
    assert own.stamps(YESTERDAY, "Service 0") == [NOON]


def test_what_cannot_be_read_back_is_an_error_not_a_success(own: Publisher) -> None:
    own.land(bill(3))
    own.client.write = lambda samples: None  # type: ignore[method-assign] # noqa: ARG005
    with pytest.raises(UpstreamError, match="were written and cannot be read"):
        own.publish()
    assert sum(own.slept) == own.settings.prometheus.read_back_seconds


def test_a_dry_run_writes_nothing(own: Publisher) -> None:
    own.land(bill(3))
    assert own.publish(run_of_today(dry_run=True)).samples == 0
    assert own.cost(YESTERDAY, "Service 0") is None
