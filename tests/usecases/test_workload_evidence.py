"""Evidence of workloads from a real Prometheus that knows ten days of a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from costspike.adapters.prometheus.client import Prometheus
from costspike.adapters.workload_files import load_catalogue
from costspike.domain.day_metrics import Key
from costspike.domain.errors import SettingsError, UpstreamError
from costspike.domain.evidence.records import Evidence, with_evidence
from costspike.domain.evidence.workload import MOST_ROWS
from costspike.domain.evidence.workload_queries import LONGEST_EXPRESSION, Catalogue, catalogue
from costspike.domain.metric_revisions import Sample, day_start
from costspike.domain.prometheus_settings import PrometheusSettings
from costspike.rendering.prompt import render_prompt
from costspike.usecases.workload_evidence import services_of, workload_evidence
from tests.prometheus_server import PrometheusServer, prometheus_server
from tests.spike_cases import spike

DAY = datetime.now(UTC).date() - timedelta(days=2)
START = day_start(DAY)
STEP = 900
EC2 = "Amazon Elastic Compute Cloud - Compute"
SETTINGS = PrometheusSettings()


def nodes(kind: str, count: int, first: int, last: int) -> Iterator[Sample]:
    """Yield the nodes of a type, from one quarter of an hour of the spike's day to another."""
    for number in range(count):
        labels = (("label_node_kubernetes_io_instance_type", kind), ("node", f"{kind}-{number}"))
        for quarter in range(first, last):
            yield Sample(Key("kube_node_labels", labels), START + quarter * STEP, 1.0)


def pods(namespace: str, before: float, day: float) -> Iterator[Sample]:
    labels = (("namespace", namespace), ("phase", "Running"))
    for quarter in range(-8 * 96, 96):
        value = day if quarter >= 6 * 4 else before
        yield Sample(Key("kube_pod_status_phase", labels), START + quarter * STEP, value)


@pytest.fixture(scope="module")
def cluster() -> Iterator[PrometheusServer]:
    with prometheus_server() as server, server.client() as client:
        client.write(nodes("m5.xlarge", 6, -8 * 96, 96))
        client.write(nodes("p4d.24xlarge", 30, 14 * 4, 96))
        client.write(pods("batch\u202e<!channel>\n" + "x" * 300, 10, 50))
        client.write(pods("shop", 100, 101))
        client.write(pods("old", 40, 4))
        yield server


def asked(server: PrometheusServer, known: Catalogue | None = None, **changes: object) -> Evidence:
    with server.client() as client:
        own = SETTINGS.model_copy(update=changes)
        return workload_evidence(client, known or load_catalogue(), [EC2], DAY, own)


def row_of(evidence: Evidence, query_id: str, position: int = 0) -> dict[str, Any]:
    return [dict(row.values) for row in evidence.rows if row.values["query_id"] == query_id][position]


def test_machines_that_ran_for_ten_hours_are_weighted_by_their_time(cluster: PrometheusServer) -> None:
    evidence = asked(cluster)
    assert evidence.state == "found"
    row = row_of(evidence, "nodes_by_type")
    assert row["label_node_kubernetes_io_instance_type"] == "p4d.24xlarge"
    assert (row["before_mean"], row["day_mean"], row["day_max"]) == ("0", "12.5", "30")
    assert (row["change"], row["change_percent"]) == ("12.5", None)
    assert row["onset_utc"] == f"{DAY} 14:00"
    assert row["unit"] == "nodes"


def test_what_did_not_move_is_left_out_beside_what_did(cluster: PrometheusServer) -> None:
    evidence = asked(cluster)
    moved = [row.values["namespace"] for row in evidence.rows if row.values["query_id"] == "pods"]
    assert [str(name)[:5] for name in moved] == ["old", "batch"] or [str(name)[:5] for name in moved] == [
        "batch",
        "old",
    ]
    old = next(dict(row.values) for row in evidence.rows if row.values.get("namespace") == "old")
    assert old["onset_utc"] == f"{DAY} 06:00", "a fall has an onset too"
    assert str(old["change_percent"]).startswith("-")


def test_the_query_of_a_row_can_be_pasted_and_gives_what_the_row_says(cluster: PrometheusServer) -> None:
    row = row_of(asked(cluster), "nodes_by_type")
    with cluster.client() as client:
        found = client.query(str(row["query"]), START + 20 * 3600)
    assert {r.labels["label_node_kubernetes_io_instance_type"]: r.points[0][1] for r in found} == {
        "m5.xlarge": 6,
        "p4d.24xlarge": 30,
    }


def test_labels_are_clean_short_and_only_those_that_are_listed(cluster: PrometheusServer) -> None:
    evidence = asked(cluster)
    batch = next(
        str(row.values["namespace"]) for row in evidence.rows if "batch" in str(row.values.get("namespace"))
    )
    assert batch.startswith("batch<!channel> xxx")
    assert len(batch) == 120
    assert all("node" not in row.values for row in evidence.rows)
    prompt = render_prompt(with_evidence([], [evidence]), version="v2", system="s", user="{{facts}}")
    assert "<!channel>" not in prompt.user
    assert all(
        str(row.values["query"]) in prompt.user.replace('\\"', '"').replace("\\u003e", ">")
        for row in evidence.rows
    )


def test_what_is_not_measured_is_said(cluster: PrometheusServer) -> None:
    note = asked(cluster).note
    assert "no data for karpenter_usage" in note
    assert "nodes_by_type" not in note


def test_a_query_that_is_too_wide_is_not_asked(cluster: PrometheusServer) -> None:
    evidence = asked(cluster, evidence_max_series=1)
    assert "nodes_by_type was not asked: it has 2 series, more than 1" in evidence.note


