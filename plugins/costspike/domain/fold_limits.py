"""From which amounts on a large organisation's costs are looked at; see ``fold``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from costspike.domain.baseline import LOOKBACK_DAYS
from costspike.domain.cost_table import HISTORY_DAYS
from costspike.domain.costs import MONEY
from costspike.domain.judgement import softened

if TYPE_CHECKING:
    from costspike.domain.detection_settings import DetectionSettings

FOLD_CELLS: Final = 1_000_000
"""Amounts other than zero, of 401 days, that are still looked at as they are: 2,500 series of thirteen months."""

RECENT_DAYS: Final = 14
"""The seven days that are judged and the seven before, on which a fall must have been there."""

BILL: Final = pa.schema(
    [("usage_date", pa.date32()), ("service", pa.string()), ("amount_usd", MONEY), ("cells", pa.int64())]
)
"""The sum of every service and day that has rows, and how many of those rows are not zero."""

# A tenth of the least rise that matters: nothing below it can be a spike, nor a part of one worth naming.
_LEAST: Final = Decimal("0.1")
# A fiftieth of it: an amount that no rule would tell from nothing.
_TRACE: Final = Decimal("0.02")
_DAY: Final = timedelta(days=1)
_STEP: Final = Decimal(1).scaleb(-MONEY.scale)
_WIDE: Final = Context(prec=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldLimits:
    """Amounts in the billing currency.

    ``least`` is what a series must reach to be kept, on any day, and an account x service since ``recent``; an
    amount below ``trace`` is nothing.
    """

    recent: date
    trace: Decimal
    least: Decimal


def fold_limits(
    bill: pa.Table,
    first: date,
    last: date,
    choices: Sequence["DetectionSettings"],
    *,
    above: int = FOLD_CELLS,
) -> FoldLimits | None:
    """Return the limits for judging the days from ``first`` to ``last``, inclusive, with any of the settings.

    ``bill`` is the ``BILL`` of these days and the ``HISTORY_DAYS`` before them. None where the thirteen months
    up to the last day have no more than ``above`` amounts, or no rise is too small.
    """
    newest = bill.filter(pc.field("usage_date") >= last - _DAY * HISTORY_DAYS)
    if (pc.sum(newest["cells"]).as_py() or 0) <= above:
        return None
    typical = _typical_days(bill, first, last)
    floor = min(softened(settings.floor(day), settings) for settings in choices for day in typical)
    exact = Decimal(str(floor))
    limits = FoldLimits(
        recent=first - _DAY * (RECENT_DAYS - 1),
        trace=exact_money(exact * _TRACE),
        least=exact_money(exact * _LEAST),
    )
    return limits if limits.least > 0 else None


def exact_money(amount: float | Decimal) -> Decimal:
    """Return an amount to the last decimal that is landed; a float is read as the number it prints as."""
    return _WIDE.quantize(Decimal(str(amount)), _STEP)


def _typical_days(bill: pa.Table, first: date, last: date) -> list[float]:
    """Return what the bill's typical day was on each judged day that can be judged, on the last one else."""
    sums = bill.group_by("usage_date").aggregate([("amount_usd", "sum")])
    totals = dict(
        zip(sums["usage_date"].to_pylist(), map(float, sums["amount_usd_sum"].to_pylist()), strict=True)
    )
    judged = [last - _DAY * ago for ago in range((last - first).days + 1)]
    before = [
        [totals[day - _DAY * ago] for ago in range(1, LOOKBACK_DAYS + 1) if day - _DAY * ago in totals]
        for day in judged
    ]
    known = [days for days in before if len(days) >= LOOKBACK_DAYS // 2] or before[:1]
    return [float(np.median(days)) if days else 0.0 for days in known]
