"""The month so far and at its end, with the incident going on and without it."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from costspike.domain.evidence.records import Evidence, EvidenceRow, found
from costspike.domain.money import cents, percent

SOURCE = "month"
TITLE = "Usage of the month so far, and projected to its end"
LOOK_BACK = timedelta(days=35)

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Amounts of one calendar month, in the currency of the costs.

    ``incident_so_far`` is what the incident cost above the expected within the month; ``with_incident``
    lets the rise of the last day go on to the end, ``without_incident`` takes it out of the days it was in.
    """

    month_to_date: Decimal
    incident_so_far: Decimal
    remaining_days: int
    without_incident: Decimal
    with_incident: Decimal
    missing_days: int


def project(day: date, costs: Mapping[date, Decimal], impacts: Mapping[date, Decimal]) -> Projection | None:
    """Return the projection of the month of ``day``, None where nothing is known to project from.

    Args:
        day: the last day that counts (UTC, inclusive).
        costs: the costs by day, from ``LOOK_BACK`` before the day and from the month's first day on.
        impacts: what the incident cost above the expected, by day, the day itself included.
    """
    first, length = day.replace(day=1), monthrange(day.year, day.month)[1]
    so_far = [first + _DAY * n for n in range(day.day)]
    to_come = [first + _DAY * n for n in range(day.day, length)]
    usual = {
        known: cost - impacts.get(known, _NOTHING)
        for known, cost in costs.items()
        if day - LOOK_BACK < known <= day
    }
    if not usual:
        return None
    ahead = sum((_usual_cost(one, usual) for one in to_come), _NOTHING)
    to_date = sum((costs.get(one, _NOTHING) for one in so_far), _NOTHING)
    incident = sum((impacts.get(one, _NOTHING) for one in so_far), _NOTHING)
    without = to_date - incident + ahead
    return Projection(
        month_to_date=to_date,
        incident_so_far=incident,
        remaining_days=len(to_come),
        without_incident=without,
        with_incident=without + incident + impacts.get(day, _NOTHING) * len(to_come),
        missing_days=sum(one not in costs for one in so_far),
    )


def month_projection(
    day: date, parts: Mapping[str, Mapping[date, Decimal]], impacts: Mapping[date, Decimal]
) -> Evidence:
    """Return one row for each part of the bill, by its name for people."""
    rows = [
        _row(name, day, projection)
        for name, costs in parts.items()
        if (projection := project(day, costs, impacts)) is not None
    ]
    note = "usage only: no tax, credit, refund or fee; the median of each weekday stands for the days to come"
    return found(SOURCE, TITLE, rows, note=note)


def _row(name: str, day: date, projection: Projection) -> EvidenceRow:
    more = projection.with_incident - projection.without_incident
    share = percent(more, projection.without_incident)
    return EvidenceRow(
        label=TITLE,
        values={
            "part": name,
            "month": f"{day:%Y-%m}",
            "month_to_date_cost": str(cents(projection.month_to_date)),
            "incident_so_far_cost": str(cents(projection.incident_so_far)),
            "remaining_days": str(projection.remaining_days),
            "month_end_without_incident_cost": str(cents(projection.without_incident)),
            "month_end_if_it_goes_on_cost": str(cents(projection.with_incident)),
            "difference_at_month_end_cost": str(cents(more)),
            "difference_at_month_end_percent": None if share is None else str(share),
            "days_without_data": str(projection.missing_days),
        },
    )


def _usual_cost(day: date, usual: Mapping[date, Decimal]) -> Decimal:
    same = [cost for known, cost in usual.items() if known.weekday() == day.weekday()]
    return median(same or list(usual.values()))
