"""Turn the run red when spikes went out without their explanation, after the alerts are out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from costspike.domain.errors import ExplanationRejected

_SHOWN = 3


def check_explanations(items: Sequence[Mapping[str, Any]], results: Iterable[Mapping[str, Any]]) -> int:
    """Return the number of explained spikes.

    Args:
        items: the mapped items of detect_spikes.
        results: what explain_spike returned for them, in any order; a task that died returned nothing.

    Raises:
        ExplanationRejected: some that were to be explained are not; their reasons are named.
    """
    outcomes = {result["message_key"]: result for result in results}
    wanted = [(item, outcomes.get(item["message_key"], {})) for item in items if item["explain"]]
    missing = [
        f"{item['label']}: {str(outcome.get('reason') or 'the task died').rstrip('.')}"
        for item, outcome in wanted
        if not outcome.get("explained")
    ]
    if missing:
        more = f" (and {len(missing) - _SHOWN} more)" if len(missing) > _SHOWN else ""
        msg = (
            f"{len(missing)} of {len(wanted)} spikes have no explanation; their alerts went out without it. "
            f"{'; '.join(missing[:_SHOWN])}{more}. Clear explain_spike when the cause is gone."
        )
        raise ExplanationRejected(msg)
    return len(wanted)
