"""The evidence that code found around a spike, in lines that a person can check; no word of it is a model's.

Names in it come from AWS and from people: they are escaped and cut like all others.
"""

from collections.abc import Iterator
from decimal import Decimal

from costspike.domain.facts import Fact
from costspike.rendering.alert import Alert
from costspike.rendering.amounts import money
from costspike.rendering.blocks import section
from costspike.rendering.fitting import Part, Use
from costspike.rendering.mrkdwn import mrkdwn, plain

_MAX_LINES = 5
_MAX_VALUES = 6
_ID = 12
_LABEL = 80
_VALUE = 60
_LINE = 330
# They say how to read a row, or how it was made; a person has the row itself in the warehouse.
_LEFT_OUT = frozenset(
    {"note", "meaning", "count_is_a_minimum", "days_compared", "sum_of_the_four_cost", "kind", "month"}
)
_NOTHING = frozenset({"0", "0.0", "0.00"})


def evidence_parts(alert: Alert) -> list[Part]:
    """Return the rows that the answer cites, without an answer the first ones; nothing where nothing was found."""
    found = [fact for fact in alert.explained.evidence if "state" not in fact.values]
    explanation = alert.explained.explanation
    cited = set(explanation.evidence_ids) if explanation else set()
    for one in explanation.hypotheses if explanation else ():
        cited |= {*one.evidence_for, *one.evidence_against}
    shown = [fact for fact in found if fact.id in cited] if explanation else found
    if not shown:
        return []
    lines = [_line(fact, alert.spike.billing_currency) for fact in shown[:_MAX_LINES]]
    more = len(shown) - _MAX_LINES
    if more > 0:
        lines.append(f"… and {more} more in the warehouse")
    block = section("\n".join(["*Evidence (computed)*", *lines]))
    return [Part(use=Use.EVIDENCE, blocks=(block,), name="evidence")]


def _line(fact: Fact, currency: str) -> str:
    values = list(_values(fact, currency))[:_MAX_VALUES]
    return f"• {mrkdwn(fact.id, _ID)} {mrkdwn(plain(fact.label, _LABEL), _LABEL)}: {mrkdwn('; '.join(values), _LINE)}"


def _values(fact: Fact, currency: str) -> Iterator[str]:
    for key, value in fact.values.items():
        if value is None or key in _LEFT_OUT or str(value) in _NOTHING:
            continue
        name = _name(key)
        if isinstance(value, bool):
            yield name if value else f"not {name}"
        elif key.endswith("_cost"):
            yield f"{name} {money(Decimal(value), currency)}"
        elif key.endswith("_percent"):
            yield f"{name} {value} %"
        else:
            yield f"{name} {plain(value, _VALUE)}"


def _name(key: str) -> str:
    return key.removesuffix("_cost").removesuffix("_percent").replace("_", " ")
