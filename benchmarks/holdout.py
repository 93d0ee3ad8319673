"""How well the detector does on every set there is: ``python -m benchmarks.holdout [folder ...]``.

Without a folder: both seeds of ``organisations`` and the workloads. A folder holds pairs of NAME.parquet and
NAME.labels.json. The table is the one in docs/detection.md, with the sensitivities below each set.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / "plugins")]

import pandas as pd

from benchmarks.ablations import labelled
from benchmarks.detection import SENSITIVITIES, recall_at, scored
from benchmarks.detection_score import Score
from benchmarks.organisations import organisation
from benchmarks.workloads import workload_organisation

Labelled = tuple[pd.DataFrame, dict[str, Any]]

WORKLOADS: Final = range(24)
_OWN: Final = (range(100, 112), range(200, 212))


def main(folders: Sequence[str]) -> int:
    """Print the figures of each set."""
    for name, organisations in _sets(folders):
        scores, _ = scored(organisations, SENSITIVITIES)
        sys.stdout.write(f"{name}: {_figures(scores)}\n")
        for sensitivity, one in scores.items():
            sys.stdout.write(
                f"  at {sensitivity:g}: {one.false_a_month:.2f} false a month, "
                f"recall {one.recall:.3f}, by the day after {one.caught:.3f}, F1 {one.f1:.3f}\n"
            )
        usual = scores[1.0]
        found = [f"{kind} {usual.found[kind]} of {count}" for kind, count in usual.incidents.items()]
        sys.stdout.write(f"  found: {', '.join(found)}\n  false: {dict(usual.false.most_common())}\n")
        sys.stdout.flush()
    return 0


def _sets(folders: Sequence[str]) -> Iterator[tuple[str, Iterator[Labelled]]]:
    for folder in folders:
        yield folder, labelled([folder])
    if not folders:
        for seeds in _OWN:
            made_up = (organisation(seed) for seed in seeds)
            yield f"own, from seed {seeds.start}", ((org.costs(), org.labels()) for org in made_up)
        made_up = (workload_organisation(seed) for seed in WORKLOADS)
        yield "workloads", ((org.costs(), org.labels()) for org in made_up)


def _figures(scores: dict[float, Score]) -> str:
    usual = scores[1.0]
    return (
        f"F1 {usual.f1:.3f}, recall {usual.recall:.3f}, {usual.false_a_month:.2f} false a month, "
        f"the worst organisation {usual.worst_a_month:.2f}, R@2 {recall_at(scores.values(), 2.0):.3f}, "
        f"by the day after {usual.caught:.3f}, right service {usual.right:.3f}, "
        f"{usual.alerts_per_incident:.2f} alerts per incident"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