def test_the_number_of_queries_and_their_time_are_bounded(cluster: PrometheusServer) -> None:
    assert asked(cluster, evidence_max_queries=1).rows[0].values["query_id"] == "nodes_by_type"
    ticks = iter([0.0, *(30.0 * n for n in range(99))])
    with cluster.client() as client:
        late = workload_evidence(client, load_catalogue(), [EC2], DAY, SETTINGS, clock=lambda: next(ticks))
    assert "the time was used up" in late.note


def test_an_expression_that_is_wrong_takes_nothing_but_itself(cluster: PrometheusServer) -> None:
    wrong = {"id": "wrong", "title": "t", "unit": "u", "expr": "sum by (", "labels": []}
    nodes_by_type = next(query for query in load_catalogue().every if query.id == "nodes_by_type")
    good = {
        "id": "good",
        "title": "t",
        "unit": "u",
        "expr": nodes_by_type.expr,
        "labels": list(nodes_by_type.labels),
    }
    known = catalogue([("own.yaml", {"version": 1, "services": {EC2: [wrong, good]}})])
    evidence = asked(cluster, known)
    assert evidence.rows[0].values["query_id"] == "good"
    assert "wrong was not asked: Prometheus refused it" in evidence.note


def test_a_prometheus_that_is_down_is_an_error_and_no_row() -> None:
    with prometheus_server() as server:
        server.stop()
        with pytest.raises(UpstreamError, match="cannot be reached"):
            asked(server)


def test_a_service_without_queries_says_so(cluster: PrometheusServer) -> None:
    only = catalogue([("own.yaml", {"version": 1, "services": {"AWS Lambda": []}})])
    assert asked(cluster, only).note == "the catalogue has no query for the service"


def test_rows_of_all_queries_together_are_bounded(cluster: PrometheusServer) -> None:
    expr = "count by (node) (kube_node_labels)"
    many = [
        {"id": f"q{n}", "title": "t", "unit": "u", "expr": expr, "labels": ["node"], "max_rows": 20}
        for n in range(3)
    ]
    evidence = asked(cluster, catalogue([("own.yaml", {"version": 1, "services": {EC2: many}})]))
    assert len(evidence.rows) == MOST_ROWS
    assert "smaller rows left out" in evidence.note


def test_every_expression_of_the_catalogue_is_promql(cluster: PrometheusServer) -> None:
    with cluster.client() as client:
        for query in load_catalogue().every:
            assert isinstance(client.query(f"count({query.expr})", START), list), query.id
            assert len(query.expr) <= LONGEST_EXPRESSION


def test_a_spike_of_the_whole_bill_is_about_what_contributed_most() -> None:
    from costspike.domain.spikes import Scope

    assert services_of(spike("AWS Lambda")) == ["AWS Lambda"]
    assert services_of(spike("AWS Lambda", scope=Scope())) == ["AWS Lambda"]


def test_own_files_come_after_and_win_by_id(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        f'version: 1\nservices: {{"{EC2}": [{{id: nodes_by_type, title: Mine, unit: n, expr: up, labels: [job]}}]}}\n'
    )
    (mine,) = [
        query for query in load_catalogue(str(tmp_path)).for_services([EC2]) if query.id == "nodes_by_type"
    ]
    assert (mine.title, mine.expr) == ("Mine", "up")


def test_services_with_the_same_queries_and_those_for_every_spike() -> None:
    ids = [
        query.id
        for query in load_catalogue().for_services(["Amazon Elastic Container Service for Kubernetes", EC2])
    ]
    assert ids[0] == "nodes_by_type"
    assert ids[-1] == "deploys"
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expr": "x" * 201}, "at most 200"),
        ({"expr": "up # comment"}, "without a comment"),
        ({"labels": ["a-b"]}, "cannot be shown"),
        ({"labels": ["day_cost"]}, "cannot be shown"),
        ({"labels": ["share_percent"]}, "cannot be shown"),
        ({"labels": ["account_id"]}, "cannot be shown"),
        ({"step": "1s"}, "from 60s to 12h"),
        ({"step": "7h"}, "from 60s to 12h"),
        ({"agg": "p99"}, "mean0"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_query_that_cannot_work_is_told_with_its_file_and_id(change: dict[str, object], said: str) -> None:
    query = {"id": "q1", "title": "t", "unit": "u", "expr": "up", "labels": ["job"]} | change
    with pytest.raises(SettingsError, match=said) as caught:
        catalogue([("own.yaml", {"version": 1, "services": {EC2: [query]}})])
    assert "own.yaml" in str(caught.value)
    assert "q1" in str(caught.value)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no folder"):
        load_catalogue(str(tmp_path / "none"))
    (tmp_path / "own.yaml").write_text("a: [")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_catalogue(str(tmp_path))
    with pytest.raises(SettingsError, match="same_as 'y' names no service"):
        catalogue([("own.yaml", {"version": 1, "services": {"x": {"same_as": "y"}}})])


@contextmanager
def connected(client: Prometheus | None) -> Iterator[Prometheus | None]:
    yield client


def test_without_a_connection_or_switched_off_it_is_not_available_and_why() -> None:
    from types import SimpleNamespace

    from costspike.usecases.workload_evidence import workload_source

    case: Any = SimpleNamespace(spike=spike("AWS Lambda"))
    none = workload_source(lambda: connected(None), load_catalogue, SETTINGS).collect(case, {})
    off = workload_source(
        lambda: connected(None), load_catalogue, SETTINGS.model_copy(update={"evidence": False})
    ).collect(case, {})
    assert (none.state, none.note) == ("unavailable", "there is no Prometheus connection")
    assert off.note == "prometheus.evidence is off"
