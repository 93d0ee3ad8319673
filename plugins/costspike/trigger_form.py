"""The forms by which people start a DAG: what one run may have otherwise than the settings say."""

from __future__ import annotations

from typing import Any, Final

from airflow.sdk import Param


def _optional(kind: str, description: str, **limits: Any) -> Param:
    return Param(None, type=["null", kind], description=description, **limits)


DAILY: Final = {
    "cost_date": _optional("string", "Cost day (UTC); empty: the day of the run.", format="date"),
    "dry_run": Param(
        default=False, type="boolean", description="Judge what is landed; read, store, ask and send nothing."
    ),
    "force": Param(default=False, type="boolean", description="Read final days again, and ask Claude again."),
    "detector": _optional(
        "string",
        "Detector of this run.",
        enum=[None, "baseline", "day_over_day"],
        values_display={"null": "as set"},
    ),
    "sensitivity": _optional(
        "number", "Sensitivity of this run; 2 speaks more readily.", minimum=0.2, maximum=10
    ),
    "min_impact": _optional("number", "Least rise of this run, in the currency of the bill.", minimum=0),
    "min_impact_percent": _optional("number", "Least rise of this run, in percent.", minimum=0),
    "explain_in_backfill": _optional("boolean", "Ask Claude about old spikes of a backfill."),
    "alert_in_backfill": _optional("boolean", "Alert for old spikes of a backfill."),
}

BACK_TEST: Final = {
    "first_day": _optional("string", "First judged day (UTC); empty: a year before the last.", format="date"),
    "last_day": _optional(
        "string", "Last judged day (UTC); empty: the newest that is landed.", format="date"
    ),
    "sensitivities": Param(
        [0.5, 1, 2],
        type="array",
        items={"type": "number", "minimum": 0.2, "maximum": 10},
        description="Sensitivities to compare with that of the settings; each takes a replay of its own.",
    ),
    "detector": _optional("string", "Detector; empty: as set.", enum=[None, "baseline", "day_over_day"]),
    "sensitivity": _optional(
        "number", "The sensitivity that is shown first; empty: as set.", minimum=0.2, maximum=10
    ),
    "min_impact": _optional("number", "Least rise, in the currency of the bill; empty: as set.", minimum=0),
    "min_impact_share_percent": _optional(
        "number",
        "Least rise in percent of the whole bill's typical day; empty: as set.",
        minimum=0,
        maximum=100,
    ),
    "min_impact_percent": _optional("number", "Least rise in percent; empty: as set.", minimum=0),
    "why_not_day": _optional(
        "string", "Say of this day (UTC) why its largest rises were alerted or not.", format="date"
    ),
    "why_not_account": _optional("string", "Only in this account (its id)."),
    "why_not_service": _optional("string", "Only of this service, as Cost Explorer writes it."),
}
