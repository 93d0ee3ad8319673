"""scripts/prometheus.py: what the doctor says of servers, and a history that promtool turns into blocks."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.prometheus_server import PrometheusServer, prometheus_server, promtool
from tests.usecases.publishing import YESTERDAY, Publisher, bill, days_ago
from tests.warehouses import duckdb_warehouse

ROOT = Path(__file__).parents[1]


@pytest.fixture
def command() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prometheus_command", ROOT / "scripts" / "prometheus.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def call(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    """Return a function that calls the command with a server's connection; it gives the code and what was printed."""
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "")
    warehouse = {"conn_type": "duckdb", "host": str(tmp_path / "costs.duckdb")}
    monkeypatch.setenv("AIRFLOW_CONN_COSTSPIKE_WAREHOUSE", json.dumps(warehouse))

    def called(server: PrometheusServer | None, *arguments: str) -> tuple[int, str]:
        if server is not None:
            monkeypatch.setenv("AIRFLOW_CONN_PROMETHEUS_DEFAULT", server.connection)
        monkeypatch.setattr(sys, "argv", ["prometheus.py", *arguments])
        capsys.readouterr()
        return command.main(), capsys.readouterr().out

    return called


def test_a_server_that_is_set_up_passes(call) -> None:
    with prometheus_server() as server:
        code, text = call(server, "doctor")
    assert code == 0, text
    assert text.count("✔") == 4
    assert "retention 1095d, out-of-order window 450d" in text


def test_each_setting_that_would_lose_days_is_named(call) -> None:
    with prometheus_server(window="45d", retention="15d") as server:
        code, text = call(server, "doctor")
    assert code == 1
    assert "storage.tsdb.out_of_order_time_window is 45d: set it to 43" in text
    assert "--storage.tsdb.retention.time is 15d: older samples are taken and then deleted" in text
    assert "✔ a sample of" in text, "yesterday is taken"
    assert "is not taken" in text, "the oldest day is not"


def test_a_server_without_receiver_or_that_is_down_fails(call) -> None:
    with prometheus_server(receiver=False) as server:
        code, text = call(server, "doctor")
        assert (code, "--web.enable-remote-write-receiver" in text) == (1, True)
        server.stop()
        code, text = call(server, "doctor")
        assert (code, "cannot be reached" in text) == (1, True)


def test_without_a_connection_it_is_named(call) -> None:
    assert call(None, "doctor") == (1, "✘ there is no connection 'prometheus_default'\n")


def test_an_exported_history_is_what_publishing_would_have_written(call, tmp_path: Path) -> None:
    database = duckdb_warehouse(tmp_path / "costs.duckdb")
    Publisher(database, None).land(bill(100) | {(YESTERDAY, 'odd "name"\\'): "3.5"})  # type: ignore[arg-type]
    code, text = call(None, "export")
    assert code == 0
    assert text.endswith("# EOF\n")
    (tmp_path / "costs.om").write_text(text)
    made = promtool(
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--max-block-duration=720h",
        tmp_path / "costs.om",
        tmp_path / "blocks",
    )
    assert made.returncode == 0, made.stderr
    with prometheus_server() as server, server.client() as client:
        server.stop()
        for block in (tmp_path / "blocks").iterdir():
            shutil.move(block, server.folder / "data" / block.name)
        server.start()
        own = Publisher(database, client)
        assert own.cost(days_ago(99), "Service 1") == 20.099
        assert own.cost(YESTERDAY, 'odd "name"\\') == 3.5
        assert own.publish().samples == 0
        own.land({(days_ago(50), "Service 0"): "77", (days_ago(50), "Service 1"): "20.050"})
        assert own.publish().samples == 2, "the cost and the bill of the restated day"
        assert own.cost(days_ago(50), "Service 0") == 77
        code, again = call(server, "export")
        assert (code, again) == (0, "# EOF\n"), "days that the server holds are left out"
        assert call(server, "export", "--all-days")[1].count("\n") > 100


def test_days_can_be_chosen(call, tmp_path: Path) -> None:
    Publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), None).land(bill(10))  # type: ignore[arg-type]
    _, text = call(None, "export", "--from", str(days_ago(4)), "--to", str(days_ago(2)))
    lines = [line for line in text.splitlines() if line.startswith("costspike_daily_cost_usd{")]
    assert len(lines) == 2 * 2


def test_the_text_is_open_metrics(call, tmp_path: Path) -> None:
    Publisher(duckdb_warehouse(tmp_path / "costs.duckdb"), None).land(bill(3))  # type: ignore[arg-type]
    _, text = call(None, "export")
    assert "# TYPE costspike_daily_cost_usd gauge\n" in text
    families = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(families) == len(set(families))
