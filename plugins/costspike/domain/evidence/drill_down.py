"""A spike's part of the bill, split by what is not landed: the questions, and the rows of their answers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from costspike.domain.errors import DataContractError
from costspike.domain.evidence.effect_split import Series, effects_of, quantity_text, rounded_to_sum
from costspike.domain.evidence.focus import Focus
from costspike.domain.evidence.records import EvidenceRow
from costspike.domain.evidence.settings import EvidenceSettings
from costspike.domain.facts import Value
from costspike.domain.money import cents, percent
from costspike.domain.request_sets import CHARGE_TYPES, METRICS, USAGE

SOURCE = "drill_down"
TITLE = "Drill-down in Cost Explorer"
REFERENCE_DAYS = 14

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)
_MAX_ROWS = 4
_KEYS = {
    "usage_type": "USAGE_TYPE",
    "region": "REGION",
    "operation": "OPERATION",
    "account": "LINKED_ACCOUNT",
}
_NAMES = {key: name for name, key in _KEYS.items()} | {"LINKED_ACCOUNT": "account_id"}
# Names that Cost Explorer gives to what has none.
_PLACEHOLDERS = frozenset({"NoUsageType", "NoRegion", "NoOperation"})
_UNTAGGED = "(without it)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request of GetCostAndUsage: by what, and its parameters."""

    title: str
    group_by: tuple[tuple[str, str], ...]
    parameters: Mapping[str, Any]


@dataclass(slots=True)
class _Sums:
    """The amounts of one group: of the spike's day, and of the reference days together."""

    billed: list[Decimal]
    effective: list[Decimal]
    quantity: list[Decimal]
    unit: str = ""
    has_quantity: bool = True


def questions(
    focus: Focus, day: date, settings: EvidenceSettings, *, has_usage_types: bool
) -> tuple[Question, ...]:
    """Return what to ask about a part of the bill, the most telling first, at most ``max_requests``.

    Where usage types are landed, their regions are as well, and nothing is paid to hear them again. Accounts
    are landed always; they are asked for only where no account is in focus and operations are not known.
    """
    wanted = [
        name for name in settings.drill_down if not (has_usage_types and name in {"usage_type", "region"})
    ]
    if focus.account_id:
        wanted = [name for name in wanted if name != "account"]
    pairs = [wanted[at : at + 2] for at in range(0, len(wanted), 2)]
    groups = [tuple(("DIMENSION", _KEYS[name]) for name in pair) for pair in pairs]
    groups += [(("TAG", key),) for key in settings.tags]
    groups += [(("COST_CATEGORY", name),) for name in settings.cost_categories]
    return tuple(_question(focus, day, group) for group in groups[: settings.max_requests])


def rows_of(
    question: Question, pages: Iterable[Mapping[str, Any]], day: date, impact: Decimal
) -> tuple[EvidenceRow, ...]:
    """Return the groups of an answer that changed most against the mean of the reference days.

    Raises:
        DataContractError: the answer has not the shape of GetCostAndUsage.
    """
    sums, days = _sums(question, pages, day)
    if not days:
        return ()
    found = [(keys, one.effective[1] / days, one) for keys, one in sums.items()]
    found.sort(key=lambda part: (-abs(part[2].effective[0] - part[1]), part[0]))
    return tuple(
        _row(question, keys, before, one, impact)
        for keys, before, one in found[:_MAX_ROWS]
        if cents(one.effective[0] - before)
    )


def _question(focus: Focus, day: date, group_by: tuple[tuple[str, str], ...]) -> Question:
    conditions = [_dimension("RECORD_TYPE", CHARGE_TYPES[USAGE])]
    if focus.service:
        conditions.append(_dimension("SERVICE", [focus.service]))
    if focus.account_id:
        conditions.append(_dimension("LINKED_ACCOUNT", [focus.account_id]))
    by = " and ".join(_NAMES.get(key, key).replace("_", " ") for _, key in group_by)
    return Question(
        title=f"{TITLE}, by {by}",
        group_by=group_by,
        parameters={
            "TimePeriod": {
                "Start": (day - REFERENCE_DAYS * _DAY).isoformat(),
                "End": (day + _DAY).isoformat(),
            },
            "Granularity": "DAILY",
            "Metrics": list(METRICS),
            "GroupBy": [{"Type": kind, "Key": key} for kind, key in group_by],
            "Filter": {"And": conditions} if len(conditions) > 1 else conditions[0],
        },
    )


def _dimension(key: str, values: Sequence[str]) -> dict[str, Any]:
    return {"Dimensions": {"Key": key, "Values": list(values)}}


