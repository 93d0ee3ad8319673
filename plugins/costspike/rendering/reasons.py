"""Why a spike was flagged, in words: the detector's rule and every gate with its limit."""

from decimal import Decimal

from costspike.domain.spikes import FELL_ELSEWHERE, PLAN_BOUGHT, PLAN_EXPIRED, SIGNALS, Gate, Spike
from costspike.rendering.amounts import money, number
from costspike.rendering.mrkdwn import plain

_WORD = 40
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LARGEST = 1e15
# Gates that hold the day's cost against a precedent: only the limits differ.
_PRECEDENTS = {
    "band": "the usual band",
    "recent_largest": "the largest recent days",
    "largest_run": "the largest earlier run",
    "monthly": "the same days of earlier months",
}
_RISES = {"impact": "rise", "five_days": "rise of the five-day mean"}
_TOLD_APART = (*_PRECEDENTS, *SIGNALS, FELL_ELSEWHERE)
_PERCENTAGES = {
    "impact_percent": "relative rise",
    "likelihood_percent": "likelihood of an incident",
    "increase_percent": "rise on the day before",
    "spread_percent": "share outside its largest part",
}


def why_flagged(spike: Spike) -> str:
    """Return the reason as plain text, a sentence for the rule and one for its gates."""
    rule = plain(spike.detector.replace("_", " "), _WORD)
    sentences = [
        f"By the {rule} rule the day scores {number(spike.score)}, where 1 is the threshold.",
        _compared(spike),
    ]
    own = [_own_limit(gate, spike) for gate in spike.gates if gate.name not in _TOLD_APART]
    if own:
        sentences.append(f"Passed: {'; '.join(own)}.")
    precedents = [_precedent(gate, spike) for gate in spike.gates if gate.name in _PRECEDENTS]
    if precedents:
        cost = money(spike.actual_cost, spike.billing_currency)
        sentences.append(f"The day's {cost} also beats the limits from {', '.join(precedents)}.")
    fell = [_amount(gate.value, spike) for gate in spike.gates if gate.name == FELL_ELSEWHERE]
    sentences += [
        f"Related costs fell by {amount} at the same time, which is not counted as rise." for amount in fell
    ]
    if spike.signal:
        sentences.append(_signal(spike.signal, spike))
    return " ".join(sentences)


def _compared(spike: Spike) -> str:
    latest, *earlier = spike.compared_days
    if not earlier:
        return f"Compared with {latest}."
    return f"Compared with the {_WEEKDAYS[latest.weekday()]}s from {earlier[-1]} to {latest}."


def _own_limit(gate: Gate, spike: Spike) -> str:
    if gate.name in _RISES:
        return f"{_RISES[gate.name]} {_amount(gate.value, spike)} (limit {_amount(gate.limit, spike)})"
    if gate.name in _PERCENTAGES:
        return f"{_PERCENTAGES[gate.name]} {number(gate.value)} % (limit {number(gate.limit)} %)"
    return f"{plain(gate.name.replace('_', ' '), _WORD)} {number(gate.value)} (limit {number(gate.limit)})"


def _signal(gate: Gate, spike: Spike) -> str:
    if gate.name == PLAN_BOUGHT:
        return "This is the cost of a commitment: a plan was probably bought."
    if gate.name == PLAN_EXPIRED:
        fell = f"{_amount(gate.value, spike)} (limit {_amount(gate.limit, spike)})"
        return f"A commitment's own cost fell by {fell}: a plan probably ended, and usage did not grow."
    share = f"{number(gate.value)} % of the service rose alike (limit {number(gate.limit)} %)"
    return f"{share}: a discount was probably lost, and usage did not grow."


def _precedent(gate: Gate, spike: Spike) -> str:
    return f"{_PRECEDENTS[gate.name]} ({_amount(gate.limit, spike)})"


def _amount(value: float, spike: Spike) -> str:
    # Scores and gates are floats inside detection; here one is only written.
    return money(Decimal(value), spike.billing_currency) if abs(value) < _LARGEST else number(value)
