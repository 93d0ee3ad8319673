"""An organisation with a bill, which can be asked, restated and rewritten while a server reads it."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Self

from demo.bill import CostRow, RowLike, cost_row
from demo.catalogue import ACCOUNTS
from demo.incidents import Incident, planted
from demo.months import months_later
from demo.organisation import demo_rows

STEP = Decimal("1e-10")
# "Generally around the 5th" of the next month AWS makes a month final; its newest days never are.
CLOSING_DAY = 5
SETTLING = timedelta(days=3)


class World:
    """A bill indexed by day, the names of its accounts and what was planted in it.

    ``today`` is the day on which the world is asked: nothing later can be requested, and what lies
    more than 14 months back is gone. A day from ``estimated_from`` on is provisional. ``has_net`` tells
    whether the organisation has private discounts, hence net metrics.
    """

    def __init__(
        self,
        rows: Iterable[RowLike],
        *,
        names: Mapping[str, str] | None = None,
        estimated_from: date | None = None,
        today: date | None = None,
        incidents: Iterable[Incident] = (),
    ) -> None:
        """Take the rows; without ``today`` the day after the last row is taken."""
        self._lock = threading.Lock()
        self._days: dict[date, tuple[CostRow, ...]] = {}
        self.has_net = False
        self.names = dict(names or {})
        self.incidents = tuple(incidents)
        self.estimated_from = estimated_from
        self.set_rows(rows)
        last = max(self._days, default=None)
        self.today = today or (last + timedelta(days=1) if last else datetime.now(tz=UTC).date())

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[RowLike],
        *,
        names: Mapping[str, str] | None = None,
        estimated_from: date | None = None,
        today: date | None = None,
    ) -> Self:
        """Return a world with exactly these rows; the order of a row's fields is CostRow's."""
        return cls(rows, names=names, estimated_from=estimated_from, today=today)

    @classmethod
    def demo(cls, today: date) -> Self:
        """Return the demo's organisation as it looks on ``today``, with 13 months of bill up to yesterday.

        Deterministic: a day reads the same whenever it is asked for, but for the incidents, which are
        planted relative to ``today`` (see ``demo.incidents``).
        """
        events = planted(today)
        return cls(
            demo_rows(today, events),
            names={account.id: account.name for account in ACCOUNTS},
            estimated_from=_open_since(today),
            today=today,
            incidents=events,
        )

    @property
    def days(self) -> list[date]:
        """Return the days that have rows, in order."""
        with self._lock:
            return sorted(self._days)

    def rows_of(self, day: date) -> tuple[CostRow, ...]:
        """Return the rows of one day, in the order in which they were given."""
        with self._lock:
            return self._days.get(day, ())

    def rows(self) -> list[CostRow]:
        """Return all rows, by day."""
        with self._lock:
            return [row for day in sorted(self._days) for row in self._days[day]]

    def is_estimated(self, day: date) -> bool:
        """Return whether the amounts of a day are provisional."""
        return self.estimated_from is not None and day >= self.estimated_from

    def set_rows(self, rows: Iterable[RowLike]) -> None:
        """Replace the whole bill."""
        days: defaultdict[date, list[CostRow]] = defaultdict(list)
        for row in rows:
            days[row[0]].append(row if isinstance(row, CostRow) else cost_row(row))
        with self._lock:
            self._days = {day: tuple(of_day) for day, of_day in days.items()}
            self.has_net = any(row.net_amortized is not None for of_day in days.values() for row in of_day)

    def add_rows(self, rows: Iterable[RowLike]) -> None:
        """Add rows to the bill, for example a day that has just become known."""
        self.set_rows([*self.rows(), *rows])

    def restate(self, day: date, account_id: str, service: str, factor: Decimal | str | int) -> None:
        """Multiply what one account paid for one service on one day, as a late correction does.

        Raises:
            ValueError: There is no such row.
        """
        times = Decimal(factor)
        old = self.rows_of(day)
        new = tuple(
            _scaled(row, times) if (row.account_id, row.service) == (account_id, service) else row
            for row in old
        )
        if new == old and times != 1:
            msg = f"nothing to restate: no cost of {service!r} in account {account_id!r} on {day}"
            raise ValueError(msg)
        with self._lock:
            self._days[day] = new


def _open_since(today: date) -> date:
    """Return the first day whose amounts are still provisional."""
    month = today.replace(day=1)
    if today.day <= CLOSING_DAY:
        month = months_later(month, -1)
    return min(month, today - SETTLING)


def _scaled(row: CostRow, factor: Decimal) -> CostRow:
    net = row.net_amortized
    return row._replace(
        unblended=(row.unblended * factor).quantize(STEP),
        amortized=(row.amortized * factor).quantize(STEP),
        net_amortized=None if net is None else (net * factor).quantize(STEP),
        quantity=(row.quantity * factor).quantize(STEP),
    )
