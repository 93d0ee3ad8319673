"""``python -m demo.backtest``: what would have been alerted, from a file of costs, a warehouse or the demo's bill.

A CSV or Parquet file needs the columns usage_date, account_id, service, usage_type, region and amount_usd, or the
FOCUS names of these (ChargePeriodStart or charge_period_start); usage_type, region and billing_currency may be missing.
"""

from __future__ import annotations

import argparse
import logging
import sys
import webbrowser
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from costspike.adapters.warehouse.cost_tables import CostTables

ROOT = Path(__file__).resolve().parents[1]
WAREHOUSE = ROOT / "var" / "demo" / "warehouse.duckdb"
SCOPE = ("account_id", "service", "usage_type", "region")


@dataclass(frozen=True, slots=True)
class Rows:
    """Usage rows in memory, asked as the warehouse is."""

    frame: pd.DataFrame

    def replayed_usage(self, *_: object) -> dict[str, pd.DataFrame]:
        """Return all rows by currency: the back-test takes of them what it needs."""
        return {str(currency): own for currency, own in self.frame.groupby("billing_currency")}

    def judged_usage(
        self, days: Iterable[date], _settings: object
    ) -> Iterator[tuple[date, dict[str, pd.DataFrame]]]:
        """Yield each day with the same."""
        for day in days:
            yield day, self.replayed_usage()

    def newest_day(self, _until: date) -> tuple[date, None]:
        """Return the last day that has rows."""
        return self.frame["usage_date"].max().date(), None


def main() -> int:
    """Run the back-test; return 0 if there is a page to look at."""
    arguments = _parser().parse_args()
    sys.path.append(str(ROOT / "plugins"))
    from costspike.domain.errors import CostspikeError

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    try:
        if arguments.why_not:
            return _explain(arguments)
        page = _run(arguments)
    except CostspikeError as stop:
        sys.stdout.write(f"✘ {stop}\n")
        return 1
    sys.stdout.write(f"\nThe page with the cost line and all incidents: {page}\n")
    if arguments.open:
        webbrowser.open(page.as_uri())
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    from costspike import settings
    from costspike.domain.spikes import Scope
    from costspike.usecases.why_not import why_not

    what, usage = _read(arguments.file)
    names = {name: getattr(arguments, name) for name in SCOPE}
    text = why_not(arguments.why_not, settings.load().detection, usage, within=Scope(**names))
    sys.stdout.write(f"{what}\n{text}\n")
    return 0


def _run(arguments: argparse.Namespace) -> Path:
    from costspike import settings
    from costspike.adapters.backtest_style import stylesheet
    from costspike.adapters.previews import write_page
    from costspike.rendering.backtest_page import backtest_page
    from costspike.usecases.back_test import back_test, question_of

    what, usage = _read(arguments.file)
    newest = usage.newest_day(date.max)
    asked = {
        "first_day": arguments.since and arguments.since.isoformat(),
        "last_day": arguments.to and arguments.to.isoformat(),
        "sensitivities": arguments.sensitivities,
    }
    question = question_of(asked, newest and newest[0], datetime.now(UTC).date())
    sys.stdout.write(f"Back-test of {what}\n\n")
    own = settings.load()
    tests = back_test(question, own.detection, usage, own.incidents)
    page = backtest_page(tests, css=stylesheet(), title=f"Back-test of {what}")
    return write_page(arguments.out, question.name, page)


def _read(file: Path | None) -> tuple[str, Rows | CostTables]:
    """Return what is replayed in words, and its rows: the file, else the demo's warehouse, else its bill."""
    import duckdb

    from costspike.domain.errors import DataContractError
    from demo.cost_file import cost_rows

    found = file or (WAREHOUSE if WAREHOUSE.exists() else None)
    if found is None:
        return "the demo's made-up bill", Rows(cost_rows(_made_up()))
    try:
        if found.suffix == ".duckdb":
            return found.name, _warehouse(found)
        # As texts, since an account's number begins with zeros that must stay.
        reader = "read_csv($1, all_varchar = true)" if found.suffix == ".csv" else "query_table($1)"
        rows = duckdb.from_query(f"SELECT * FROM {reader}", params=[str(found)]).df()  # noqa: S608
    except duckdb.Error as error:
        msg = (
            f"{found} cannot be read ({error}); expected a CSV, a Parquet or a costspike warehouse (.duckdb)"
        )
        raise DataContractError(msg) from error
    return found.name, Rows(cost_rows(rows))


def _warehouse(file: Path) -> CostTables:
    import duckdb

    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.database import Database

    connection = duckdb.connect(str(file), read_only=True)
    connection.execute("SELECT 1 FROM cloud_cost_totals")  # else the first statement of costspike would fail
    return CostTables(Database(connect=connection.cursor, engine="duckdb", placeholder="?", read_only=True))


def _made_up() -> pd.DataFrame:
    import pandas as pd

    from costspike.domain.request_sets import USAGE
    from demo.world import World

    sys.stdout.write("Writing the demo's bill: some seconds …\n")
    rows = World.demo(datetime.now(UTC).date()).rows()
    return pd.DataFrame(
        [
            (row.day, row.account_id, row.service, row.usage_type, row.region, row.amortized, row.currency)
            for row in rows
            if row.record_type == USAGE
        ],
        columns=[
            "usage_date",
            "account_id",
            "service",
            "usage_type",
            "region",
            "amount_usd",
            "billing_currency",
        ],
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.backtest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", type=Path, nargs="?", help="CSV, Parquet or .duckdb; default: the demo's warehouse, or bill"
    )
    parser.add_argument(
        "--from", dest="since", type=date.fromisoformat, help="first judged day (default: a year)"
    )
    parser.add_argument("--to", type=date.fromisoformat, help="last judged day (default: the newest)")
    parser.add_argument(
        "--why-not",
        type=date.fromisoformat,
        metavar="DAY",
        help="explain the largest rises of one day instead",
    )
    for name in SCOPE:
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            default="",
            metavar="NAME",
            help="with --why-not: only within this one",
        )
    parser.add_argument("--sensitivities", type=float, nargs="+", default=[0.5, 1.0, 2.0], help="to compare")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "backtest", help="folder of the page")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    return parser


if __name__ == "__main__":
    sys.exit(main())
