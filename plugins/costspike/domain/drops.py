"""Costs that are missing: cost rows and a day in, scopes out that cost far less than they should have."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import pandas as pd

from costspike.domain.cost_rows import cost_table
from costspike.domain.cost_table import CostTable, micro
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.fallen_rows import FallenRow, fallen_rows
from costspike.domain.fold import folded
from costspike.domain.handovers import with_handovers
from costspike.domain.scope_rows import scope_of
from costspike.domain.spikes import Gate, Scope, spike_id

SETTLED_DAYS: Final = 2
"""Whole days that have to pass after a day before its falls are judged: AWS completes a day for about so long."""

HISTORY_DAYS: Final = 120
"""Days before the judged one that are looked at: the lowest of two months, and what replaced what before."""

_REPEAT_DAYS = 6
_GROWN = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A scope that cost far less than expected on one day (UTC), amounts in ``billing_currency``.

    It is no spike, belongs to no incident and has no grade. ``expected_cost`` is without what rose elsewhere at
    the same time; ``lowest_cost`` is the lowest day of the two months before.
    """

    day: date
    scope: Scope
    billing_currency: str
    actual_cost: Decimal
    expected_cost: Decimal
    expected_low: Decimal
    lowest_cost: Decimal
    gates: tuple[Gate, ...]

    @property
    def fall(self) -> Decimal:
        """Return ``expected_cost - actual_cost``, above zero."""
        return self.expected_cost - self.actual_cost

    @property
    def drop_id(self) -> str:
        """Return the identity that every run agrees on; never that of a spike of the same scope and day."""
        return hashlib.sha256(f"drop\x1f{self._names}".encode()).hexdigest()[:16]

    @property
    def _names(self) -> str:
        return spike_id(self.day, self.billing_currency, self.scope)


def settled_day(cost_day: date, today: date) -> date:
    """Return the newest day up to the cost day whose falls may be judged: ``SETTLED_DAYS`` whole days are over."""
    return min(cost_day, today - timedelta(days=SETTLED_DAYS + 1))


def detect_drops(
    costs: pd.DataFrame,
    day: date,
    settings: DetectionSettings | None = None,
    *,
    billing_currency: str = "USD",
) -> list[Drop]:
    """Return what fell on ``day`` (UTC), the largest fall first; see ``detect`` for ``costs``.

    The day has to be complete (``settled_day``); one that is low everywhere has no drops all the same. What an
    earlier day of the last six told is told again only where it fell half as far again.

    Raises:
        DataContractError: a column is missing, or a row has no usable date or amount.
    """
    settings = settings or DetectionSettings()
    table = cost_table(folded(costs, day, settings), day)
    if table is None:
        return []
    table = with_handovers(table)
    rows, fallen = fallen_rows(table, settings)
    new = [one for one in fallen if one.fall >= _GROWN * _told(table, settings).get(_main(one), 0.0)]
    today = table.exact(0) if new else []
    found = [_drop(table, scope_of(table, rows, one.row), one, today, billing_currency) for one in new]
    return sorted((one for one in found if one.fall > 0), key=lambda one: (-one.fall, one.drop_id))


def _told(table: CostTable, settings: DetectionSettings) -> dict[int, float]:
    """Return, by series, the largest fall that the days before have told of it."""
    told: dict[int, float] = {}
    for ago in range(1, _REPEAT_DAYS + 1):
        earlier = table.earlier(ago)
        for one in fallen_rows(earlier, settings)[1] if earlier else ():
            for series in one.series.tolist():
                told[series] = max(told.get(series, 0.0), one.fall)
    return told


def _main(one: FallenRow) -> int:
    return int(one.series[one.falls.argmax()])


def _drop(
    table: CostTable, scope: Scope, one: FallenRow, today: list[Decimal], billing_currency: str
) -> Drop:
    expected, band = micro(one.expected), micro(one.band)
    return Drop(
        day=table.day,
        scope=scope,
        billing_currency=billing_currency,
        actual_cost=sum((today[series] for series in one.series.tolist()), Decimal(0)),
        expected_cost=expected,
        expected_low=max(expected - band, Decimal(0)),
        lowest_cost=micro(one.lowest),
        gates=one.gates,
    )
