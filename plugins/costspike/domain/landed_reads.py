"""What a model may ask the warehouse for in a follow-up: two reads of landed costs, by name and with bounds.

A call is checked against a schema of ours, whatever the model says; what comes back are rows of the fact sheet,
numbered on, so that the answer is checked against them like against all others.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from costspike.domain.facts import Fact, Value
from costspike.domain.money import cents
from costspike.domain.spikes import Scope

Dimension = Literal["account_id", "service", "usage_type", "region"]

REFERENCE_DAYS = 7
HISTORY_DAYS = 35
MAX_ROWS = 12
_MAX_NAME = 200
_SHOWN_PROBLEMS = 3
_NOTHING: dict[str, Value] = {"state": "empty", "meaning": "there are no such landed costs"}


class _Asked(BaseModel):
    """The part of the bill that is asked about; an empty name is any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str = Field(max_length=_MAX_NAME)
    service: str = Field(max_length=_MAX_NAME)
    usage_type: str = Field(max_length=_MAX_NAME)
    region: str = Field(max_length=_MAX_NAME)

    @property
    def scope(self) -> Scope:
        """Return the part as a scope."""
        return Scope(
            account_id=self.account_id, service=self.service, usage_type=self.usage_type, region=self.region
        )


class DailyCosts(_Asked):
    """The cost of one part of the bill on each of the 35 days up to the spike's."""


class Breakdown(_Asked):
    """One part of the bill split by one dimension: the spike's day against the mean of the 7 days before."""

    dimension: Dimension


Read = DailyCosts | Breakdown
READS: Mapping[str, type[DailyCosts] | type[Breakdown]] = {
    "daily_costs": DailyCosts,
    "cost_breakdown": Breakdown,
}


class UnknownRead(ValueError):
    """A call that is not one of the reads; the text is for the model."""


def tools() -> list[dict[str, Any]]:
    """Return the reads as the API's tools."""
    return [
        {"name": name, "description": str(read.__doc__), "input_schema": read.model_json_schema()}
        for name, read in READS.items()
    ]


def read_of(name: str, arguments: object) -> Read:
    """Return a call as a read.

    Raises:
        UnknownRead: there is no such tool, or its arguments break the schema.
    """
    kind = READS.get(name)
    if kind is None:
        msg = f"there is no such tool; expected one of {', '.join(READS)}"
        raise UnknownRead(msg)
    try:
        return kind.model_validate(arguments)
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:_SHOWN_PROBLEMS]
        )
        raise UnknownRead(told) from error


def daily_rows(asked: DailyCosts, costs: Iterable[tuple[date, Decimal]], first: int) -> tuple[Fact, ...]:
    """Return one row with the cost of each landed day, or the statement that there is none.

    Only names that are landed come back: what a model made up must not become a fact.
    """
    days: dict[str, Value] = {day.isoformat(): str(cents(cost)) for day, cost in costs}
    label = f"Asked for: cost by day, {HISTORY_DAYS} days up to the spike's"
    return (Fact(id=f"E{first}", label=label, values=_named(asked) | days if days else _NOTHING),)


def breakdown_rows(
    asked: Breakdown, sums: Mapping[str, tuple[Decimal, Decimal]], first: int
) -> tuple[Fact, ...]:
    """Return a row for each of the names that changed most; sums are the day's and the mean of the days before."""
    label = (
        f"Asked for: the spike's day by {asked.dimension}, and the mean of the {REFERENCE_DAYS} days before"
    )
    changed = sorted(sums.items(), key=lambda part: (-abs(part[1][0] - part[1][1]), part[0]))
    rows: list[dict[str, Value]] = [
        _named(asked)
        | {
            asked.dimension: name,
            "day_cost": str(cents(day)),
            "mean_before_cost": str(cents(before)),
            "change_cost": str(cents(day) - cents(before)),
        }
        for name, (day, before) in changed[:MAX_ROWS]
    ]
    return tuple(
        Fact(id=f"E{number}", label=label, values=values)
        for number, values in enumerate(rows or [_NOTHING], first)
    )


def summed(asked: Breakdown, parts: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the day's cost and the mean of the days before by the names of a dimension; unnamed is no name."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for part in parts:
        name = str(part[asked.dimension])
        day, before = sums.get(name, (Decimal(0), Decimal(0)))
        sums[name] = day + part["day_cost"], before + part["cost_before"]
    return {name: (day, before / REFERENCE_DAYS) for name, (day, before) in sums.items() if name}


def span(day: date, read: Read) -> tuple[date, date]:
    """Return the days of a read as [start, end)."""
    back = HISTORY_DAYS - 1 if isinstance(read, DailyCosts) else REFERENCE_DAYS
    return day - timedelta(days=back), day + timedelta(days=1)


def _named(asked: _Asked) -> dict[str, Value]:
    return {
        key: value
        for key in ("account_id", "service", "usage_type", "region")
        if (value := getattr(asked, key))
    }
