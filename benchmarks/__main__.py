"""Run the benchmarks and print one table: ``python -m benchmarks [part ...]``, for the parts see ``PARTS``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "plugins")]

from benchmarks.table import Figure, WrongAnswer, table  # noqa: E402 - after the path of the package

PARTS = ("normalize", "land", "parse", "requests", "detection", "backtest", "detect_scale")


def main(names: list[str]) -> int:
    """Print the figures; only an answer that is wrong is a failure."""
    unknown = sorted(set(names) - set(PARTS))
    if unknown:
        sys.stderr.write(f"there are no benchmarks named {unknown}; expected some of {list(PARTS)}\n")
        return 2
    figures: list[Figure] = []
    for name in names or PARTS:
        sys.stderr.write(f"measuring {name} ...\n")
        try:
            figures += importlib.import_module(f"benchmarks.{name}").measure()
        except WrongAnswer as problem:
            sys.stderr.write(f"wrong: {problem}\n")
            return 1
    sys.stdout.write(f"{table(figures)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
