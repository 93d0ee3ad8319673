"""The public detector: cost rows and a day in, spikes out."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from costspike.domain.baseline_detector import detect_baseline
from costspike.domain.cost_rows import cost_table
from costspike.domain.cost_table import CostTable
from costspike.domain.day_over_day import detect_day_over_day
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.fold import folded
from costspike.domain.judged_days import judged_days
from costspike.domain.spikes import Spike

__all__ = ["DetectionSettings", "detect", "detect_in"]


def detect(
    costs: pd.DataFrame,
    day: date,
    settings: DetectionSettings | None = None,
    *,
    billing_currency: str = "USD",
) -> list[Spike]:
    """Return the spikes of ``day`` (UTC), largest impact first.

    ``costs`` are usage costs in one currency with the columns usage_date, account_id, service, usage_type,
    region (the last two may be empty) and amount_usd. Rows come in any order, rows of one key are added up,
    rows after ``day`` are ignored, and a day without any row is unknown, not free. A day that has no rows
    itself, or too little history, gets no verdict. The same rows always give the same spikes.
    Where rows are very many, those that are too small to matter are added up first; see ``fold``.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    settings = settings or DetectionSettings()
    # The newest usage_date of a frame is a Timestamp: a date to Python, but one that no date can be subtracted from.
    day = date(day.year, day.month, day.day)
    table = cost_table(folded(costs, day, settings), day)
    if table is None:
        return []
    (spikes,) = detect_in(table, [settings], billing_currency)
    return spikes


def detect_in(
    table: CostTable, choices: Sequence[DetectionSettings], billing_currency: str
) -> list[list[Spike]]:
    """Return the spikes of the table's day for each choice of settings; see ``detect``."""
    found = [
        detect_day_over_day(table, days.settings, billing_currency)
        if days.settings.detector == "day_over_day"
        else detect_baseline(days, billing_currency)
        for days in judged_days(table, choices)
    ]
    # With every floor set to zero, a rise may be less than the millionth that money is kept to.
    return [sorted((spike for spike in spikes if spike.impact > 0), key=_order) for spikes in found]


def _order(spike: Spike) -> tuple[object, ...]:
    scope = spike.scope
    return -spike.impact, spike.billing_currency, scope.account_id, scope.service