def _sums(
    question: Question, pages: Iterable[Mapping[str, Any]], day: date
) -> tuple[dict[tuple[str, ...], _Sums], int]:
    """Return the sums by group, and on how many reference days there was any cost at all."""
    sums: dict[tuple[str, ...], _Sums] = defaultdict(
        lambda: _Sums([_NOTHING] * 2, [_NOTHING] * 2, [_NOTHING] * 2)
    )
    reference: set[str] = set()
    for start, group in _groups(pages):
        keys = tuple(str(key) for key in group["Keys"])
        if len(keys) != len(question.group_by):
            msg = f"a group of Cost Explorer has {len(keys)} keys; expected {len(question.group_by)}"
            raise DataContractError(msg)
        at = 0 if start == day.isoformat() else 1
        if at:
            reference.add(start)
        _add(sums[keys], at, group["Metrics"])
    return sums, len(reference) or (1 if sums else 0)


def _groups(pages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        for page in pages:
            for result in page["ResultsByTime"]:
                for group in result.get("Groups", ()):
                    yield (
                        str(result["TimePeriod"]["Start"]),
                        {"Keys": group["Keys"], "Metrics": group["Metrics"]},
                    )
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"Cost Explorer's answer to a drill-down cannot be read ({type(error).__name__}: {error})"
        raise DataContractError(msg) from error


def _add(sums: _Sums, at: int, metrics: Mapping[str, Any]) -> None:
    effective = metrics.get("NetAmortizedCost") or metrics.get("AmortizedCost")
    usage = metrics.get("UsageQuantity") or {}
    try:
        sums.effective[at] += Decimal(effective["Amount"])  # type: ignore[index]
        sums.billed[at] += Decimal(metrics["UnblendedCost"]["Amount"])
        sums.quantity[at] += Decimal(usage.get("Amount", "0"))
    except (InvalidOperation, KeyError, TypeError) as error:
        msg = f"an amount of Cost Explorer's drill-down cannot be read ({type(error).__name__})"
        raise DataContractError(msg) from error
    unit = str(usage.get("Unit", ""))
    if unit in {"", "N/A"} or (sums.unit and sums.unit != unit):
        sums.has_quantity = False
    sums.unit = unit


def _row(
    question: Question, keys: tuple[str, ...], before: Decimal, sums: _Sums, impact: Decimal
) -> EvidenceRow:
    after = sums.effective[0]
    names = dict(pair for part in zip(question.group_by, keys, strict=True) for pair in _named(*part))
    share = percent(after - before, impact)
    values: dict[str, Value] = {
        **names,
        f"mean_of_the_{REFERENCE_DAYS}_days_before_cost": str(cents(before)),
        "day_cost": str(cents(after)),
        "delta_cost": str(cents(after - before)),
        "share_of_impact_percent": None if share is None else str(share),
        **_effects(names.get("usage_type", ""), before, sums),
    }
    return EvidenceRow(label=question.title, values=values)


def _named(group: tuple[str, str], value: str) -> Iterator[tuple[str, str]]:
    kind, key = group
    if kind == "DIMENSION":
        if value and value not in _PLACEHOLDERS:
            yield _NAMES[key], value
        return
    # "key$value"; a value may hold the sign as well.
    name = "tag" if kind == "TAG" else "cost_category"
    yield f"{name}_key", key
    yield f"{name}_value", value.partition("$")[2] or _UNTAGGED


def _effects(usage_type: str, before: Decimal, sums: _Sums) -> dict[str, Value]:
    """Return the split of a usage type's change; other groups sum up quantities that do not belong together."""
    if not usage_type or not sums.has_quantity:
        return {}
    series = Series(
        account_id="",
        service="",
        usage_type=usage_type,
        region="",
        unit=sums.unit,
        billed_before=sums.billed[1],
        effective_before=sums.effective[1],
        quantity_before=sums.quantity[1],
        billed=sums.billed[0],
        effective=sums.effective[0],
        quantity=sums.quantity[0],
    )
    part = effects_of(series, before)
    if part is None:
        return {}
    usage, price, commitment = rounded_to_sum((part.usage, part.price, part.commitment))
    return {
        "usage_effect_cost": str(usage),
        "unit_price_effect_cost": str(price),
        "commitment_effect_cost": str(commitment),
        "usage_change_percent": None if part.usage_percent is None else str(part.usage_percent),
        "unit_price_change_percent": None if part.price_percent is None else str(part.price_percent),
        "quantity_of_the_day": quantity_text(sums.quantity[0]),
        "unit": sums.unit or None,
    }
