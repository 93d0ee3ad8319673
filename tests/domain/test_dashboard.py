"""The link to the reader's own dashboard: filled in, and never more than an address."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.dashboard import dashboard_url
from costspike.domain.errors import SettingsError
from costspike.domain.spikes import Scope
from costspike.rendering.links import Link, link_line
from costspike.settings import load

GRAFANA = "https://grafana.example.com/d/costspike?var-account={account}&var-service={service}"


def test_service_and_account_are_filled_in() -> None:
    url = dashboard_url(GRAFANA, Scope(account_id="111111111111", service="EC2 - Other"))
    assert url.endswith("?var-account=111111111111&var-service=EC2%20-%20Other")
    assert dashboard_url(GRAFANA, Scope()).endswith("?var-account=&var-service=")
    assert dashboard_url("", Scope(service="EC2")) == ""


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_name_changes_more_than_its_own_value(service: str, account: str) -> None:
    url = dashboard_url(GRAFANA, Scope(account_id=account, service=service))
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "grafana.example.com", "/d/costspike")
    assert parse_qs(parts.query, keep_blank_values=True) == {
        "var-account": [account],
        "var-service": [service],
    }
    line = link_line([Link(label="Dashboard", url=url)], 2500)
    assert line.startswith("<https://grafana.example.com/d/costspike?")
    assert line.endswith("|Dashboard>")
    assert not set("<>|`\n ") & set(line[1:-11])


@pytest.mark.parametrize(
    "url",
    [
        "http://grafana.example.com/",
        "https://{account}.example.com/",
        "https://user:secret@grafana.example.com/",
        "https://grafana.example.com/?x={region}",
        "https://grafana.example.com/a b",
        "https://grafana.example.com/|Click<!here>",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_a_dashboard_is_a_mistake(tmp_path: Path, url: str) -> None:
    file = tmp_path / "costspike.yaml"
    file.write_text(f"alerts: {{dashboard_url: '{url}'}}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"alerts\.dashboard_url"):
        load(file, {})
    file.write_text(f"alerts: {{dashboard_url: '{GRAFANA}'}}", encoding="utf-8")
    assert load(file, {}).alerts.dashboard_url == GRAFANA
