"""What is shipped for Prometheus works on a Prometheus that was published to: panels, documented queries, rules."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from costspike.adapters.prometheus.client import Prometheus, Result
from costspike.adapters.warehouse.spending import Spending
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.metric_revisions import day_start
from costspike.domain.spikes import Scope
from scripts import grafana_dashboard
from tests.prometheus_server import prometheus_server, promtool
from tests.spike_cases import spike
from tests.usecases.publishing import ACCOUNT, DAY, NOW, YESTERDAY, Publisher, days_ago, run_of_today
from tests.verdicts import store
from tests.warehouses import change, duckdb_warehouse

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana" / "costspike.json").read_text(encoding="utf-8"))
DOCS = (ROOT / "docs" / "prometheus.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```promql\n(.*?)\n```", DOCS, re.DOTALL)
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
HISTORY = 40
# The moments of a dashboard: any second of a day that follows a published one.
NOW_SECONDS = int(datetime.now(UTC).timestamp())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Return a Prometheus with 40 days of two services, a spike of 300 yesterday, and a revision before it."""
    costs = {
        (days_ago(back), name): cost
        for back in range(HISTORY)
        for name, cost in (("EC2", "100"), ("S3", "20"))
    }
    with prometheus_server() as server, server.client() as found:
        own = Publisher(duckdb_warehouse(tmp_path_factory.mktemp("warehouse") / "costs.duckdb"), found)
        own.land(costs | {(days_ago(3), "EC2"): "70"})
        own.publish()
        own.land(costs | {(YESTERDAY, "EC2"): "320"})
        scope = Scope(account_id=ACCOUNT, service="EC2")
        found_spike = spike("EC2", "300", YESTERDAY, scope=scope)
        store(SpikeTables(own.database), YESTERDAY, [found_spike], detected_at=NOW)
        Spending(own.database).add(run_of_today(), "daily", 6)
        columns = "spike_id, prompt_hash, model, facts_hash, x_state, claimed_by, claimed_at, prompt_version, facts, answer"
        more = "severity, model_severity, flags, reason, request_id, input_tokens, output_tokens, usd"
        change(
            own.database,
            f"INSERT INTO spike_explanations ({columns}, {more}) VALUES ('{found_spike.spike_id}', 'h', 'm', 'f', "
            "'answered', 'c', '2026-01-01', 'v1', '[]', 'a', 'P3', 'P3', '[]', '', '', 1000, 200, 0.25)",
        )
        own.publish()
        yield found


def run(client: Prometheus, panel: dict[str, Any]) -> list[Result]:
    (target,) = panel["targets"]
    expression = target["expr"].replace("$account", ".*").replace("$service", ".*")
    if target["instant"]:
        return client.query(expression, NOW_SECONDS)
    first, last = day_start(days_ago(59)), day_start(YESTERDAY)
    return client.query_range(expression, first, last, 86_400)


@pytest.mark.parametrize("title", PANELS)
def test_every_panel_shows_something(client: Prometheus, title: str) -> None:
    assert run(client, PANELS[title])


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Yesterday", 340.0),
        ("Median of the 7 days before", 120.0),
        ("Last 30 days", 30 * 120.0 + 220),
        ("Largest moves against the 7-day median", 220.0),
    ],
)
def test_a_number_is_the_warehouses(client: Prometheus, title: str, shown: float) -> None:
    assert run(client, PANELS[title])[0].points[0][1] == shown


def test_a_bar_stands_on_its_own_day_and_shows_its_newest_revision(client: Prometheus) -> None:
    (ec2,) = [
        found for found in run(client, PANELS["Daily cost by service"]) if found.labels["service"] == "EC2"
    ]
    days = {int(at): value for at, value in ec2.points}
    assert days[day_start(YESTERDAY)] == 320
    assert days[day_start(days_ago(3))] == 100
    assert len(days) == HISTORY
    (spikes,) = run(client, PANELS["Spikes: dollars above what was expected"])
    assert spikes.points == [(day_start(YESTERDAY), 300.0)]


