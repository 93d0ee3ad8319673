"""The fact sheet of a spike: everything that Claude gets to know, computed and numbered by code.

The model never does arithmetic, so whatever it may want to say has to stand here: differences, shares,
the other Tuesdays. Names of values carry their unit: ``*_cost`` and values named by a date are money,
``*_percent`` are percentages with one decimal.
"""

import hashlib
import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.grades import Severity
from costspike.domain.money import cents, percent, tenths
from costspike.domain.organisation import OrganisationSettings
from costspike.domain.spikes import Contributor, Spike

Value = str | bool | None
Values = Mapping[str, Value]

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_FELL = "Fell on the same day: related to the rise, but no part of the impact"
_WEEKS_SHOWN = 5
_DAYS_SHOWN = 7
# A description is shown in lines, because the prompt cuts every text at 200 characters.
_LINE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One numbered row of the fact sheet; every value can be written as JSON."""

    id: str
    label: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known around a spike.

    ``history`` holds the costs of the spike's scope by day, in any order; the spike's own day and later
    ones are ignored, and a day that is not there is unknown, not free. ``organisation_typical_cost`` is
    what the whole organisation spends on a typical day. ``provisional`` says that AWS may still change
    the day's amounts. Amounts are in the spike's currency.
    """

    history: Sequence[tuple[date, Decimal]]
    account_names: Mapping[str, str]
    organisation: OrganisationSettings
    organisation_typical_cost: Decimal
    provisional: bool
    severity: Severity
    severity_reason: str


def fact_sheet(spike: Spike, around: Circumstances) -> tuple[Fact, ...]:
    """Return the facts E1 to En; the same kind of fact has the same number on every sheet.

    Only contributors, and what fell beside them, vary in number: they are the last ones, in the order of the spike.
    """
    rows = (
        ("What spiked", _scope(spike, around)),
        ("Typical daily spend", _typical(spike, around)),
        ("The day before", _previous(spike)),
        ("Expected, with the band of normal days", _expected(spike)),
        ("Actual", {"actual_cost": _money(spike.actual_cost)}),
        ("Impact: actual minus expected", _impact(spike, around)),
        (
            f"The same weekday in the {_WEEKS_SHOWN} weeks before",
            _days(around.history, _same_weekdays(spike.day)),
        ),
        (f"The {_DAYS_SHOWN} days before", _days(around.history, _days_before(spike.day))),
        ("State of the billing data", _state(around)),
        ("Detector, and the gates that the spike passed", _detector(spike)),
        (
            "Severity by the written rule",
            {"severity": around.severity, "severity_reason": around.severity_reason},
        ),
        ("The organisation, described by its own people", _organisation(around.organisation)),
        *(_contributor(part, spike, around) for part in spike.contributors),
        *((_FELL, _change(part, around)) for part in spike.fallen),
    )
    return tuple(
        Fact(id=f"E{number}", label=label, values=values) for number, (label, values) in enumerate(rows, 1)
    )


def written_facts(facts: Iterable[Fact]) -> str:
    """Return a fact sheet as the JSON text that is stored."""
    return json.dumps([asdict(fact) for fact in facts])


def stored_facts(text: str) -> tuple[Fact, ...]:
    """Return the fact sheet that was stored as this JSON text."""
    return tuple(Fact(**one) for one in json.loads(text))


