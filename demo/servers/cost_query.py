"""Reading a GetCostAndUsage request as Cost Explorer does, its refusals included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from demo.bill import CostRow
from demo.months import months_later
from demo.world import World

HISTORY_MONTHS = 14
MAX_GROUPS = 2
MIN_OPERANDS = 2
VALIDATION = "ValidationException"
NET_METRICS = frozenset({"NetAmortizedCost", "NetUnblendedCost"})
COST_METRICS = frozenset({"UnblendedCost", "BlendedCost", "AmortizedCost"}) | NET_METRICS
METRICS = COST_METRICS | {"UsageQuantity"}

Predicate = Callable[[CostRow], bool]
Field = Callable[[CostRow], str]


class ServiceError(Exception):
    """A refusal under the code and in the words of the service."""

    def __init__(self, *, message: str, code: str = VALIDATION) -> None:
        """Remember the code, which botocore shows."""
        super().__init__(message)
        self.code = code
        self.message = message


def _or_placeholder(attribute: str, placeholder: str) -> Field:
    read = attrgetter(attribute)
    return lambda row: read(row) or placeholder


# Cost Explorer gives an absent value a name instead of leaving it empty.
DIMENSIONS: Mapping[str, Field] = {
    "LINKED_ACCOUNT": attrgetter("account_id"),
    "SERVICE": attrgetter("service"),
    "RECORD_TYPE": attrgetter("record_type"),
    "USAGE_TYPE": _or_placeholder("usage_type", "NoUsageType"),
    "REGION": _or_placeholder("region", "NoRegion"),
    "OPERATION": _or_placeholder("operation", "NoOperation"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A valid question: the days [start, end), what to add up, by what and of which rows."""

    start: date
    end: date
    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    keep: Predicate | None


def read_query(body: Mapping[str, Any], world: World, *, history_months: int = HISTORY_MONTHS) -> Query:
    """Return the question of a request; net metrics drop out of it where there are no private discounts.

    Raises:
        ServiceError: Cost Explorer would refuse the request.
    """
    if body.get("Granularity") != "DAILY":
        raise ServiceError(message=f"Granularity {body.get('Granularity')!r} is not served here, only DAILY")
    start, end = read_period(body, world.today, history_months=history_months)
    return Query(
        start=start,
        end=end,
        metrics=tuple(m for m in _metrics(body) if world.has_net or m not in NET_METRICS),
        group_by=_group_by(body),
        keep=read_filter(body["Filter"]) if "Filter" in body else None,
    )


def read_period(
    body: Mapping[str, Any], today: date, *, history_months: int = HISTORY_MONTHS
) -> tuple[date, date]:
    """Return the period [start, end), checked against the present and the history that is kept.

    Raises:
        ServiceError: The period is not one that Cost Explorer accepts.
    """
    period = body.get("TimePeriod") or {}
    try:
        start, end = date.fromisoformat(period["Start"]), date.fromisoformat(period["End"])
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError(message=f"TimePeriod {period!r} needs Start and End as yyyy-MM-dd") from error
    if start >= end:
        raise ServiceError(message="Start date (and hour) should be before end date (and hour)")
    if start > today:
        raise ServiceError(message="Start date should not be later than today")
    if end > months_later(today.replace(day=1), 1):
        raise ServiceError(message="end date past the beginning of next month")
    if start < months_later(today, -history_months):
        wanted = "your start date needs to be the first day of the month."
        raise ServiceError(message=f"To retrieve data beyond the past {history_months} months, {wanted}")
    return start, end


def read_filter(expression: Mapping[str, Any]) -> Predicate:
    """Return what an Expression keeps.

    Raises:
        ServiceError: The expression has no root, several roots, or one that is not served here.
    """
    if len(expression) != 1:
        roots = "more than one roots" if expression else "no root"
        raise ServiceError(message=f"Expression has {roots}: {sorted(expression)}")
    ((root, operand),) = expression.items()
    if root == "Dimensions":
        return _dimension(operand)
    if root == "Not":
        inner = read_filter(operand)
        return lambda row: not inner(row)
    if root not in {"And", "Or"}:
        raise ServiceError(message=f"Expression root {root} is not served here")
    if len(operand) < MIN_OPERANDS:
        raise ServiceError(message=f"{root} expression should have at least {MIN_OPERANDS} operands")
    parts = [read_filter(part) for part in operand]
    joined = all if root == "And" else any
    return lambda row: joined(part(row) for part in parts)


def dimension(name: object) -> Field:
    """Return how to read a dimension off a row.

    Raises:
        ServiceError: The dimension is not served here.
    """
    if not isinstance(name, str) or name not in DIMENSIONS:
        raise ServiceError(message=f"Dimension {name!r} is not served here, only {sorted(DIMENSIONS)}")
    return DIMENSIONS[name]


def _dimension(operand: Mapping[str, Any]) -> Predicate:
    field = dimension(operand.get("Key"))
    values = frozenset(operand.get("Values") or ())
    if not values:
        raise ServiceError(message=f"Dimensions {operand.get('Key')} has no Values")
    options = set(operand.get("MatchOptions") or ())
    if options - {"EQUALS", "CASE_SENSITIVE"}:
        raise ServiceError(message=f"MatchOptions {sorted(options)} are not valid for a dimension")
    return lambda row: field(row) in values


def _metrics(body: Mapping[str, Any]) -> tuple[str, ...]:
    metrics = tuple(dict.fromkeys(body.get("Metrics") or ()))
    if not metrics:
        raise ServiceError(message="Metrics are required")
    if unknown := sorted(set(metrics) - METRICS):
        raise ServiceError(message=f"Metrics {unknown} are not valid, expected some of {sorted(METRICS)}")
    return metrics


def _group_by(body: Mapping[str, Any]) -> tuple[str, ...]:
    groups = body.get("GroupBy") or ()
    if len(groups) > MAX_GROUPS:
        raise ServiceError(message=f"GroupBy takes at most {MAX_GROUPS} groups, not {len(groups)}")
    return tuple(_group(group) for group in groups)


def _group(group: Mapping[str, Any]) -> str:
    """Return the name under which a group is read off a row: a dimension, or a tag as ``TAG$key``."""
    kind, key = group.get("Type"), group.get("Key")
    if kind in {"TAG", "COST_CATEGORY"} and key:
        return f"{kind}${key}"
    if kind != "DIMENSION":
        raise ServiceError(message=f"GroupBy type {kind!r} is not served here")
    dimension(key)
    return str(key)


def group_field(name: str) -> Field:
    """Return how to read a group off a row; a tag reads as ``key$value``, without it as ``key$``."""
    _, dollar, key = name.partition("$")
    return (lambda row: f"{key}${dict(row.tags).get(key, '')}") if dollar else dimension(name)
