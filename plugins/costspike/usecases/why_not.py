"""Say why the largest rises of a day were flagged or not."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from costspike.domain.near_misses import explain_largest_rises
from costspike.domain.spikes import Scope
from costspike.rendering.why_not_text import why_not_text

if TYPE_CHECKING:
    import pandas as pd

    from costspike.domain.detection_settings import DetectionSettings

log = logging.getLogger(__name__)


class Usage(Protocol):
    """Where usage rows come from: the warehouse's ``CostTables``, or a file."""

    def judged_usage(
        self, days: Sequence[date], settings: DetectionSettings, /
    ) -> Iterator[tuple[date, Mapping[str, pd.DataFrame]]]:
        """Yield each day with the rows that ``detect`` needs for it by currency."""


def asked_why_not(params: Mapping[str, Any], detection: DetectionSettings, usage: Usage) -> str:
    """Return the answer to what a form asks, and log it; empty if it asks nothing."""
    day = params.get("why_not_day")
    if not day:
        return ""
    scope = Scope(account_id=params.get("why_not_account") or "", service=params.get("why_not_service") or "")
    text = why_not(date.fromisoformat(day), detection, usage, within=scope)
    log.info("%s", text)
    return text


def why_not(day: date, detection: DetectionSettings, usage: Usage, *, within: Scope | None = None) -> str:
    """Return a paragraph for each of the largest rises of a day within a scope, by currency."""
    lines = [f"Why the largest rises of {day} were flagged or not"]
    for _, rows in usage.judged_usage([day], detection):
        for currency, own in rows.items():
            found = explain_largest_rises(own, day, detection, within=within or Scope())
            lines.append(why_not_text(found, currency))
    return "\n\n".join(lines if lines[1:] else [*lines, "No usage is landed up to this day."])
