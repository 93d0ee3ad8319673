"""``make backtest ARGS="--why-not DAY"``: why the largest rises of a day were alerted or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from costspike.domain.detection_settings import DetectionSettings
    from costspike.domain.near_misses import NearMiss


def why_not(rows: Mapping[str, pd.DataFrame], day: date, settings: DetectionSettings) -> str:
    """Return a paragraph for each of the largest rises of a day; ``rows`` by currency, as the detector takes them."""
    from costspike.domain.near_misses import explain_largest_rises

    lines = [f"Why the largest rises of {day} were flagged or not", ""]
    for currency, own in rows.items():
        for found in explain_largest_rises(own, day, settings):
            lines += [_text(found, currency), ""]
    return "\n".join(lines)


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
