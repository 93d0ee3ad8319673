"""The public detector: cost rows and a day in, spikes out."""

from datetime import date

import pandas as pd

from costspike.domain.baseline_detector import detect_baseline
from costspike.domain.cost_table import cost_table
from costspike.domain.day_over_day import detect_day_over_day
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.spikes import Spike

__all__ = ["DetectionSettings", "detect"]

_DETECTORS = {"baseline": detect_baseline, "day_over_day": detect_day_over_day}


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

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.

    """
    settings = settings or DetectionSettings()
    table = cost_table(costs, day)
    if table is None:
        return []
    spikes = _DETECTORS[settings.detector](table, settings, billing_currency)
    # With every floor set to zero, a rise may be less than the millionth that money is kept to.
    return sorted((spike for spike in spikes if spike.impact > 0), key=_order)


def _order(spike: Spike) -> tuple[object, ...]:
    scope = spike.scope
    return -spike.impact, spike.billing_currency, scope.account_id, scope.service
