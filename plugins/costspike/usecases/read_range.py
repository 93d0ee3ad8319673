"""One complete read of a range of days: every request set, all pages, as rows and totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from costspike.domain import request_sets
from costspike.domain.errors import UpstreamError
from costspike.domain.normalization import normalize, period_day, periods
from costspike.domain.reading import DayRange
from costspike.domain.request_sets import RequestSet
from costspike.domain.totals import DayTotal, day_totals

if TYPE_CHECKING:
    from costspike.adapters.cost_explorer import CostExplorer

COARSE = "account_service"
FINE = "account_service_usage_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRead:
    """What was read of a range; ``answered`` are the days that every answer spoke of."""

    rows: pd.DataFrame
    totals: Sequence[DayTotal]
    answered: frozenset[date]

    def complete(self, asked: DayRange, tolerance: Decimal, *, needed: date) -> list[date]:
        """Return the asked days that can be landed: each answer spoke of them, or their groups sum to the total.

        An answer that leaves a day out has nothing of it, or a hole; only the day's total tells which.

        Raises:
            UpstreamError: the needed day is asked for, and not complete.
        """
        unsure = [total for total in self.totals if total.day not in self.answered]
        found = self.answered | {total.day for total in unsure if self._sums_to(total, tolerance)}
        if needed in asked and needed not in found:
            msg = (
                f"Cost Explorer's answers do not fit together: one leaves out {needed}, and the groups of the others "
                "do not sum to its total. Nothing was changed in the warehouse; the task is tried again"
            )
            raise UpstreamError(msg, system="Cost Explorer", reason="bad_answer", retryable=True)
        return [day for day in found if day in asked]

    def within(self, span: DayRange) -> RangeRead:
        """Return the part of some days."""
        starts = self.rows["charge_period_start"]
        return RangeRead(
            rows=self.rows[(starts >= span.start) & (starts < span.end)],
            totals=[total for total in self.totals if total.day in span],
            answered=frozenset(day for day in self.answered if day in span),
        )

    def joined(self, other: RangeRead) -> RangeRead:
        """Return both together, of the days that both answered."""
        return RangeRead(
            rows=pd.concat([self.rows, other.rows], ignore_index=True),
            totals=[*self.totals, *other.totals],
            answered=self.answered & other.answered,
        )

    def _sums_to(self, total: DayTotal, tolerance: Decimal) -> bool:
        rows = self.rows[self.rows["charge_period_start"] == total.day]
        sums = {name: sum(rows[name], Decimal(0)) for name in ("billed_cost", "effective_cost")}
        return (
            set(rows["billing_currency"]) == {total.billing_currency}
            and abs(sums["billed_cost"] - total.billed_cost) <= tolerance
            and abs(sums["effective_cost"] - total.effective_cost) <= tolerance
        )


@dataclass(slots=True)
class RangeReader:
    """Reads ranges at one grain; ``account_names`` are filled by what was read."""

    explorer: CostExplorer
    grain: str
    account_names: dict[str, str] = field(default_factory=dict)

    @property
    def request_sets(self) -> int:
        """Return how many request sets a range takes."""
        return 1 + self.usage_sets + len(request_sets.other_charges())

    @property
    def usage_sets(self) -> int:
        """Return how many of them are about usage."""
        return 1 + len(self.account_names) if self.grain == FINE else 1

    def read_usage(self, span: DayRange) -> RangeRead:
        """Return the usage rows of a range."""
        if self.grain == FINE:
            self.read_account_names(span)
        return self._read(request_sets.usage(sorted(self.account_names) if self.grain == FINE else ()), span)

    def read_totals(self, span: DayRange) -> RangeRead:
        """Return the totals of a range, without rows."""
        days: set[date] = set()
        pages = self.explorer.pages(request_sets.TOTALS.parameters(span))
        totals = [total for total in day_totals(_noting(pages, days)) if total.day in span]
        return RangeRead(rows=normalize([]), totals=totals, answered=frozenset(days))

    def read_other_charges(self, span: DayRange) -> RangeRead:
        """Return the rows of a range that are not usage."""
        return self._read(request_sets.other_charges(), span)

    def read_account_names(self, span: DayRange) -> None:
        """Learn the accounts that had costs in a range, with their names."""
        group_by = request_sets.ACCOUNTS.group_by
        rows = normalize(self.explorer.pages(request_sets.ACCOUNTS.parameters(span)), group_by=group_by)
        pairs = rows[["sub_account_id", "sub_account_name"]].drop_duplicates()
        self.account_names.update(zip(pairs["sub_account_id"], pairs["sub_account_name"], strict=True))

    def _read(self, sets: Iterable[RequestSet], span: DayRange) -> RangeRead:
        frames, answered = [], []
        for request_set in sets:
            days: set[date] = set()
            pages = self.explorer.pages(request_set.parameters(span))
            rows = normalize(
                _noting(pages, days), group_by=request_set.group_by, fixed=self._fixed(request_set)
            )
            frames.append(rows)
            answered.append(frozenset(days))
        rows = pd.concat(frames, ignore_index=True) if frames else normalize([])
        return RangeRead(
            rows=rows, totals=(), answered=frozenset.intersection(*answered) if answered else frozenset()
        )

    def _fixed(self, request_set: RequestSet) -> dict[str, str]:
        fixed = {"x_charge_type": request_set.charge_type}
        if request_set.account_id:
            fixed["sub_account_id"] = request_set.account_id
            fixed["sub_account_name"] = self.account_names.get(request_set.account_id, "")
        return fixed


def _noting(pages: Iterable[Mapping[str, Any]], days: set[date]) -> Iterator[Mapping[str, Any]]:
    """Yield the pages, noting the days that they speak of."""
    for page in pages:
        days.update(period_day(period) for period in periods(page))
        yield page
