"""Answer the reads of a follow-up from landed costs; nothing is written, and nobody outside is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costspike.domain.landed_reads import DailyCosts, breakdown_rows, daily_rows, span, summed

if TYPE_CHECKING:
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.evidence import EvidenceTables
    from costspike.domain.facts import Fact
    from costspike.domain.landed_reads import Read
    from costspike.domain.spikes import Spike


def landed_costs(
    costs: CostTables, tables: EvidenceTables, spike: Spike, read: Read, first: int
) -> tuple[Fact, ...]:
    """Return the rows of a read around a spike's day, in its currency; the first has the number ``first``."""
    start, end = span(spike.day, read)
    if isinstance(read, DailyCosts):
        return daily_rows(read, costs.scope_days(start, end, read.scope, spike.billing_currency), first)
    return breakdown_rows(read, summed(read, tables.breakdown(spike, read.scope, start)), first)
