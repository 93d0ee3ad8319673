"""Daily costs from a team's exporter in Prometheus: what its numbers mean, and when a day can be read.

Four kinds of numbers, each read with an instant query at an exact moment; no day is ever written into an
expression:

- ``daily_stamped``: one sample a day, stamped within the day, as ``costspike_daily_cost_usd`` is;
- ``daily_gauge``: a gauge that shows one whole day, ``lag_days`` after it, for a day long;
- ``month_to_date``: a meter that grows through the month and falls back at its end;
- ``hourly_rate``: US dollars an hour, at every moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from costspike.domain.errors import SettingsError
from costspike.domain.promql import is_label_name
from costspike.domain.sections import Section

Kind = Literal["daily_stamped", "daily_gauge", "month_to_date", "hourly_rate"]
Preset = Literal[
    "custom",
    "costspike",
    "electrolux",
    "nachomillangarcia",
    "st8ed",
    "yace",
    "cloudwatch_exporter",
    "opencost",
    "cloudcost_exporter",
]
_DAY = timedelta(days=1)
# A gauge is trusted to show the new day an hour after it should: the exporter has fetched by then.
_SHOWN_AFTER = timedelta(hours=1)


class PrometheusSourceSettings(Section):
    """How daily costs are read from Prometheus, where ``reading.source`` is prometheus."""

    preset: Preset = Field(
        default="yace",
        description="The exporter that the costs are from; custom: kind and expr below. What is set below wins.",
    )
    kind: Literal["", Kind] = Field(
        default="",
        description="daily_stamped, daily_gauge, month_to_date or hourly_rate; empty: the preset's.",
    )
    expr: str = Field(
        default="",
        max_length=2000,
        description="PromQL, an instant vector with one series for each account and service; empty: the preset's.",
    )
    service: str = Field(default="", description="Label that names the service; empty: the preset's.")
    account: str = Field(default="", description="Label that names the account; empty: the preset's.")
    service_name: str = Field(
        default="", description="Name of the service where no label tells it; empty: the preset's."
    )
    account_id: str = Field(default="", description="Id of the account where no label tells it.")
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$", description="Currency of the amounts.")
    lag_days: int = Field(
        default=1, ge=0, le=7, description="daily_gauge only: days after its own on which a day is shown."
    )
    settle_hours: float = Field(
        default=8.0,
        ge=0.0,
        le=24.0,
        description="month_to_date only: hours after its end until the meter holds a whole day.",
    )
    timezone: str = Field(default="UTC", description="Clock by which the exporter's days begin.")
    history_days: int = Field(
        default=60,
        ge=0,
        le=400,
        description="Days before the cost day that an empty warehouse is filled with.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CostExpression:
    """What is asked, with what the settings and the preset say together."""

    kind: Kind
    expr: str
    service: str
    account: str
    service_name: str
    account_id: str
    currency: str
    lag_days: int
    settle: timedelta
    zone: ZoneInfo


class Moments(NamedTuple):
    """When a day is read: before ``not_before`` it is not there, and from ``final`` on it does not change."""

    not_before: datetime
    final: datetime


# A meter that was not scraped for longer would say the day before it in part: such a day is not known.
_BILLING = "aws_billing_estimated_charges_maximum"
# Labels and meanings as of each exporter's source; what they show and when is in docs/prometheus.md.
PRESETS: Mapping[str, Mapping[str, str]] = {
    "custom": {},
    "costspike": {
        "kind": "daily_stamped",
        "expr": "sum by (account, service) (last_over_time(costspike_daily_cost_usd[1d]))",
        "service": "service",
        "account": "account",
    },
    "electrolux": {
        "kind": "daily_gauge",
        "expr": "sum by (ServiceName, Publisher) (last_over_time(aws_daily_cost_usd[6h]))",
        "service": "ServiceName",
        "account": "Publisher",
    },
    "nachomillangarcia": {"kind": "daily_gauge", "expr": "max(last_over_time(aws_today_daily_costs[6h]))"},
    "st8ed": {
        "kind": "month_to_date",
        # Each month has a series of its own, by the label period: the larger one is the month that ends.
        "expr": 'max by (product) (sum by (product, period) (last_over_time(aws_report_cost{currency="USD"}[1h])))',
        "service": "product",
    },
    "yace": {
        "kind": "month_to_date",
        "expr": "max by (dimension_ServiceName) (last_over_time("
        f'{_BILLING}{{dimension_Currency="USD", dimension_ServiceName!="", dimension_LinkedAccount=""}}[2h]))',
        "service": "dimension_ServiceName",
    },
    "cloudwatch_exporter": {
        "kind": "month_to_date",
        "expr": "max by (service_name) (last_over_time("
        f'{_BILLING}{{currency="USD", service_name!="", linked_account=""}}[2h]))',
        "service": "service_name",
    },
    "opencost": {
        "kind": "hourly_rate",
        "expr": "sum by (instance_type) (last_over_time(node_total_hourly_cost[15m]))",
        "service": "instance_type",
    },
    "cloudcost_exporter": {
        "kind": "hourly_rate",
        "expr": "sum(last_over_time(cloudcost_aws_ec2_instance_total_usd_per_hour[15m]))",
        "service_name": "Amazon Elastic Compute Cloud - Compute",
    },
}
_ALL_SERVICES = "All services"


def cost_expression(settings: PrometheusSourceSettings) -> CostExpression:
    """Return what is asked.

    Raises:
        SettingsError: every problem at once.
    """
    preset = PRESETS[settings.preset]

    def value(name: str, default: str = "") -> str:
        own: str = getattr(settings, name)
        return own or preset.get(name, default)

    problems = [
        f"prometheus_source.{name}: {value(name)!r} is no name of a label"
        for name in ("service", "account")
        if value(name) and not is_label_name(value(name))
    ]
    if value("kind") not in get_args(Kind):
        problems.append(f"prometheus_source.kind: expected one of {', '.join(get_args(Kind))}")
    if not value("expr"):
        problems.append("prometheus_source.expr: expected PromQL for the preset custom")
    try:
        zone = ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"prometheus_source.timezone: {settings.timezone!r} is no time zone")
    if problems:
        raise SettingsError("\n- ".join(["the source of costs cannot be read:", *problems]))
    return CostExpression(
        kind=cast("Kind", value("kind")),
        expr=value("expr"),
        service=value("service"),
        account=value("account"),
        service_name=value("service_name", _ALL_SERVICES),
        account_id=settings.account_id,
        currency=settings.currency,
        lag_days=settings.lag_days,
        settle=timedelta(hours=settings.settle_hours),
        zone=zone,
    )


def moments(asked: CostExpression, day: date) -> Moments:
    """Return when a day can be read, and from when on it is final."""
    end = midnight(asked, day + _DAY)
    if asked.kind == "month_to_date":
        return Moments(end + asked.settle, end + asked.settle)
    if asked.kind == "daily_gauge":
        shown_from = midnight(asked, day + _DAY * asked.lag_days)
        shown_to = midnight(asked, day + _DAY * (asked.lag_days + 1))
        return Moments(max(end, shown_from + _SHOWN_AFTER), shown_to)
    return Moments(end, end)


def midnight(asked: CostExpression, day: date) -> datetime:
    """Return the moment (UTC) in which a day of the exporter's clock begins."""
    return datetime(day.year, day.month, day.day, tzinfo=asked.zone).astimezone(UTC)


def is_last_of_month(day: date) -> bool:
    """Tell whether the meter falls back at the end of a day."""
    return (day + _DAY).month != day.month