def test_panels_ask_the_chosen_data_source_and_nothing_is_a_day_late() -> None:
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(PANELS)
    assert DASHBOARD["timezone"] == "utc"


def test_the_dashboard_is_what_its_script_writes() -> None:
    assert grafana_dashboard.FILE.read_text(encoding="utf-8") == grafana_dashboard.text()


def documented(client: Prometheus, words: str) -> list[Result]:
    """Return what the query after some words of the documentation gives now."""
    query = DOCS[DOCS.index(words) :].partition("```promql\n")[2].partition("\n```")[0]
    assert query in QUERIES
    return client.query(query, NOW_SECONDS)


def test_the_documented_queries_say_what_their_words_say(client: Prometheus) -> None:
    by_service = {
        found.labels["service"]: found.points[0][1] for found in documented(client, "Yesterday by service")
    }
    assert by_service == {"EC2": 320, "S3": 20}
    medians = {
        found.labels["service"]: found.points[0][1] for found in documented(client, "Seven-day median")
    }
    assert medians == {"EC2": 100, "S3": 20}
    opened = {found.labels["severity"]: found.points[0][1] for found in documented(client, "Open incidents")}
    assert sum(opened.values()) == 1
    assert documented(client, "Data older than 36 h") == []
    (hours,) = documented(client, "Hours since the newest day")
    assert hours.points[0][1] == pytest.approx((NOW_SECONDS - NOW.timestamp()) / 3600, abs=0.01)


def test_data_that_is_too_old_is_told(client: Prometheus) -> None:
    query = DOCS[DOCS.index("Data older than 36 h") :].partition("```promql\n")[2].partition("\n```")[0]
    end_of_yesterday = day_start(YESTERDAY + DAY)
    assert client.query(query, end_of_yesterday + 35 * 3600) == []
    assert client.query(query, end_of_yesterday + 37 * 3600)[0].points[0][1] == 1


@pytest.mark.parametrize("query", QUERIES)
def test_every_documented_query_is_promql(client: Prometheus, query: str) -> None:
    client.query(query, NOW_SECONDS)


def test_the_rules_hold_their_tests() -> None:
    for arguments in (
        ("check", "rules", MONITORING / "costspike.rules.yml"),
        ("test", "rules", MONITORING / "costspike.rules.test.yml"),
    ):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_find_the_published_spike(client: Prometheus) -> None:
    rules = yaml.safe_load((MONITORING / "costspike.rules.yml").read_text(encoding="utf-8"))
    alerts = {
        rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule
    }
    (found,) = client.query(alerts["CostspikeSpike"], NOW_SECONDS)
    assert (found.labels["service"], found.points[0][1]) == ("EC2", 300)
    assert client.query(alerts["CostspikeAlertsUndelivered"], NOW_SECONDS)[0].labels == {"reason": "waiting"}
    assert client.query(alerts["CostspikeDataStale"], NOW_SECONDS) == []


def test_every_rule_with_an_alert_has_a_summary_and_a_test() -> None:
    rules = yaml.safe_load((MONITORING / "costspike.rules.yml").read_text(encoding="utf-8"))
    tests = (MONITORING / "costspike.rules.test.yml").read_text(encoding="utf-8")
    for rule in (rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule):
        assert rule["annotations"]["summary"]
        assert rule["alert"] in tests


def test_the_server_configuration_is_one() -> None:
    done = promtool("check", "config", "--syntax-only", MONITORING / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alertmanager_example_is_one_and_tells_no_spike_twice() -> None:
    program = shutil.which("amtool") or pytest.skip(
        "no amtool is installed (Debian: apt-get install prometheus-alertmanager)"
    )
    file = MONITORING / "alertmanager.yml"
    done = subprocess.run([program, "check-config", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for alert, receiver in (("CostspikeSpike", "nobody"), ("CostspikeDataStale", "platform")):
        routed = subprocess.run(
            [program, "config", "routes", "test", f"--config.file={file}", f"alertname={alert}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert routed.stdout.strip() == receiver