def facts_hash(facts: Iterable[Fact]) -> str:
    """Return 64 hex digits that change with any id, label or value, and with nothing else."""
    rows = [[fact.id, fact.label, dict(fact.values)] for fact in facts]
    return hashlib.sha256(json.dumps(rows, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _scope(spike: Spike, around: Circumstances) -> Values:
    scope = spike.scope
    return {
        "day": spike.day.isoformat(),
        "weekday": f"{spike.day:%A}",
        "day_end_exclusive": (spike.day + _DAY).isoformat(),
        "scope": scope.kind,
        **_names(around, scope.account_id, scope.service, scope.usage_type, scope.region),
        "billing_currency": spike.billing_currency,
    }


def _typical(spike: Spike, around: Circumstances) -> Values:
    return {
        "typical_cost": _money(spike.typical_cost),
        "organisation_typical_cost": _money(around.organisation_typical_cost),
    }


def _previous(spike: Spike) -> Values:
    change = spike.actual_cost - spike.previous_cost
    return {
        "day": (spike.day - _DAY).isoformat(),
        "previous_cost": _money(spike.previous_cost),
        "change_since_then_cost": _money(change),
        "change_since_then_percent": _share(change, spike.previous_cost),
    }


def _expected(spike: Spike) -> Values:
    return {
        "expected_cost": _money(spike.expected_cost),
        "expected_low_cost": _money(spike.expected_low),
        "expected_high_cost": _money(spike.expected_high),
    }


def _impact(spike: Spike, around: Circumstances) -> Values:
    return {
        "impact_cost": _money(spike.impact),
        "impact_percent": _share(spike.impact, spike.expected_cost),
        "share_of_organisation_typical_percent": _share(spike.impact, around.organisation_typical_cost),
        "nothing_was_expected": spike.expected_cost <= 0,
    }


def _state(around: Circumstances) -> Values:
    return {"provisional": around.provisional, "meaning": _STATES[around.provisional]}


_STATES = {
    True: "AWS may still change this day's amounts",
    False: "AWS no longer marks this day as estimated",
}


def _detector(spike: Spike) -> Values:
    gates = {
        f"gate_{_gate_key(gate.name, part)}": _gate_number(gate.name, number)
        for gate in spike.gates
        for part, number in (("value", gate.value), ("limit", gate.limit))
    }
    return {"detector": spike.detector, "score": f"{spike.score:.2f}", **gates}


def _gate_key(name: str, part: str) -> str:
    """Name a gate's value by its unit; all gates measure money, unless their name ends in percent."""
    base = name.removesuffix("_percent")
    return f"{base}_{part}_{'cost' if base == name else 'percent'}"


def _gate_number(name: str, number: float) -> str | None:
    if not math.isfinite(number):
        return None
    return str(tenths(Decimal(number)) if name.endswith("_percent") else cents(Decimal(number)))


def _organisation(organisation: OrganisationSettings) -> Values:
    lines = textwrap.wrap(organisation.description, _LINE)
    return {f"about_{number}": line for number, line in enumerate(lines, 1)} or {"about": "nothing was told"}


def _contributor(part: Contributor, spike: Spike, around: Circumstances) -> tuple[str, Values]:
    named = any((part.account_id, part.service, part.usage_type, part.region))
    label = "Contributor" if named else "Everything else together, with falls and rises set off"
    return label, {
        **_change(part, around),
        "share_of_impact_percent": _share(part.delta, spike.impact),
    }


def _change(part: Contributor, around: Circumstances) -> Values:
    return {
        **_names(around, part.account_id, part.service, part.usage_type, part.region),
        "before_cost": _money(part.before),
        "after_cost": _money(part.after),
        "delta_cost": _money(part.delta),
        "delta_percent": _share(part.delta, part.before),
    }


def _names(
    around: Circumstances, account_id: str, service: str, usage_type: str, region: str
) -> dict[str, Value]:
    names = {
        "account_id": account_id,
        "account_name": around.account_names.get(account_id, "") if account_id else "",
        "environment": around.organisation.environments.get(account_id, "") if account_id else "",
        "service": service,
        "usage_type": usage_type,
        "region": region,
    }
    return {key: value for key, value in names.items() if value}


def _days(history: Sequence[tuple[date, Decimal]], wanted: Sequence[date]) -> Values:
    costs = dict(history)
    return {day.isoformat(): _money(costs[day]) if day in costs else None for day in wanted}


def _same_weekdays(day: date) -> tuple[date, ...]:
    return tuple(day - _WEEK * weeks for weeks in range(_WEEKS_SHOWN, 0, -1))


def _days_before(day: date) -> tuple[date, ...]:
    return tuple(day - _DAY * days for days in range(_DAYS_SHOWN, 0, -1))


def _money(amount: Decimal) -> str:
    return str(cents(amount))


def _share(part: Decimal, whole: Decimal) -> str | None:
    share = percent(part, whole)
    return None if share is None else str(share)
