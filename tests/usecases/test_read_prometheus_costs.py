"""72 days of three kinds of exporters in a real Prometheus, with what goes wrong in a quarter of a year."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from costspike.adapters.prometheus.cost_days import CostDays
from costspike.domain.day_metrics import Key
from costspike.domain.errors import DataContractError
from costspike.domain.metric_revisions import day_start
from costspike.domain.prometheus_source import (
    PrometheusSourceSettings,
    cost_expression,
    is_last_of_month,
    moments,
)
from tests.exporters import (
    DAY,
    GAUGE,
    HOUR,
    METER,
    RATE,
    Bill,
    Scrapes,
    bill,
    gauge,
    gone,
    meter,
    rate,
    tenfold,
    zero,
)
from tests.prometheus_server import PrometheusServer, prometheus_server

DAYS = 72
TODAY = datetime.now(UTC).date()
FIRST = TODAY - timedelta(days=DAYS + 3)
NOW = datetime.now(UTC)
SPIKE, CREDIT = 40, 50
EC2 = bill(FIRST, DAYS, spike=SPIKE, credit=CREDIT)
S3 = Bill(FIRST, tuple(30.0 for _ in range(DAYS)))
END = day_start(FIRST) + DAYS * DAY + 2 * DAY


def scrapes() -> list[Scrapes]:
    """Return every series, each with faults at the moments at which a day is read."""
    found = []
    for service, own in (("EC2", EC2), ("S3", S3)):
        labels = (("dimension_Currency", "USD"), ("dimension_ServiceName", service))
        found += [
            Scrapes(Key(METER, labels), lambda at, own=own: meter(own, at)),
            Scrapes(
                Key(GAUGE, (("Publisher", "1"), ("ServiceName", service))), lambda at, own=own: gauge(own, at)
            ),
            Scrapes(Key(RATE, (("instance_type", service),)), lambda at, own=own: rate(own, at)),
        ]
    for series in found:
        # What happens to a gauge and a meter shortly before they are read: midnight, and eight hours later.
        for at in (0, 8 * HOUR):
            for day, seconds, fault in (
                (10, 4 * HOUR, gone),
                (20, 900, zero),
                (25, 900, tenfold),
                (30, 1800, gone),
            ):
                if series.key.name != RATE:
                    series.fault(day_start(FIRST) + day * DAY + at - seconds, seconds, fault)
        if series.key.name == RATE:
            series.fault(day_start(FIRST) + 12 * DAY + 5 * HOUR, HOUR // 2, gone)
    return found


@pytest.fixture(scope="module")
def filled() -> Iterator[PrometheusServer]:
    with prometheus_server() as server, server.client() as client:
        for series in scrapes():
            client.write(series.samples(day_start(FIRST), END))
        yield server


def read(
    server: PrometheusServer, preset: str, day: date, now: datetime = NOW, **changes: object
) -> dict[str, float] | None:
    asked = cost_expression(PrometheusSourceSettings(preset=preset, **changes))
    with server.client() as client:
        found = CostDays(client, asked).read(day, now)
    return {service: cost for (_, service), cost in found.costs.items()} if found else None


def wrong_days(server: PrometheusServer, preset: str, own: Bill = EC2, service: str = "EC2") -> list[date]:
    """Return the days that are off by more than two percent, or are not there."""
    wrong = []
    for day in own.days:
        found = (read(server, preset, day) or {}).get(service)
        if found is None or abs(found - own.cost(day)) > 0.02 * abs(own.cost(day)):
            wrong.append(day)
    return wrong


def test_a_daily_gauge_is_right_on_every_day(filled: PrometheusServer) -> None:
    assert wrong_days(filled, "electrolux") == []


def test_an_hourly_rate_is_right_on_every_day(filled: PrometheusServer) -> None:
    assert wrong_days(filled, "opencost") == []


def test_a_month_to_date_is_short_at_month_ends_and_nowhere_else(filled: PrometheusServer) -> None:
    wrong = wrong_days(filled, "yace")
    ends = [day for day in EC2.days if is_last_of_month(day)]
    # The meter's first day has no reading at its beginning, unless it is the first of a month.
    begins = [EC2.days[0]] if EC2.days[0].day != 1 else []
    assert set(wrong) <= {*ends, *begins}
    assert len(wrong) <= 3 + len(begins)
    for day in ends:
        (found,) = [cost for name, cost in (read(filled, "yace", day) or {}).items() if name == "EC2"]
        assert 0 < EC2.cost(day) - found < 60, "what accrues after the month's last update is never shown"


def test_a_spike_and_a_credit_are_seen_by_each_kind(filled: PrometheusServer) -> None:
    for preset in ("yace", "electrolux", "opencost"):
        for at in (SPIKE, CREDIT):
            day = EC2.days[at]
            if preset == "yace" and is_last_of_month(day):
                continue
            assert (read(filled, preset, day) or {})["EC2"] == pytest.approx(EC2.cost(day)), (preset, at)


def test_a_gauge_that_still_shows_the_day_is_provisional(filled: PrometheusServer) -> None:
    day = EC2.days[60]
    asked = cost_expression(PrometheusSourceSettings(preset="electrolux"))
    morning = datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1)
    with filled.client() as client:
        found = CostDays(client, asked).read(day, morning)
        assert found is not None
        assert found.provisional
        assert found.costs["1", "EC2"] < EC2.cost(day)
        final = CostDays(client, asked).read(day, morning + timedelta(days=1))
        assert final is not None
        assert not final.provisional


def test_a_day_is_not_read_before_it_is_there(filled: PrometheusServer) -> None:
    day = EC2.days[60]
    for preset, hours in (("yace", 8), ("electrolux", 1), ("opencost", 0)):
        when = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, hours=hours)
        assert read(filled, preset, day, when - timedelta(seconds=1)) is None
        assert read(filled, preset, day, when) is not None


def test_a_long_outage_leaves_days_unknown_and_makes_no_spike(prometheus: PrometheusServer) -> None:
    own = Scrapes(
        Key(METER, (("dimension_Currency", "USD"), ("dimension_ServiceName", "EC2"))),
        lambda at: meter(EC2, at),
    )
    dark = next(day for day in EC2.days[5:] if 10 <= day.day <= 20)
    own.fault(day_start(dark), 3 * DAY, gone)
    with prometheus.client() as client:
        client.write(own.samples(day_start(FIRST), END))
    found = {n: read(prometheus, "yace", dark + timedelta(days=n)) for n in range(-2, 6)}
    assert [n for n, costs in found.items() if costs is None] == [-1, 0, 1, 2]
    assert all(cost < 400 for costs in found.values() if costs for cost in costs.values())


def test_a_meter_that_was_not_scraped_for_hours_before_it_is_read_says_nothing(
    prometheus: PrometheusServer,
) -> None:
    labels = (("dimension_Currency", "USD"), ("dimension_ServiceName", "EC2"))
    own = Scrapes(Key(METER, labels), lambda at: meter(EC2, at))
    day = next(day for day in EC2.days[5:] if 10 <= day.day <= 20)
    own.fault(day_start(day) + DAY + 4 * HOUR, 5 * HOUR, gone)
    with prometheus.client() as client:
        client.write(own.samples(day_start(FIRST), END))
    known = [read(prometheus, "yace", day + timedelta(days=n)) is not None for n in range(-1, 3)]
    assert known == [True, False, False, True]


def test_a_service_that_the_exporter_lost_for_some_days_is_not_taken_for_a_new_one(
    prometheus: PrometheusServer,
) -> None:
    lost = next(day for day in EC2.days[5:] if 10 <= day.day <= 20)
    with prometheus.client() as client:
        for service, own in (("EC2", EC2), ("S3", S3)):
            series = Scrapes(
                Key(METER, (("dimension_Currency", "USD"), ("dimension_ServiceName", service))),
                lambda at, own=own: meter(own, at),
            )
            if service == "S3":
                series.fault(day_start(lost), 2 * DAY, gone)
            client.write(series.samples(day_start(FIRST), END))
    found = [read(prometheus, "yace", lost + timedelta(days=n)) or {} for n in range(-2, 4)]
    assert [costs.get("S3") for costs in found] == [
        pytest.approx(30),
        None,
        None,
        None,
        pytest.approx(30),
        pytest.approx(30),
    ]
    assert all("EC2" in costs for costs in found)


def test_a_service_that_is_new_in_the_month_counts_from_nothing(prometheus: PrometheusServer) -> None:
    begin = next(day for day in EC2.days[5:] if 10 <= day.day <= 20)
    new = Bill(begin, tuple(50.0 for _ in range(5)))
    with prometheus.client() as client:
        for service, own, start in (("EC2", EC2, FIRST), ("New", new, begin)):
            key = Key(METER, (("dimension_Currency", "USD"), ("dimension_ServiceName", service)))
            series = Scrapes(key, lambda at, own=own: meter(own, at))
            # A service appears in the bill with its first update that has a cost.
            client.write(series.samples(day_start(start) + (0 if start == FIRST else 12 * HOUR), END))
    assert (read(prometheus, "yace", begin) or {})["New"] == pytest.approx(50)


def test_a_rate_with_hours_missing_is_no_day(prometheus: PrometheusServer) -> None:
    series = Scrapes(Key(RATE, (("instance_type", "m5"),)), lambda at: rate(EC2, at))
    day = EC2.days[10]
    series.fault(day_start(day) + HOUR, 6 * HOUR, gone)
    with prometheus.client() as client:
        client.write(series.samples(day_start(FIRST), END))
    assert read(prometheus, "opencost", day) is None
    assert read(prometheus, "opencost", EC2.days[11]) == {"m5": pytest.approx(EC2.cost(EC2.days[11]))}


def test_two_series_of_one_scope_are_refused(filled: PrometheusServer) -> None:
    with pytest.raises(DataContractError, match="two series"):
        read(filled, "custom", EC2.days[3], kind="daily_gauge", expr=f"last_over_time({GAUGE}[6h])")


def test_what_is_no_number_is_refused(filled: PrometheusServer) -> None:
    with pytest.raises(DataContractError, match="expected a number"):
        read(
            filled, "custom", EC2.days[3], kind="daily_stamped", expr=f"max(last_over_time({GAUGE}[6h])) / 0"
        )


def test_names_come_from_labels_or_from_the_settings(filled: PrometheusServer) -> None:
    asked = cost_expression(
        PrometheusSourceSettings(
            preset="custom",
            kind="daily_gauge",
            expr=f"sum(last_over_time({GAUGE}[6h]))",
            account_id="42",
            service_name="All",
        )
    )
    with filled.client() as client:
        found = CostDays(client, asked).read(EC2.days[3], NOW)
    assert found is not None
    assert found.costs == {("42", "All"): pytest.approx(EC2.cost(EC2.days[3]) + 30)}


def test_days_begin_by_the_exporters_clock_through_a_change_of_time() -> None:
    asked = cost_expression(PrometheusSourceSettings(preset="yace", timezone="Europe/Berlin"))
    # The clock goes back on 25 October 2026: the day has 25 hours.
    before, after = (moments(asked, date(2026, 10, day)).final for day in (24, 25))
    assert after - before == timedelta(hours=25)
    assert after == datetime(2026, 10, 25, 23, tzinfo=UTC) + timedelta(hours=8)
