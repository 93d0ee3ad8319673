"""What each ingredient of the detector is worth: ``python -m benchmarks.ablations [folder]``.

One ingredient at a time is put out of use, as if that piece of knowledge did not exist; nothing is fitted again.
A folder
holds pairs of NAME.parquet and NAME.labels.json; without one, the benchmark's own organisations are scored.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

sys.path[:0] = [str(Path(__file__).parents[1] / "plugins")]

import numpy as np  # noqa: E402 - after the path of the package
import pandas as pd  # noqa: E402

from benchmarks.detection import SEEDS, recall_at, scored  # noqa: E402
from benchmarks.detection_score import Score  # noqa: E402
from benchmarks.organisations import organisation  # noqa: E402
from costspike.domain import (  # noqa: E402
    baseline,
    baseline_detector,
    judged_days,
    judgement,
    likelihoods,
    scope_rows,
)
from costspike.domain.five_days import FiveDays  # noqa: E402
from costspike.domain.scope_rows import Level  # noqa: E402

SENSITIVITIES: Final = (0.5, 1.0, 3.0)
_ORGANISATIONS: Final = 6

Change = tuple[ModuleType, str, Any]
"""A module, a name in it, and what it is instead."""


def _none(amounts: Any, *_: Any) -> Any:
    return np.zeros(len(amounts))


def _never(amounts: Any, *_: Any) -> Any:
    return np.zeros(len(amounts), dtype=np.bool_)


def _no_leaks(amounts: Any, *_: Any) -> FiveDays:
    return FiveDays(rise=np.full(len(amounts), -1.0), expected=np.full(len(amounts), np.nan))


def _only(*levels: Level) -> Change:
    whole: Callable[..., Any] = scope_rows._judged  # noqa: SLF001 - an ablation reaches inside
    return (
        scope_rows,
        "_judged",
        lambda table, rows: whole(table, rows) & np.isin(rows.level, [*levels]),
    )


OFF: Final[dict[str, Sequence[Change]]] = {
    "nothing": (),
    "recent level": [(baseline, "_LEVEL_RANGE", (1.0, 1.0))],
    "usual swing (band)": [(likelihoods, "spread", lambda _residual, expected: np.zeros(len(expected)))],
    "odd days (swing)": [(likelihoods, "swing", lambda _residual, expected: np.zeros(len(expected)))],
    "monthly recurrence": [(likelihoods, "monthly_peak", _none)],
    "sporadic scopes": [(likelihoods, "sporadic", _never), (likelihoods, "largest_run", _none)],
    "new scopes": [(likelihoods, "young", _never)],
    "slow leaks": [
        (judgement, "five_days", _no_leaks),
        (likelihoods, "largest_past_rise", _none),
    ],
    "offsets": [(judgement, "offsets", lambda _t, _r, _e, chosen: np.zeros(len(chosen)))],
    "renames and moved accounts": [(judged_days, "with_handovers", lambda table: table)],
    "offsets, renames and moves": [
        (judgement, "offsets", lambda _t, _r, _e, chosen: np.zeros(len(chosen))),
        (judged_days, "with_handovers", lambda table: table),
    ],
    "levels: only account x service": [_only(Level.ACCOUNT_SERVICE)],
    "levels: no single series": [_only(*(level for level in Level if level != Level.SERIES))],
    "levels: no arrivals": [_only(*(level for level in Level if level != Level.ARRIVALS))],
    "levels: none above account x service": [_only(Level.SERIES, Level.ARRIVALS, Level.ACCOUNT_SERVICE)],
    "silence on repeats": [(baseline_detector, "news", lambda _days, found: found)],
}


def main(folders: Sequence[str]) -> int:
    """Print one table: a row for each ingredient put out of use."""
    sys.stdout.write(
        "| without | best F1 | F1 | false | R@2 | by the day after |\n|---|---|---|---|---|---|\n"
    )
    for name, changes in OFF.items():
        with changed(changes):
            scores, _ = scored(labelled(folders), SENSITIVITIES)
        sys.stdout.write(f"| {name} | {_row(scores)} |\n")
        sys.stdout.flush()
    return 0


def _row(scores: dict[float, Score]) -> str:
    usual = scores[1.0]
    best = max(one.f1 for one in scores.values())
    figures = (best, usual.f1, usual.false_a_month, recall_at(scores.values(), 2.0), usual.caught)
    return " | ".join(f"{figure:.3f}" for figure in figures)


@contextmanager
def changed(changes: Sequence[Change]) -> Iterator[None]:
    with ExitStack() as undo:
        for module, name, instead in changes:
            undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, instead)
        yield


def labelled(folders: Sequence[str]) -> Iterator[tuple[pd.DataFrame, dict[str, Any]]]:
    for seed in () if folders else SEEDS[:_ORGANISATIONS]:
        org = organisation(seed)
        yield org.costs(), org.labels()
    for folder in folders:
        for path in sorted(Path(folder).glob("*.parquet")):
            yield pd.read_parquet(path), json.loads(path.with_suffix(".labels.json").read_text())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
