"""Simpler ways to judge a day, series by series: medians in Python loops, medians in SQL; and a mere scan."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any, Final

from benchmarks.many_series import DAY, DAYS, FIRST
from costspike.adapters.warehouse.database import Database

Pairs = set[tuple[str, str]]
"""Account and service of what was flagged."""

_USAGE: Final = f"""x_source = 'cost_explorer' AND x_charge_type = 'Usage' AND billing_currency = 'USD'
    AND charge_period_start >= DATE '{FIRST}' AND charge_period_start <= DATE '{DAY}'"""
_NAMES: Final = "sub_account_id, service_name, sku_meter, region_id"
SCAN_ROWS: Final = f"""
    SELECT MAX(charge_period_start), MAX(sub_account_id), MAX(service_name), MAX(sku_meter), MAX(region_id),
        MAX(effective_cost)
    FROM cloud_costs WHERE {_USAGE}"""  # noqa: S608 - our own constants, here and below
_ROWS: Final = f"""
    SELECT {_NAMES}, DATE '{DAY}' - charge_period_start, {{cost}}
    FROM cloud_costs WHERE {_USAGE}"""  # noqa: S608
_ON: Final = " AND ".join(f"one.{name} = other.{name}" for name in _NAMES.split(", "))
_MEDIANS: Final = f"""
    WITH days AS (
        SELECT {_NAMES}, DATE '{DAY}' - charge_period_start AS ago,
            CAST(effective_cost AS DOUBLE PRECISION) AS cost
        FROM cloud_costs WHERE {_USAGE}
    ),
    weekdays AS (
        SELECT {_NAMES}, ago % 7 AS weekday, MEDIAN(cost) AS usual FROM days WHERE ago > 0 GROUP BY {_NAMES}, ago % 7
    ),
    swings AS (
        SELECT {", ".join(f"one.{name}" for name in _NAMES.split(", "))},
            MEDIAN(ABS(one.cost - other.usual)) AS swing
        FROM days AS one INNER JOIN weekdays AS other ON {_ON} AND one.ago % 7 = other.weekday
        WHERE one.ago > 0 GROUP BY {", ".join(f"one.{name}" for name in _NAMES.split(", "))}
    ),
    rises AS (
        SELECT {", ".join(f"one.{name}" for name in _NAMES.split(", "))}, one.cost - other.usual AS rise, other.usual
        FROM days AS one INNER JOIN weekdays AS other ON {_ON} AND other.weekday = 0 WHERE one.ago = 0
    )
    SELECT one.sub_account_id, one.service_name
    FROM rises AS one INNER JOIN swings AS other ON {_ON}
    WHERE one.rise >= {{floor}} AND one.rise >= 0.3 * one.usual AND one.rise > 4 * 1.4826 * other.swing"""  # noqa: S608


def medians_in(engine: str, floor: float) -> str:
    """Return the statement that judges every series by medians."""
    statement = _MEDIANS.format(floor=floor)
    if engine == "postgres":
        for argument in ("cost", "ABS(one.cost - other.usual)"):
            sorted_by = f"PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {argument})"
            statement = statement.replace(f"MEDIAN({argument})", sorted_by)
    return statement


def loops_over(database: Database, floor: float, cost_as: str) -> Pairs:
    """Return what the rivals' rule flags, series by series, as one would write it in Python."""
    series: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [0] * DAYS)
    with database.transaction() as tx:
        tx.cursor.execute(_ROWS.format(cost=cost_as))
        while rows := tx.cursor.fetchmany(100_000):
            for *names, ago, cost in rows:
                series[tuple(names)][ago] += cost
    found: Pairs = set()
    for (account, service, *_), days in series.items():
        usual = [median(days[weekday or 7 :: 7]) for weekday in range(7)]
        swing = median(abs(cost - usual[ago % 7]) for ago, cost in enumerate(days) if ago)
        rise = float(days[0] - usual[0])
        if rise >= floor and rise >= 0.3 * float(usual[0]) and rise > 4 * 1.4826 * float(swing):
            found.add((account, service))
    return found


def floor_of(database: Database) -> float:
    """Return the least rise that matters to costspike."""
    by_day = f"SELECT SUM(effective_cost) FROM cloud_costs WHERE {_USAGE} GROUP BY charge_period_start"  # noqa: S608
    return 0.004 * median(float(total) for (total,) in query(database, by_day))


def query(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.transaction() as tx:
        tx.cursor.execute(statement)
        rows: list[tuple[Any, ...]] = tx.cursor.fetchall()
        return rows
