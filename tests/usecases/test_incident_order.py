"""The incidents are a function of the days that were judged, not of the order in which they were."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.usecases.pipeline import (
    DEV,
    PROD,
    TODAY,
    Pipeline,
    pipeline,
    steady_world,
    usage_row,
    with_settings,
)

ONE_DAY = timedelta(days=1)
JUDGED = [TODAY - n * ONE_DAY for n in range(9, 0, -1)]
# A level shift, a spike within it, another cause that is over, one that begins on the last day.
RISES: dict[tuple[int, str, str], str] = {
    **{(number, PROD, "S3"): "320" for number in range(1, 9)},
    (4, PROD, "S3"): "2000",
    (0, DEV, "EC2"): "530",
    (1, DEV, "EC2"): "530",
    (8, PROD, "EC2"): "700",
}
INCIDENTS = "SELECT * FROM incidents ORDER BY incident_id"
SPIKES = "SELECT spike_id, incident_id, impact FROM cost_spikes ORDER BY spike_id"
TABLES = ("cost_spikes", "withdrawn_spikes", "judged_days", "incidents", "spike_alerts")


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Return a pipeline whose warehouse holds every day, and no verdict."""
    world = steady_world()
    rows = [row for row in world.rows() if row.day < JUDGED[0]]
    world.set_rows(rows)
    for number, day in enumerate(JUDGED):
        for account, service, usual in ((PROD, "EC2", "100"), (PROD, "S3", "20"), (DEV, "EC2", "30")):
            cost = RISES.get((number, account, service), usual)
            world.add_rows([usage_row(day, account, service, cost)])
    with ExitStack() as stack:
        quiet = with_settings(reading={"history_months": 2, "restated_days": 3}, incidents={"quiet_days": 2})
        made = stack.enter_context(pipeline(tmp_path_factory.mktemp("order"), world, settings=quiet))
        made.land(made.run(TODAY - ONE_DAY))
        yield made


def judged(day: Pipeline, order: list[int], run_type: str) -> tuple[list[tuple[Any, ...]], ...]:
    with day.database.transaction() as tx:
        for table in TABLES:
            tx.cursor.execute(f"DELETE FROM {table}")
    for number in order:
        day.detect(day.run(JUDGED[number], run_type=run_type))
    return day.rows(INCIDENTS), day.rows(SPIKES)


@pytest.fixture(scope="module")
def in_order(landed: Pipeline) -> tuple[list[tuple[Any, ...]], ...]:
    return judged(landed, list(range(len(JUDGED))), "backfill")


def test_there_is_something_to_put_in_order(in_order: tuple[list[tuple[Any, ...]], ...]) -> None:
    incidents, spikes = in_order
    assert sorted(row[1] for row in incidents) == ["ongoing", "open", "resolved"]
    assert len(spikes) > len(incidents)


@given(
    order=st.permutations(range(len(JUDGED))),
    again=st.lists(st.integers(0, len(JUDGED) - 1), max_size=3),
    run_type=st.sampled_from(["scheduled", "backfill", "manual"]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_runs_gives_the_same_incidents(
    landed: Pipeline,
    in_order: tuple[list[tuple[Any, ...]], ...],
    order: list[int],
    again: list[int],
    run_type: str,
) -> None:
    assert judged(landed, [*order, *again], run_type) == in_order


def test_a_restated_day_gives_the_incidents_that_it_would_have_given_at_once(tmp_path: Path) -> None:
    day, found = JUDGED[3], []
    for folder, factor in (("late", "0.0625"), ("once", "1")):
        (tmp_path / folder).mkdir()
        world = steady_world(spikes={(day, "S3"): "320" if folder == "late" else "20"})
        with pipeline(
            tmp_path / folder, world, settings=with_settings(reading={"history_months": 2})
        ) as made:
            made.whole_day(made.run(day))
            world.restate(day, PROD, "S3", Decimal(factor))
            made.clock.pass_by(hours=1)
            made.whole_day()
            found.append(made.rows("SELECT x_state, impact FROM incidents WHERE spikes > 0"))
            if folder == "late":
                assert made.rows("SELECT x_state, impact, withdrawn_impact FROM incidents") == [
                    ("corrected", 0, 300)
                ]
    assert found[0] == found[1] == []
