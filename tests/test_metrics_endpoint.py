"""/costspike/metrics: closed without a token, right for every worker, and read by a real Prometheus."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from costspike.adapters.warehouse.current import CurrentState
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.spending import Spending
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.errors import WarehouseBusy
from costspike.domain.prometheus_settings import PrometheusSettings
from costspike.domain.spikes import Scope
from costspike.metrics_endpoint import CACHE_SECONDS, Cached, metrics_app
from costspike.rendering.open_metrics import Family
from costspike.usecases.current_metrics import current_metrics
from tests.prometheus_server import prometheus_server, promtool
from tests.spike_cases import spike
from tests.usecases.publishing import ACCOUNT, NOW, YESTERDAY, Publisher, bill, run_of_today
from tests.verdicts import store
from tests.warehouses import duckdb_warehouse

TOKEN = "token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = PrometheusSettings()


def filled(database: Database) -> Database:
    """Return a warehouse with ten days, an open incident and a paid request."""
    own = Publisher(database, None)  # type: ignore[arg-type]
    own.land(bill(10) | {(YESTERDAY, 'odd "name"\\'): "3.5"})
    scope = Scope(account_id=ACCOUNT, service="Service 0")
    store(
        SpikeTables(database), YESTERDAY, [spike("Service 0", "300", YESTERDAY, scope=scope)], detected_at=NOW
    )
    spending = Spending(database)
    spending.add(run_of_today(), "daily", 6)
    spending.record(spending.summarize(run_of_today(), outcome="success", source="cost_explorer"))
    return database


def app_of(database: Database, token: str = TOKEN) -> FastAPI:
    state = CurrentState(database, "cost_explorer")
    return metrics_app(Cached(lambda: token), Cached(lambda: current_metrics(state, SETTINGS)))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_the_newest_day_and_operations_are_told(database: Database) -> None:
    with TestClient(app_of(filled(database))) as client:
        answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = lines(answer.text)
    assert f'costspike_latest_day_cost_usd{{account="{ACCOUNT}",service="Service 1"}} 20' in told
    assert f'costspike_latest_day_cost_usd{{account="{ACCOUNT}",service="odd \\"name\\"\\\\"}} 3.5' in told
    assert 'costspike_open_incidents{severity="P1"} 1' in told
    assert 'costspike_open_incidents{severity="P4"} 0' in told
    assert 'costspike_undelivered_alerts{reason="waiting"} 1' in told
    assert 'costspike_api_requests_total{purpose="daily"} 6' in told
    assert "costspike_alerts_sent_total 0" in told
    assert {line.split("} ")[0] for line in told if "last_success" in line} == {
        'costspike_last_success_timestamp_seconds{step="land_costs"',
        'costspike_last_success_timestamp_seconds{step="run"',
    }
    done = promtool("check", "metrics", text=answer.text)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_warehouse_has_metrics_too(database: Database) -> None:
    with TestClient(app_of(database)) as client:
        told = lines(client.get("/metrics", headers=BEARER).text)
    assert "costspike_alerts_sent_total 0" in told
    assert not any("latest_day" in line for line in told)


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer ü"}]
)
def test_nobody_is_let_in_without_the_token(tmp_path: Path, header: dict[str, str]) -> None:
    app = app_of(duckdb_warehouse(tmp_path / "costs.duckdb"))
    encoded = {name.encode(): value.encode() for name, value in header.items()}
    with TestClient(app) as client:
        answer = client.get("/metrics", headers=encoded)
    assert (answer.status_code, answer.headers.get("www-authenticate")) == (401, "Bearer")
    assert "costspike_" not in answer.text


def test_without_a_token_there_is_nothing_at_all(tmp_path: Path) -> None:
    with TestClient(app_of(duckdb_warehouse(tmp_path / "costs.duckdb"), token="")) as client:
        for header in ({}, BEARER, {"Authorization": "Bearer "}):
            assert client.get("/metrics", headers=header).status_code == 404
        assert [client.get(path).status_code for path in ("/docs", "/openapi.json", "/redoc")] == [404] * 3


def test_a_minute_of_scrapes_reads_the_warehouse_once_and_a_failure_serves_what_was_read() -> None:
    now, reads = [0.0], []

    def read() -> list[Family]:
        reads.append(now[0])
        if len(reads) > 1:
            msg = "locked"
            raise WarehouseBusy(msg)
        return []

    cached = Cached(read, clock=lambda: now[0])
    for _ in range(5):
        assert cached.get() == []
    now[0] = CACHE_SECONDS + 1
    assert cached.get() == []
    assert reads == [0.0, CACHE_SECONDS + 1]


def test_a_warehouse_that_was_never_read_is_an_error_without_details() -> None:
    def busy() -> list[Family]:
        msg = "locked by a secret"
        raise WarehouseBusy(msg)

    with TestClient(metrics_app(Cached(lambda: TOKEN), Cached(busy))) as client:
        answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 503
    assert "secret" not in answer.text


@pytest.fixture
def api_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """Return an application into which Airflow has mounted the plugins, with this deployment's connections."""
    from airflow import plugins_manager
    from airflow.api_fastapi.app import init_plugins

    monkeypatch.setenv(
        "AIRFLOW_CONN_COSTSPIKE_METRICS", json.dumps({"conn_type": "generic", "password": TOKEN})
    )
    warehouse = {"conn_type": "duckdb", "host": str(tmp_path / "costs.duckdb")}
    monkeypatch.setenv("AIRFLOW_CONN_COSTSPIKE_WAREHOUSE", json.dumps(warehouse))
    filled(duckdb_warehouse(tmp_path / "costs.duckdb"))
    app = FastAPI()
    init_plugins(app)
    assert [found["name"] for found in plugins_manager.get_fastapi_plugins()[0]] == ["costspike"]
    return app


def test_airflow_mounts_it_with_the_token_of_the_connection(api_server: FastAPI) -> None:
    from costspike import web

    cached: Any = web.APP["app"]
    cached._app = None  # what an earlier test asked for stays cached for a minute
    with TestClient(api_server) as client:
        assert client.get("/costspike/metrics").status_code == 401
        answer = client.get("/costspike/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert "costspike_latest_day_cost_usd" in answer.text


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """Serve an application on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)  # uvicorn tells nobody that it listens
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)


def test_prometheus_scrapes_it(tmp_path: Path) -> None:
    root = FastAPI()
    root.mount("/costspike", app_of(filled(duckdb_warehouse(tmp_path / "costs.duckdb"))))
    with served(root) as port:
        scrape = {
            "job_name": "costspike",
            "metrics_path": "/costspike/metrics",
            "scrape_interval": "1s",
            "authorization": {"credentials": TOKEN},
            "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
        }
        config = json.dumps({"scrape_configs": [scrape]})
        with (
            prometheus_server(window="", more_config=config, seeded=False) as server,
            server.client() as client,
        ):
            deadline = time.monotonic() + 30
            found: Sequence[Any] = []
            while not found and time.monotonic() < deadline:
                time.sleep(0.1)  # the first scrape comes when it comes
                found = client.query('costspike_api_requests_total{job="costspike"}', time.time())
            assert found[0].points[0][1] == 6
            costs = client.query("sum(costspike_latest_day_cost_usd)", time.time())
            assert costs[0].points[0][1] == pytest.approx(33.5)
