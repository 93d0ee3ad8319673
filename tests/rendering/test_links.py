"""Only our own links, and none that could end early."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from costspike.domain.spikes import Scope
from costspike.rendering.links import Link, airflow_links, cost_explorer_url, link_line


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).fragment.partition("?")[2])


def test_cost_explorer_opens_filtered_to_the_scope() -> None:
    scope = Scope(account_id="123456789012", service="EC2 - Other", region="eu-west-1", usage_type="EUW1-X")
    url = cost_explorer_url(scope, date(2026, 11, 1), date(2026, 11, 21))
    filters = json.loads(_query(url)["filter"][0])
    assert {one["dimension"]["id"]: one["values"][0]["value"] for one in filters} == {
        "Service": "EC2 - Other",
        "LinkedAccount": "123456789012",
        "Region": "eu-west-1",
        "UsageType": "EUW1-X",
    }


def test_the_last_day_is_exclusive_here_and_inclusive_there() -> None:
    query = _query(cost_explorer_url(Scope(), date(2026, 11, 1), date(2026, 11, 21)))
    assert (query["startDate"], query["endDate"]) == (["2026-11-01"], ["2026-11-20"])


@pytest.mark.parametrize(
    ("scope", "amortized", "grouped", "metric"),
    [
        pytest.param(Scope(), False, '["Service"]', "unBlendedCost", id="the-total-by-service"),
        pytest.param(
            Scope(service="S3"), True, '["UsageType"]', "amortizedCost", id="a-service-by-usage-type"
        ),
    ],
)
def test_cost_explorer_groups_one_step_finer(
    scope: Scope, amortized: bool, grouped: str, metric: str
) -> None:
    query = _query(cost_explorer_url(scope, date(2026, 11, 1), date(2026, 11, 2), amortized=amortized))
    assert query["groupBy"] == [grouped]
    assert query["costAggregate"] == [metric]


def test_a_console_of_another_partition_can_be_given() -> None:
    url = cost_explorer_url(
        Scope(), date(2026, 11, 1), date(2026, 11, 2), console="https://console.amazonaws.cn"
    )
    assert url.startswith("https://console.amazonaws.cn/costmanagement/home#/cost-explorer?")


@pytest.mark.parametrize(
    ("link", "line"),
    [
        pytest.param(
            Link(label="Run", url="https://a.example/?x=1&y=2"),
            "<https://a.example/?x=1&amp;y=2|Run>",
            id="ampersand",
        ),
        pytest.param(
            Link(label="a|b>c", url="https://a.example/"), "<https://a.example/|a/b&gt;c>", id="label"
        ),
        pytest.param(
            Link(label="x", url="https://a.example/|<!here> y"),
            "<https://a.example/%7C%3C!here%3E%20y|x>",
            id="url",
        ),
        pytest.param(
            Link(label="x", url="https://a.example/{{ y }}"),
            "<https://a.example/%7B%7B%20y%20%7D%7D|x>",
            id="jinja",
        ),
        pytest.param(Link(label="x", url="javascript:alert(1)"), "", id="no-other-scheme"),
        pytest.param(Link(label="x", url="https://a.example/" + "a" * 3000), "", id="too-long"),
        pytest.param(Link(label="\u200b", url="https://a.example/"), "", id="nothing-to-click"),
    ],
)
def test_a_link_cannot_end_early(link: Link, line: str) -> None:
    assert link_line([link], 4000) == line


def test_links_that_do_not_fit_are_left_out() -> None:
    links = [
        Link(label="one", url="https://a.example/"),
        Link(label="two", url="https://a.example/" + "b" * 99),
    ]
    assert link_line([*links, links[0]], 70) == "<https://a.example/|one> · <https://a.example/|one>"


def test_the_run_and_the_mapped_task_are_linked() -> None:
    run = "https://airflow.example.com/dags/aws_cost_spikes/runs/scheduled__2026-11-20"
    task = f"{run}/tasks/send_alert/mapped/3?try_number=1"
    assert airflow_links(task) == (
        Link(label="Airflow run", url=run),
        Link(label="Airflow task", url=task),
    )
    assert airflow_links("https://airflow.example.com/log") == (
        Link(label="Airflow run", url="https://airflow.example.com/log"),
    )
    assert airflow_links("") == ()
