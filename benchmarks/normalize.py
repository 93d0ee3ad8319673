"""Pages to a frame: costspike's normalize against the original's loops and pandas.json_normalize."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.pages import LANDED_METRICS, ONE_METRIC, Page, pages
from benchmarks.table import Figure, require
from benchmarks.timing import in_turn
from costspike.domain.normalization import normalize

ROWS = 50_000
STREAMED_ROWS = (150_000, 300_000)


def measure() -> list[Figure]:
    """Return the figures of normalizing."""
    memory = [_memory(rows) for rows in STREAMED_ROWS]  # first: Arrow's peak is that of the whole process
    return [
        *_speed(ONE_METRIC, "one metric"),
        *_speed(LANDED_METRICS, "the metrics that are landed"),
        *memory,
    ]


def _speed(metrics: Sequence[str], named: str) -> list[Figure]:
    # As a client parses it: every text is an object of its own.
    answer = [json.loads(json.dumps(page)) for page in pages(ROWS, metrics=metrics)]
    _check(answer, metrics)
    rounds = in_turn(
        {
            "costspike": lambda: normalize(answer),
            "loops": lambda: seed_loops(answer, metrics),
            "json_normalize": lambda: json_normalize(answer),
        }
    )
    rate = f"{ROWS / rounds.typical('costspike') / 1e6:.2f} M rows a CPU second"
    return [
        Figure(
            what=f"normalize, {named}: speed against the original's loops",
            measured=rounds.ratio("loops", "costspike"),
            goal=3.0,
            note=rate,
        ),
        Figure(
            what=f"normalize, {named}: speed against json_normalize",
            measured=rounds.ratio("json_normalize", "costspike"),
            goal=20.0,
        ),
    ]


def seed_loops(answer: Iterable[Page], metrics: Sequence[str]) -> pd.DataFrame:
    """Return the rows as the original made them: a dict a group, floats, a frame of the list."""
    rows: list[dict[str, Any]] = []
    for page in answer:
        for period in page["ResultsByTime"]:
            day = period["TimePeriod"]["Start"]
            for group in period["Groups"]:
                row = {"date": day, "account": group["Keys"][0], "service": group["Keys"][1]}
                for name in metrics:
                    row[name] = float(group["Metrics"][name]["Amount"])
                row["currency"] = group["Metrics"]["UnblendedCost"]["Unit"]
                rows.append(row)
    return pd.DataFrame(rows)


def json_normalize(answer: Iterable[Page]) -> pd.DataFrame:
    """Return the rows as pandas flattens nested records; amounts stay texts."""
    return pd.concat(
        [
            pd.json_normalize(page["ResultsByTime"], record_path="Groups", meta=[["TimePeriod", "Start"]])
            for page in answer
        ]
    )


def _check(answer: list[Page], metrics: Sequence[str]) -> None:
    """Refuse to time answers that differ."""
    own, loops, flat = normalize(answer), seed_loops(answer, metrics), json_normalize(answer)
    require(len(own) == len(loops) == len(flat) == ROWS, "normalize: the numbers of rows differ")
    for mine, theirs in (("sub_account_id", "account"), ("service_name", "service")):
        require(own[mine].tolist() == loops[theirs].tolist(), f"normalize: {mine} differs")
    days = [day.isoformat() for day in own["charge_period_start"]]
    require(days == loops["date"].tolist() == flat["TimePeriod.Start"].tolist(), "normalize: the days differ")
    texts = flat["Metrics.UnblendedCost.Amount"].tolist()
    require(own["billed_cost"].tolist() == [Decimal(text) for text in texts], "normalize: the amounts differ")
    require([float(text) for text in texts] == loops["UnblendedCost"].tolist(), "loops: the amounts differ")


def _memory(rows: int) -> Figure:
    """Return the memory beyond the frame, with the pages made one by one as a reader gives them.

    Python's peak and Arrow's are added up although they need not coincide: an upper bound.
    """
    pool = pa.default_memory_pool()
    normalize(pages(5000))
    arrow_before = pool.bytes_allocated()
    tracemalloc.start()
    frame = normalize(pages(rows))
    python_left, python_peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    require(len(frame) == rows, "normalize: the number of rows is wrong")
    arrow_left = pool.bytes_allocated()
    beyond = (python_peak - python_left) + (pool.max_memory() - arrow_left)
    return Figure(
        what=f"normalize, {rows:,} rows streamed: memory beyond the result",
        measured=beyond / rows,
        unit="B a row",
        goal=250,
        goal_is="most",
        note=f"the result itself: {(python_left + arrow_left - arrow_before) / rows:.0f} B a row",
    )
