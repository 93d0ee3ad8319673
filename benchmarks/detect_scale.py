"""One day of very many series: costspike against Python loops, medians in SQL, and a mere scan.

The rivals judge single series by one rule (the same weekday's median of eight weeks, and four robust deviations);
costspike judges every level with all its rules, and attributes what it found. All read the same rows.

``python -m benchmarks.detect_scale --series 100000 1000000`` prints how the time grows; a million series need
1.1 GB of disk and some minutes.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / "plugins")]

from benchmarks.many_series import DAY, duckdb_of, fill_postgres, planted
from benchmarks.median_rivals import SCAN_ROWS, Pairs, floor_of, loops_over, medians_in, query
from benchmarks.table import Figure, require, table
from benchmarks.timing import Rounds, in_turn
from benchmarks.warehouses import postgres
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.judged_usage import judged_usage
from costspike.domain.detection import detect
from costspike.domain.detection_settings import DetectionSettings

SERIES, POSTGRES_SERIES = 100_000, 20_000
LOOPS, FLOATS = "Python loops over the rows as they come, exact decimals", "Python loops over floats"
MEDIANS, SCAN, OURS = "medians in SQL", "a scan", "costspike"


def measure() -> list[Figure]:
    """Return the figures of 100,000 series in DuckDB, and of 20,000 in Postgres where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "costs.duckdb"
        with duckdb_of(file, SERIES) as (database, _):
            figures = _duckdb_figures(database)
        figures.append(_memory(file, SERIES))
    with postgres() as installed:
        if installed:
            fill_postgres(installed, POSTGRES_SERIES)
            figures += _postgres_figures(installed)
    return figures


def _duckdb_figures(database: Database) -> list[Figure]:
    contestants = _contestants(database, SERIES, MEDIANS, SCAN)
    rounds = in_turn(contestants, rounds=3)
    floor, answers = floor_of(database), dict[str, Pairs]()

    def remembered(name: str, cost: str) -> None:
        answers[name] = loops_over(database, floor, cost)

    loops = in_turn(
        {
            LOOPS: partial(remembered, LOOPS, "effective_cost"),
            FLOATS: partial(remembered, FLOATS, "CAST(effective_cost AS DOUBLE)"),
            OURS: contestants[OURS],
        },
        rounds=1,
    )
    for name, found in answers.items():
        _require_planted(name, found, SERIES)
    seconds = rounds.typical(OURS)
    what = f"judge a day of {SERIES:,} series in DuckDB"
    return [
        *(
            Figure(
                what=f"{what}: {name}", measured=loops.ratio(name, OURS), goal=40, note=_seconds(loops, name)
            )
            for name in (LOOPS, FLOATS)
        ),
        Figure(
            what=f"{what}: {MEDIANS}",
            measured=rounds.ratio(MEDIANS, OURS),
            goal=8,
            note=_seconds(rounds, MEDIANS),
        ),
        Figure(
            what=f"{what}: time of {SCAN} of the same rows",
            measured=rounds.ratio(OURS, SCAN),
            goal=2.5,
            goal_is="most",
            note=f"{seconds:.2f} s, {_seconds(rounds, SCAN)}",
        ),
    ]


def _postgres_figures(warehouse: Any) -> list[Figure]:
    with warehouse.database.transaction() as tx:
        # Else workers would do what the clock does not see, and the medians be sorted on disk and joined row by row.
        tx.cursor.execute(
            "SET max_parallel_workers_per_gather = 0; SET work_mem = '256MB'; SET enable_nestloop = off; SET jit = off"
        )
    contestants = _contestants(warehouse.database, POSTGRES_SERIES, MEDIANS, SCAN)
    rounds = in_turn(contestants, rounds=2, clock=warehouse.clock)
    return [
        Figure(
            what=f"judge a day of {POSTGRES_SERIES:,} series in Postgres: {MEDIANS}",
            measured=rounds.ratio(MEDIANS, OURS),
            goal=8,
            note=f"{_seconds(rounds, MEDIANS)}, {_seconds(rounds, OURS)}; {rounds.ratio(OURS, SCAN):.1f} x {SCAN}",
        )
    ]


def _contestants(database: Database, series: int, *rivals: str) -> dict[str, Callable[[], object]]:
    """Return costspike and the rivals, once they are known to find what was planted, and nothing else."""
    medians = medians_in(database.engine, floor_of(database))
    _require_planted(OURS, _ours(database), series)
    if MEDIANS in rivals:
        _require_planted(MEDIANS, set(query(database, medians)), series)
    known = {MEDIANS: partial(query, database, medians), SCAN: partial(query, database, SCAN_ROWS)}
    return {OURS: partial(_ours, database), **{name: known[name] for name in rivals}}


def _require_planted(name: str, found: Pairs, series: int) -> None:
    rises = planted(series)
    require(bool(rises) and found == rises, f"{name} flags {sorted(found)}; {sorted(rises)} rise")


def _ours(database: Database) -> Pairs:
    ((_, rows),) = judged_usage(database, "cost_explorer", [DAY], DetectionSettings())
    spikes = detect(rows["USD"], DAY)
    return {(spike.scope.account_id, spike.scope.service) for spike in spikes}


def _seconds(rounds: Rounds, name: str) -> str:
    return f"{name} {rounds.typical(name):.2f} s"


def _memory(file: Path, series: int) -> Figure:
    """Return the peak of a process that judges the day, and the part that libraries take before."""
    asked = [sys.executable, "-m", "benchmarks.detect_scale", "--memory", str(file)]
    peak, before = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    return Figure(
        what=f"judge a day of {series:,} series in DuckDB: memory of the whole process at most",
        measured=float(peak),
        unit="MB",
        note=f"of which {before} MB before the first row is read",
    )


def _print_memory(file: Path) -> None:
    with duckdb_of(file, 0) as (database, _):
        before = _peak()
        _ours(database)
        print(_peak(), before)


def _peak() -> int:
    """Return the largest memory so far, in MB; not what the parent had, which getrusage would count."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def _growth(series: list[int]) -> list[Figure]:
    figures: list[Figure] = []
    known: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in series:
            file = Path(folder) / f"{count}.duckdb"
            with duckdb_of(file, count) as (database, _):
                rounds = in_turn(_contestants(database, count, SCAN), rounds=3)
            known[count] = rounds.typical(OURS)
            what = f"judge a day of {count:,} series in DuckDB"
            figures += [
                Figure(
                    what=f"{what}: time of {SCAN}",
                    measured=rounds.ratio(OURS, SCAN),
                    goal=2.5,
                    goal_is="most",
                    note=f"{known[count]:.2f} s, {_seconds(rounds, SCAN)}",
                ),
                _memory(file, count),
            ]
    few, many = min(known), max(known)
    exponent = math.log(known[many] / known[few]) / math.log(many / few) if many > few else 0.0
    what = f"growth of the time from {few:,} to {many:,} series: exponent"
    return [*figures, Figure(what=what, measured=exponent, unit="", goal=1.2, goal_is="most")]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, nargs="+", default=[SERIES, 10 * SERIES])
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.memory:
        _print_memory(asked.memory)
    else:
        sys.stdout.write(f"{table(_growth(asked.series))}\n")


if __name__ == "__main__":
    _main()
