"""The cost tables: landing days in one transaction, and reading them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from costspike.adapters.warehouse.judged_usage import judged_usage, replayed_usage
from costspike.adapters.warehouse.landing import stage
from costspike.adapters.warehouse.replacing import replace_rows
from costspike.adapters.warehouse.usage_sums import MANY_GROUPS, keep_sums, summed_days
from costspike.domain import costs
from costspike.domain.cost_table import HISTORY_DAYS
from costspike.domain.reading import DayRange, LandedDay
from costspike.domain.request_sets import USAGE
from costspike.domain.spikes import Scope, Spike
from costspike.domain.totals import DayTotal

if TYPE_CHECKING:
    import pandas as pd

    from costspike.adapters.warehouse.database import Database, Row, Transaction
    from costspike.domain.detection_settings import DetectionSettings


_TOTALS = pa.schema(
    [
        ("charge_period_start", pa.date32()),
        ("billing_currency", pa.string()),
        ("billed_cost", costs.MONEY),
        ("effective_cost", costs.MONEY),
        ("x_groups", pa.int32()),
        ("x_grain", pa.string()),
        ("x_estimated", pa.bool_()),
        ("x_summed", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """One read of a range of days, complete: every group and the total of each day."""

    span: DayRange
    costs: pd.DataFrame
    totals: Sequence[DayTotal]
    grain: str
    observed_at: datetime
    run_id: str


class CostTables:
    """cloud_costs, cloud_cost_totals, cloud_cost_revisions and usage_sums of one source.

    A day that is landed with ``many_groups`` rows or more has its sums kept.
    """

    def __init__(
        self, database: Database, source: str = "cost_explorer", *, many_groups: int = MANY_GROUPS
    ) -> None:
        self._database = database
        self.source = source
        self._many_groups = many_groups

    def landed_days(self) -> dict[date, LandedDay]:
        """Return what is known of every day that was asked for."""
        return {
            row["charge_period_start"]: LandedDay(
                observed_at=row["observed_at"],
                estimated=bool(row["estimated"]),
                groups=int(row["groups_landed"]),
                run_id=row["run_id"],
            )
            for row in self._days()
        }

    def replace_days(self, landing: Landing) -> list[date]:
        """Replace the days of a range in one transaction; return those whose usage changed.

        The days hold exactly what was read, or, after any error, exactly what they held before.

        Raises:
            DataContractError: two rows share a key, or a column is missing.
        """
        rows = costs.to_table(landing.costs)
        costs.check_unique(rows)
        groups = costs.count_groups(rows)
        summed = summed_days(groups, self._many_groups)
        stamp = {"source": self.source, "observed_at": landing.observed_at, "run_id": landing.run_id}
        span = {"start": landing.span.start, "end": landing.span.end}
        with self._database.transaction() as tx:
            tx.run("cloud_costs/lock")
            known = self._known(tx, landing.span)
            grains = {day: grain for day, (grain, _) in known.items()}
            changed = replace_rows(tx, rows, landing.grain, grains, **span, **stamp)
            if any(had for _, had in known.values()):
                tx.run("usage_sums/delete_days", **span, source=self.source)
            keep_sums(tx, rows, summed, source=self.source)
            with stage(tx, "landing_totals", _totals(landing, groups, summed)):
                if known:
                    tx.run("cloud_cost_totals/delete_days", **span, source=self.source)
                tx.run("cloud_cost_totals/insert", **stamp)
        return [day for day in changed if day in landing.span]

    def judged_usage(
        self, days: Sequence[date], settings: DetectionSettings
    ) -> Iterator[tuple[date, Mapping[str, pd.DataFrame]]]:
        """Yield each day with the rows that ``detect`` needs for it, by currency."""
        return judged_usage(self._database, self.source, days, settings)

    def replayed_usage(
        self, first: date, last: date, choices: Sequence[DetectionSettings], *, look_back: int = HISTORY_DAYS
    ) -> Mapping[str, pd.DataFrame]:
        """Return the rows of all days from ``first`` to ``last``, inclusive, and ``look_back`` days before.

        They come by currency, as ``detect`` takes them.
        """
        return replayed_usage(self._database, self.source, first, last, choices, look_back=look_back)

    def scope_days(
        self, start: date, end: date, scope: Scope, billing_currency: str
    ) -> list[tuple[date, Decimal]]:
        """Return the usage cost of a scope by day of [start, end), oldest first; a missing day is not zero."""
        with self._database.transaction() as tx:
            rows = tx.rows(
                "cloud_costs/select_scope_days",
                start=start,
                end=end,
                source=self.source,
                charge_type=USAGE,
                billing_currency=billing_currency,
                **asdict(scope),
            )
        return [(row["charge_period_start"], row["daily_cost"]) for row in rows]

    def new_regions(self, spike: Spike) -> tuple[str, ...]:
        """Return the regions with usage in the spike's scope on its day that the bill never had before.

        None where the bill has no regions at all before the day: then nothing can be said.
        """
        with self._database.transaction() as tx:
            rows = tx.rows(
                "cloud_costs/select_new_regions",
                day=spike.day,
                source=self.source,
                charge_type=USAGE,
                account_id=spike.scope.account_id,
                service=spike.scope.service,
            )
        return tuple(row["region_id"] for row in rows)

    def account_names(self, since: date) -> dict[str, str]:
        """Return id and latest name of every account with costs since a day."""
        with self._database.transaction() as tx:
            rows = tx.rows("cloud_costs/select_accounts", since=since, source=self.source)
        return {row["sub_account_id"]: row["sub_account_name"] for row in rows}

    def newest_day(self, until: date) -> tuple[date, datetime] | None:
        """Return the newest day that has data and when it was read, None for an empty warehouse."""
        with self._database.transaction() as tx:
            row = tx.row("pipeline_runs/select_newest_day", source=self.source, until=until)
        return (row["charge_period_start"], row["observed_at"]) if row else None

    def failed_checks(self, name: str, span: DayRange, **limits: object) -> list[Row]:
        """Return the rows that break a check of ``include/sql/checks``; none means that it holds."""
        with self._database.transaction() as tx:
            return tx.rows(f"checks/{name}", start=span.start, end=span.end, source=self.source, **limits)

    def _days(self) -> list[Row]:
        with self._database.transaction() as tx:
            return tx.rows("cloud_cost_totals/select_days", source=self.source)

    def _known(self, tx: Transaction, span: DayRange) -> dict[date, tuple[str, bool]]:
        """Return the days of a range that were landed before: the grain of each, and whether it has sums."""
        rows = tx.rows("cloud_cost_totals/select_known", start=span.start, end=span.end, source=self.source)
        return {row["charge_period_start"]: (row["x_grain"], bool(row["x_summed"])) for row in rows}


def _totals(landing: Landing, groups: Mapping[tuple[date, str], int], summed: frozenset[date]) -> pa.Table:
    """Return the rows of cloud_cost_totals."""
    rows = [
        {
            "charge_period_start": total.day,
            "billing_currency": total.billing_currency,
            "billed_cost": total.billed_cost,
            "effective_cost": total.effective_cost,
            "x_groups": groups.get((total.day, total.billing_currency), 0),
            "x_grain": landing.grain,
            "x_estimated": total.estimated,
            "x_summed": total.day in summed,
        }
        for total in landing.totals
    ]
    return pa.Table.from_pylist(rows, _TOTALS)
