"""Why rises of a day were flagged or not, as plain text for a log or a terminal."""

from collections.abc import Sequence

from costspike.domain.near_misses import NearMiss


def why_not_text(found: Sequence[NearMiss], currency: str) -> str:
    """Return a paragraph for each scope: the sentence, the figures, and every gate with its value and limit."""
    return "\n\n".join(_text(one, currency) for one in found)


def _text(found: NearMiss, currency: str) -> str:
    scope = " · ".join(name for name in _names(found) if name) or "the total"
    lines = [f"{'●' if found.missed == 'flagged' else '○'} {scope}: {found.sentence}"]
    if found.actual_cost is not None:
        lines.append(
            f"    {found.actual_cost:,.2f} {currency}, expected {found.expected_cost:,.2f}"
            f" (usual up to {found.expected_high:,.2f}), score {found.score:.2f} where 1 is the threshold"
        )
    for gate in found.gates:
        verdict = "passed" if gate.value >= gate.limit else "missed"
        lines.append(f"    {verdict}  {gate.name}: {gate.value:,.2f}, limit {gate.limit:,.2f}")
    return "\n".join(lines)


def _names(found: NearMiss) -> tuple[str, ...]:
    scope = found.scope
    return scope.account_id, scope.service, scope.usage_type, scope.region
