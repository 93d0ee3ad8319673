"""A year of 500 series replayed as a user asks for it: from the warehouse's rows to the page with the picture."""

from __future__ import annotations

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa

from benchmarks.organisation import NAMES
from benchmarks.organisations import organisation
from benchmarks.table import Figure, require
from benchmarks.warehouses import duckdb_file, landing_of
from costspike.adapters.backtest_style import stylesheet
from costspike.adapters.warehouse.cost_tables import CostTables, Landing
from costspike.domain import costs
from costspike.domain.detection_settings import DetectionSettings
from costspike.rendering.backtest_page import backtest_page
from costspike.usecases.back_test import Question, back_test

if TYPE_CHECKING:
    from costspike.domain.backtest import BackTest

SERIES: Final = 500
SENSITIVITIES: Final = (0.5, 1.0, 2.0)
"""Those that the form proposes, side by side."""

_MOST_SECONDS: Final = 10.0
_RUNS: Final = 3


def measure() -> list[Figure]:
    """Return the CPU seconds of the best run; wall time and what was found are notes."""
    rows = _rows()
    with duckdb_file() as warehouse:
        tables = CostTables(warehouse.database)
        tables.replace_days(_landing(rows))
        spent, replayed, page = min((_replay(tables) for _ in range(_RUNS)), key=lambda one: one[0])
    outcomes = replayed.outcomes
    require(len(outcomes) == len(SENSITIVITIES), "not every sensitivity was replayed")
    found = [len(one.incidents) for one in sorted(outcomes, key=lambda one: one.detection.sensitivity)]
    require(found == sorted(found), f"a higher sensitivity found fewer incidents: {found}")
    require("<svg" in page, "the page has no picture")
    return [
        Figure(
            what=f"back-test: a year of {SERIES} series at {len(SENSITIVITIES)} sensitivities, DuckDB to page",
            measured=spent,
            unit="s",
            goal=_MOST_SECONDS,
            goal_is="most",
            note=f"CPU; {len(rows):,} rows, {outcomes[0].judged_days} days judged, {found} incidents",
        )
    ]


def _replay(tables: CostTables) -> tuple[float, BackTest, str]:
    began = time.process_time()
    newest = tables.newest_day(date.max)
    require(newest is not None, "nothing was landed")
    question = Question(last_day=newest[0] if newest else date.min, sensitivities=SENSITIVITIES)
    tests = back_test(question, DetectionSettings(), tables)
    page = backtest_page(tests, css=stylesheet(), names=tables.account_names(question.first))
    return time.process_time() - began, tests[0], page


def _rows() -> pd.DataFrame:
    """Return 18 months of several made-up organisations under one bill."""
    frames: list[pd.DataFrame] = []
    known = 0
    for seed in range(100, 200):
        own = organisation(seed).costs()
        keys = own[list(NAMES)].drop_duplicates().head(SERIES - known)
        frames.append(own.merge(keys, on=list(NAMES)))
        known += len(keys)
        if known == SERIES:
            break
    return pd.concat(frames).sort_values("usage_date", kind="stable").reset_index(drop=True)


def _landing(rows: pd.DataFrame) -> Landing:
    start = pa.array(rows["usage_date"].dt.date, pa.date32())
    amount = pa.array([Decimal(str(one)) for one in rows["amount_usd"]], costs.MONEY)
    account, service, usage_type, region = (pa.array(rows[name].tolist(), pa.string()) for name in NAMES)
    columns = {
        "charge_period_start": start,
        "charge_period_end": pa.array((rows["usage_date"] + timedelta(days=1)).dt.date, pa.date32()),
        "sub_account_id": account,
        "sub_account_name": account,
        "service_name": service,
        "region_id": region,
        "sku_meter": usage_type,
        "x_charge_type": "Usage",
        "billing_currency": "USD",
        "billed_cost": amount,
        "effective_cost": amount,
        "x_cost_basis": "unblended",
        "consumed_quantity": amount,
        "consumed_unit": "Hrs",
        "x_estimated": False,
    }
    repeated = [
        pa.repeat(value, len(rows)) if isinstance(value, str | bool) else value for value in columns.values()
    ]
    frame = costs.to_frame(pa.table(repeated, schema=costs.SCHEMA))
    return landing_of(frame, grain="account_service_usage_type")
