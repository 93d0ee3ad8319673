"""Write monitoring/grafana/costspike.json: a list of panels is easier to review than what Grafana stores.

Run as ``python scripts/grafana_dashboard.py``; a test keeps the file in step, and runs every panel's query.
"""

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "monitoring" / "grafana" / "costspike.json"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# The dashboard's variables; both allow several values, which Grafana joins to a regular expression.
WHERE = '{account=~"$account", service=~"$service"}'
COST = f"costspike_daily_cost_usd{WHERE}"
# One value a day, the newest revision of each, of the day that ends at the step.
OF_THE_DAY = "[1d] offset -1d"
BILL = 'costspike_daily_billed_cost_usd{account=~"$account"}'
CLAUDE_SPEND = f"sum(last_over_time(costspike_daily_claude_spend_usd{OF_THE_DAY}))"
API_SPEND = f"sum(last_over_time(costspike_daily_api_spend_usd{OF_THE_DAY}))"
_STALE = [{"color": "green", "value": None}, {"color": "orange", "value": 26}, {"color": "red", "value": 36}]


def panels() -> list[dict[str, Any]]:
    """Return the panels, from the top of the page to its end."""
    return [
        _stat("Yesterday", f"sum(last_over_time({COST}[36h]))", at=(0, 0)),
        _stat(
            "Median of the 7 days before",
            f"sum(quantile_over_time(0.5, (last_over_time({COST}[1d]))[7d:1d] offset 1d))",
            at=(6, 0),
        ),
        _stat("Last 30 days", f"sum(sum_over_time((last_over_time({COST}[1d]))[30d:1d]))", at=(12, 0)),
        _stat(
            "Hours since the newest day was read",
            "(time() - max(last_over_time(costspike_daily_read_timestamp_seconds[30d]))) / 3600",
            at=(18, 0),
            unit="h",
            thresholds=_STALE,
        ),
        _days(
            "Daily cost by service",
            f"topk(15, sum by (service) (last_over_time({COST}{OF_THE_DAY})))",
            "{{service}}",
            at=(0, 4),
            size=(24, 10),
        ),
        _table(
            "Largest moves against the 7-day median",
            f"topk(10, sum by (account, service) (last_over_time({COST}[36h])) - sum by (account, service) "
            f"(quantile_over_time(0.5, (last_over_time({COST}[1d]))[7d:1d] offset 1d)))",
            at=(0, 14),
        ),
        _bars(
            "Open incidents by severity",
            "sum by (severity) (last_over_time(costspike_daily_open_incidents[36h]))",
            "{{severity}}",
            at=(14, 14),
        ),
        _days(
            "Spikes: dollars above what was expected",
            f"sum by (service) (last_over_time(costspike_daily_spike_impact_usd{WHERE}{OF_THE_DAY})) > 0",
            "{{service}}",
            at=(0, 23),
            size=(12, 8),
        ),
        _days(
            "The bill by type of charge",
            f"sum by (charge_type) (last_over_time({BILL}{OF_THE_DAY}))",
            "{{charge_type}}",
            at=(12, 23),
            size=(12, 8),
        ),
        _days(
            "Alerts by result",
            f"sum by (result, reason) (last_over_time(costspike_daily_alerts{OF_THE_DAY}))",
            "{{result}} {{reason}}",
            at=(0, 31),
            size=(8, 8),
            unit="short",
        ),
        _days(
            "Claude tokens",
            f"sum by (direction) (last_over_time(costspike_daily_claude_tokens{OF_THE_DAY}))",
            "{{direction}}",
            at=(8, 31),
            size=(8, 8),
            unit="short",
        ),
        _days(
            "What costspike itself cost",
            f'label_replace({CLAUDE_SPEND}, "for", "Claude", "", "") '
            f'or label_replace({API_SPEND}, "for", "Cost Explorer", "", "")',
            "{{for}}",
            at=(16, 31),
            size=(8, 8),
        ),
    ]


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana imports it."""
    return {
        "title": "AWS cost spikes",
        "uid": "costspike-overview",
        "tags": ["costspike", "finops"],
        "timezone": "utc",
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "15m",
        "time": {"from": "now-60d/d", "to": "now-1d/d"},
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
                _variable("account", "label_values(costspike_daily_cost_usd, account)"),
                _variable("service", 'label_values(costspike_daily_cost_usd{account=~"$account"}, service)'),
            ]
        },
        "annotations": {"list": []},
        "panels": [{"id": number, **panel} for number, panel in enumerate(panels(), start=1)],
    }


def _variable(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "refresh": 2,
    }


def _stat(
    title: str,
    expr: str,
    *,
    at: tuple[int, int],
    unit: str = "currencyUSD",
    thresholds: list[Any] | None = None,
) -> dict[str, Any]:
    found = _panel("stat", title, expr, at=at, size=(6, 4), unit=unit, instant=True)
    if thresholds:
        found["fieldConfig"]["defaults"]["thresholds"] = {"mode": "absolute", "steps": thresholds}
    return found


def _days(
    title: str,
    expr: str,
    legend: str,
    *,
    at: tuple[int, int],
    size: tuple[int, int],
    unit: str = "currencyUSD",
) -> dict[str, Any]:
    found = _panel("timeseries", title, expr, at=at, size=size, unit=unit, legend=legend)
    found["targets"][0]["interval"] = "1d"
    found["fieldConfig"]["defaults"]["custom"] = {
        "drawStyle": "bars",
        "fillOpacity": 80,
        "lineWidth": 0,
        "barAlignment": 1,
        "stacking": {"mode": "normal", "group": "A"},
    }
    found["options"] = {
        "legend": {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return found


def _table(title: str, expr: str, *, at: tuple[int, int]) -> dict[str, Any]:
    found = _panel("table", title, expr, at=at, size=(14, 9), unit="currencyUSD", instant=True)
    found["targets"][0]["format"] = "table"
    return found


def _bars(title: str, expr: str, legend: str, *, at: tuple[int, int]) -> dict[str, Any]:
    return _panel("barchart", title, expr, at=at, size=(10, 9), unit="short", legend=legend, instant=True)


def _panel(
    kind: str,
    title: str,
    expr: str,
    *,
    at: tuple[int, int],
    size: tuple[int, int],
    unit: str,
    legend: str = "",
    instant: bool = False,
) -> dict[str, Any]:
    target = {
        "refId": "A",
        "datasource": SOURCE,
        "expr": expr,
        "legendFormat": legend,
        "instant": instant,
        "range": not instant,
        "format": "time_series",
    }
    return {
        "title": title,
        "type": kind,
        "datasource": SOURCE,
        "gridPos": {"x": at[0], "y": at[1], "w": size[0], "h": size[1]},
        "targets": [target],
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
        "options": {},
    }


def text() -> str:
    """Return the file's content."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
