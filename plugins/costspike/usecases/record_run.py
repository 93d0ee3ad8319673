"""Write down what a run did, whatever became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costspike.adapters.warehouse.spending import RunSummary, Spending
    from costspike.domain.runs import Run

log = logging.getLogger(__name__)


def record_run(run: Run, spending: Spending, *, states: Iterable[str], source: str) -> RunSummary:
    """Store and return the row of pipeline_runs; ``states`` are those of the run's other task instances."""
    outcome = "failed" if {"failed", "upstream_failed"} & set(states) else "success"
    summary = spending.summarize(run, outcome=outcome, source=source)
    if not run.dry_run:
        spending.record(summary)
    log.info("Run: %s", summary)
    return summary
