"""``python -m demo.backtest``: what would have been alerted, from a file of costs, a warehouse or the demo's bill.

A CSV or Parquet file needs the columns usage_date, account_id, service, usage_type, region and amount_usd, or the
FOCUS names of these; usage_type, region and billing_currency may be missing.
"""

from __future__ import annotations

import argparse
import logging
import sys
import webbrowser
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
WAREHOUSE = ROOT / "var" / "demo" / "warehouse.duckdb"
# FOCUS name -> the detector's.
FOCUS = {
    "charge_period_start": "usage_date",
    "sub_account_id": "account_id",
    "service_name": "service",
    "sku_meter": "usage_type",
    "region_id": "region",
    "effective_cost": "amount_usd",
}
OPTIONAL = {"usage_type": "", "region": "", "billing_currency": "USD"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Usage rows in memory, asked as the warehouse is."""

    frame: pd.DataFrame

    def usage(self, start: date, end: date) -> pd.DataFrame:
        """Return the rows of [start, end)."""
        days = self.frame["usage_date"]
        return self.frame[(days >= str(start)) & (days < str(end))]

    @property
    def newest_day(self) -> date:
        """Return the last day that has rows."""
        newest: date = self.frame["usage_date"].max().date()
        return newest


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
    from demo.why_not import why_not

    what, frame = _read(arguments.file)
    text = why_not(_prepared(frame), arguments.why_not, settings.load().detection)
    sys.stdout.write(f"{what}\n{text}")
    return 0


def _run(arguments: argparse.Namespace) -> Path:
    from costspike import settings
    from costspike.adapters.backtest_style import stylesheet
    from costspike.adapters.previews import write_page
    from costspike.rendering.backtest_page import backtest_page
    from costspike.usecases.back_test import Question, back_test

    what, frame = _read(arguments.file)
    rows = Rows(_prepared(frame))
    question = Question(
        last_day=arguments.to or rows.newest_day,
        first_day=arguments.since,
        sensitivities=tuple(arguments.sensitivities),
    )
    sys.stdout.write(f"Back-test of {what}\n\n")
    own = settings.load()
    tests = back_test(question, own.detection, rows, own.incidents)
    page = backtest_page(tests, css=stylesheet(), title=f"Back-test of {what}")
    return write_page(arguments.out, question.name, page)


def _read(file: Path | None) -> tuple[str, pd.DataFrame]:
    """Return what is replayed in words, and its rows: the file, else the demo's warehouse, else its bill."""
    import duckdb

    from costspike.domain.errors import DataContractError

    found = file or (WAREHOUSE if WAREHOUSE.exists() else None)
    if found is None:
        return "the demo's made-up bill", _made_up()
    try:
        if found.suffix == ".duckdb":
            return found.name, _warehouse(found)
        # As texts, since an account's number begins with zeros that must stay.
        reader = "read_csv($1, all_varchar = true)" if found.suffix == ".csv" else "query_table($1)"
        return found.name, duckdb.from_query(f"SELECT * FROM {reader}", params=[str(found)]).df()  # noqa: S608
    except duckdb.Error as error:
        msg = (
            f"{found} cannot be read ({error}); expected a CSV, a Parquet or a costspike warehouse (.duckdb)"
        )
        raise DataContractError(msg) from error


def _warehouse(file: Path) -> pd.DataFrame:
    import duckdb

    from costspike import sql
    from costspike.domain.request_sets import USAGE

    asked: dict[str, Any] = {
        "start": date(1970, 1, 1),
        "end": date(9999, 1, 1),
        "source": "cost_explorer",
        "charge_type": USAGE,
        "billing_currency": "",
    }
    text, values = sql.bind("cloud_costs/select_usage", "duckdb", "?", asked)
    with duckdb.connect(str(file), read_only=True) as connection:
        frame: pd.DataFrame = connection.sql(text, params=list(values)).df()
    return frame


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


def _prepared(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the detector's names.

    Raises:
        DataContractError: a column is missing, there is no row, or a day cannot be read.
    """
    import pandas as pd

    from costspike.domain.errors import DataContractError

    rows = frame.rename(columns={old: new for old, new in FOCUS.items() if new not in frame.columns})
    needed = set(FOCUS.values()) - set(OPTIONAL)
    if missing := sorted(needed - set(rows.columns)):
        msg = f"the file lacks the columns {missing}; it has {list(frame.columns)}"
        raise DataContractError(msg)
    if rows.empty:
        msg = "the file has no rows; expected a row for each day and series"
        raise DataContractError(msg)
    rows = rows.assign(**{name: value for name, value in OPTIONAL.items() if name not in rows.columns})
    try:
        return rows.assign(
            usage_date=pd.to_datetime(rows["usage_date"]),
            account_id=rows["account_id"].astype(str),
            amount_usd=pd.to_numeric(rows["amount_usd"]),
        )
    except (ValueError, TypeError) as error:
        msg = f"usage_date must hold dates and amount_usd numbers: {error}"
        raise DataContractError(msg) from error


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
    parser.add_argument("--sensitivities", type=float, nargs="+", default=[0.5, 1.0, 2.0], help="to compare")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "backtest", help="folder of the page")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    return parser


if __name__ == "__main__":
    sys.exit(main())
