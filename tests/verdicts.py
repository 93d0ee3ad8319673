"""Verdicts as the daily run stores them, with the incidents and messages that they call for."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from costspike.adapters.warehouse.spike_tables import SpikeTables, Verdict
from costspike.domain.incidents import IncidentSettings
from costspike.domain.lifecycle import Decision, decide
from costspike.domain.occasions import Occasion
from costspike.domain.severity import SeveritySettings
from costspike.domain.spikes import Spike
from tests.clocks import NOW


def store(
    spikes: SpikeTables,
    day: date,
    found: Sequence[Spike],
    *,
    alert: bool = True,
    channel: str = "#costs",
    detected_at: datetime = NOW,
    run_id: str = "run 1",
    **changes: Any,
) -> Decision:
    """Store the verdict of a day; with ``alert`` its spikes are told, and what was told is gone on with."""
    settings, grades = IncidentSettings(**changes), SeveritySettings()
    tellable = frozenset(spike.spike_id for spike in found) if alert else frozenset()
    occasion = Occasion(day=day, tellable=tellable, notes=alert)
    return spikes.store(
        [Verdict(day=day, spikes=found)],
        lambda known, outbox: decide(known, outbox, occasion, settings, grades),
        settings=settings,
        route=lambda _: channel,
        detected_at=detected_at,
        run_id=run_id,
    )
