"""``python -m demo.preview`` on a warehouse, as ``make preview`` calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from costspike.adapters.warehouse.health import HealthTables
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.errors import UpstreamError
from demo.preview import _database, _previews
from demo.servers.slack_blocks import block_problems
from tests.cost_pages import DAY
from tests.postgres_server import PostgresServer
from tests.spike_cases import spike
from tests.usecases.pipeline import YESTERDAY, Pipeline, pipeline, steady_world, with_settings
from tests.verdicts import store
from tests.warehouses import duckdb_warehouse, postgres_warehouse

pytestmark = pytest.mark.enable_socket

PROJECT = Path(__file__).parents[1]
SPIKE = {(YESTERDAY, "S3"): "320"}
Preview = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Pipeline]:
    settings = with_settings(alerts={"channel": "C0COSTS"}, reading={"history_months": 1})
    # Not held open, as pipelines of other tests are: the command is a process of its own.
    warehouse = duckdb_warehouse(tmp_path / "costs.duckdb")
    with pipeline(tmp_path, steady_world(spikes=SPIKE), database=warehouse, settings=settings) as made:
        made.land()
        made.check()
        yield made


@pytest.fixture
def preview(tmp_path: Path) -> Preview:
    def run(asked: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "demo.preview", asked),
                *("--warehouse", str(tmp_path / "costs.duckdb"), "--out", str(tmp_path / "pages"), *options),
            ],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def test_a_sent_alert_is_shown_in_every_form_and_nothing_changes(
    day: Pipeline, preview: Preview, tmp_path: Path
) -> None:
    (item,) = day.detect()
    day.send(item)
    before = (tmp_path / "costs.duckdb").read_bytes()
    done = preview(str(YESTERDAY))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as it was sent or last tried" in done.stdout
    assert f"text: {day.messages[0]['text']}" in done.stdout
    page = tmp_path / "pages" / f"{YESTERDAY}.html"
    assert "+$300" in page.read_text(encoding="utf-8")
    assert str(page) in done.stdout
    assert (tmp_path / "costs.duckdb").read_bytes() == before


def test_blocks_can_be_had_alone_and_are_those_that_slack_has(day: Pipeline, preview: Preview) -> None:
    (item,) = day.detect()
    day.send(item)
    done = preview(item["spike_ids"][0], "--form", "blocks")
    blocks = json.loads(done.stdout)["blocks"]
    assert blocks == day.messages[0]["blocks"]
    assert block_problems(blocks) == []


def test_an_alert_that_was_never_tried_is_shown_as_it_would_be_sent(day: Pipeline, preview: Preview) -> None:
    (item,) = day.detect()
    done = preview(item["message_key"], "--form", "text")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pending; as it would be sent now" in done.stdout
    assert "+$300.00" in done.stdout
    day.send(item)
    assert day.messages[0]["text"] in done.stdout


def test_a_short_message_is_shown_with_its_details_in_its_thread(
    day: Pipeline, preview: Preview, tmp_path: Path
) -> None:
    day.settings = with_settings(
        day.settings,
        alerts={"least_full_severity": "P1"},
        severity={"p1_impact": 10**6, "p1_share_impact": 10**6},
    )
    (item,) = day.detect()
    day.send(item)
    assert len(day.messages) == 2
    done = preview(str(YESTERDAY))
    first, details = (line for line in done.stdout.splitlines() if "as it was sent" in line)
    assert first.endswith("first_notification, 2026-11-23, C0COSTS, sent; as it was sent or last tried")
    assert details.endswith("details, 2026-11-23, C0COSTS, sent; as it was sent or last tried, in the thread")
    page = (tmp_path / "pages" / f"{YESTERDAY}.html").read_text(encoding="utf-8")
    assert page.index('class="message"') < page.index('class="message answer"')


def test_one_that_slack_refused_is_shown_as_it_was_tried(day: Pipeline, preview: Preview) -> None:
    (item,) = day.detect()
    day.slack_server.faults.push("error", method="chat.postMessage", error="is_archived")
    with pytest.raises(UpstreamError):
        day.send(item)
    assert "pending; as it was sent or last tried" in preview(item["message_key"]).stdout


def test_a_heartbeat_that_was_not_sent_yet_has_nothing_to_show(day: Pipeline, preview: Preview) -> None:
    HealthTables(day.database).announce(
        "heartbeat-x", "heartbeat", day=YESTERDAY, channel="C0COSTS", now=day.clock()
    )
    done = preview("heartbeat-x")
    assert done.returncode == 1
    assert "there is nothing to show" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("asked", ["2020-01-01", "no such key", "' OR 1=1 --"])
def test_what_is_not_there_is_told_without_a_traceback(day: Pipeline, preview: Preview, asked: str) -> None:
    day.detect()
    done = preview(asked)
    assert done.returncode == 1
    assert "the outbox holds no message of" in done.stdout
    assert done.stderr == ""


def test_a_file_that_is_no_warehouse_is_told(preview: Preview, tmp_path: Path) -> None:
    assert "cannot be read" in preview("x").stdout
    duckdb.connect(str(tmp_path / "costs.duckdb")).close()
    done = preview("x")
    assert "cannot be read (CatalogException" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_a_postgres_warehouse_is_opened_so_that_it_refuses_changes(postgres: PostgresServer) -> None:
    server = postgres.new_database()
    store(SpikeTables(postgres_warehouse(server)), DAY, [spike("a", "30")])
    address = server.sqlalchemy_url.replace("+psycopg2", "")
    short, full = _previews(str(DAY), address)
    assert short.stored == full.stored
    assert short.stored.state == "pending"
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        _database(address).transaction() as tx,
    ):
        tx.cursor.execute("DELETE FROM spike_alerts")
