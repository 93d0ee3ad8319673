"""Whether a figure hangs on a constant: ``python -m benchmarks.constants [folder]``.

One constant of the detector at a time is made a third smaller or larger (0.7 and 1.3 times what it is), and the
organisations of the benchmark, or those of a folder (see ``benchmarks.ablations``), are scored again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, Final

sys.path[:0] = [str(Path(__file__).parents[1] / "plugins")]

from benchmarks.ablations import Change, changed, labelled  # noqa: E402 - after the path of the package
from benchmarks.detection_score import Score  # noqa: E402
from costspike.domain import (  # noqa: E402
    baseline,
    coverage,
    five_days,
    handovers,
    likelihoods,
    offsets,
    precedent,
    repeats,
    scope_rows,
    verdicts,
)
from costspike.domain.baseline_detector import detect_baseline  # noqa: E402
from costspike.domain.cost_history import CostHistory  # noqa: E402
from costspike.domain.cost_table import CostTable  # noqa: E402
from costspike.domain.detection import DetectionSettings  # noqa: E402
from costspike.domain.judged_days import judged_days  # noqa: E402
from costspike.domain.spikes import Spike  # noqa: E402

FACTORS: Final = (0.7, 1.3)

_BEFORE: Final[Sequence[tuple[ModuleType, str]]] = (
    (baseline, "_LEVEL_RANGE"),
    (baseline, "RESIDUAL_DAYS"),
    (baseline, "_LEAST_SPREAD"),
    (scope_rows, "_ARRIVAL_DAYS"),
    (precedent, "_PRESENCE_DAYS"),
    (precedent, "_PRESENT_SHARE"),
    (precedent, "_NEW_DAYS"),
    (precedent, "_MONTHS"),
    (precedent, "_MONTH_END_DAYS"),
    (precedent, "_PEAK"),
    (five_days, "_MEAN_DAYS"),
    (five_days, "_DRIFT_RANGE"),
    (likelihoods, "_SWING_DAYS"),
    (offsets, "_LEAST_FALL"),
    (offsets, "_DEVIATIONS"),
    (offsets, "_PRESENT_DAYS"),
    (offsets, "_COMPLETE_RANGE"),
    (handovers, "_WARM_UP_DAYS"),
    (handovers, "_LONGEST_GAP_DAYS"),
    (handovers, "_LEAST_PREDECESSOR_DAYS"),
    (handovers, "_COST_DAYS"),
    (handovers, "_LEAST_COVERED"),
)
_AFTER: Final[Sequence[tuple[ModuleType, str]]] = (
    (likelihoods, "_LEAST_SHARE"),
    (likelihoods, "_RUN_DAYS"),
    (likelihoods, "_RUN_SHARE"),
    (baseline, "_SWING_PLACE"),
    (likelihoods, "_LEAST_FIVE_DAYS"),
    (verdicts, "_LEAST_SPREAD_PERCENT"),
    (verdicts, "_LEAST_HELD"),
    (coverage, "_LEAST_RISE"),
    (coverage, "_LEAST_FALL_SHARE"),
    (coverage, "_ALIKE_WITH_PLAN"),
    (coverage, "_ALIKE_PERCENT"),
    (coverage, "_LEAST_SERIES"),
    (repeats, "REPEAT_DAYS"),
    (repeats, "_GROWN"),
    (repeats, "_MAIN_SHARE"),
    (repeats, "_MOST_MAIN"),
)
"""Constants that verdicts are made with from a judgement that is worked out already: much cheaper to vary."""

_FLOORS: Final = ("min_impact", "min_impact_share_percent", "min_impact_percent")
# Shares and ranges that cannot go beyond these.
_MOST: Final = {
    "_LEAST_COVERED": 1.0,
    "_LEAST_HELD": 1.0,
    "_ALIKE_PERCENT": 100.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One constant with another value; ``shares`` tells that the usual judgement of a day serves it."""

    name: str
    was: Any
    value: Any
    changes: Sequence[Change]
    settings: DetectionSettings
    shares: bool


def main(folders: Sequence[str]) -> int:
    """Print one table: a row for each constant, the defaults first."""
    variants = [*_usual(), *_moved()]
    scores = [Score() for _ in variants]
    for costs, labels in labelled(folders):
        history = CostHistory(costs)
        found: list[list[Spike]] = [[] for _ in variants]
        for day in history.days:
            table = history.table(day) if day >= date.fromisoformat(labels["first_evaluated_day"]) else None
            for own, spikes in zip(found, _judged(table, variants) if table else (), strict=False):
                own.extend(spikes)
        for score, own in zip(scores, found, strict=True):
            score.add(own, labels)
        sys.stderr.write(f"{scores[0].organisations} organisations\n")
    for line in _lines(variants, scores):
        sys.stdout.write(f"{line}\n")
    return 0


def _judged(table: CostTable, variants: Sequence[Variant]) -> Iterator[list[Spike]]:
    """Yield what each variant says of the table's day."""
    (usual,) = judged_days(table, [DetectionSettings()])
    for variant in variants:
        with changed(variant.changes):
            days = usual if variant.shares else judged_days(table, [variant.settings])[0]
            yield [spike for spike in detect_baseline(days, "USD") if spike.impact > 0]


def _usual() -> Iterator[Variant]:
    yield Variant(
        name="as it is", was=None, value=None, changes=(), settings=DetectionSettings(), shares=True
    )


def _moved() -> Iterator[Variant]:
    """Yield every constant a third smaller, then larger."""
    usual = DetectionSettings()
    for name in _FLOORS:
        was = getattr(usual, name)
        for factor in FACTORS:
            own = usual.model_copy(update={name: was * factor})
            yield Variant(
                name=f"detection.{name}", was=was, value=was * factor, changes=(), settings=own, shares=False
            )
    for constants, shares in ((_BEFORE, False), (_AFTER, True)):
        for module, name in constants:
            was = getattr(module, name)
            for factor in FACTORS:
                value = _times(was, factor, _MOST.get(name))
                yield Variant(
                    name=f"{module.__name__.rpartition('.')[2]}.{name.lstrip('_')}",
                    was=was,
                    value=value,
                    changes=[(module, name, value)],
                    settings=usual,
                    shares=shares,
                )
    yield from _weights(usual)


def _weights(usual: DetectionSettings) -> Iterator[Variant]:
    for name, was in likelihoods.WEIGHTS.items():
        for factor in FACTORS:
            weights = {**likelihoods.WEIGHTS, name: was * factor}
            yield Variant(
                name=f"weight of {name}",
                was=was,
                value=was * factor,
                changes=[(likelihoods, "WEIGHTS", weights)],
                settings=usual,
                shares=True,
            )


def _times(was: Any, factor: float, most: float | None) -> Any:
    """Return a number or a range of them times a factor; whole numbers stay whole, and change by one at least."""
    if isinstance(was, tuple):
        low, high = was
        # A wider range for the larger factor; where it ends at the whole, it stays there.
        return low / factor, high if high == 1 else high * factor
    if isinstance(was, int):
        step = max(1, round(was * abs(factor - 1)))
        return was + step if factor > 1 else was - step
    return min(was * factor, most) if most else was * factor


def _lines(variants: Sequence[Variant], scores: Sequence[Score]) -> Iterator[str]:
    """Yield a table of the constants that move a figure, and a sentence about the others."""
    usual = _figures(scores[0])
    still = []
    yield "| constant | value | 0.7 times: F1 | false | 1.3 times: F1 | false |\n|---|---|---|---|---|---|"
    yield f"| as it is | | {usual} | {usual} |"
    for place in range(1, len(variants), len(FACTORS)):
        first, pair = variants[place], [_figures(score) for score in scores[place : place + len(FACTORS)]]
        if set(pair) == {usual}:
            still.append(first.name)
        else:
            yield f"| {first.name} | {first.was} | {' | '.join(pair)} |"
    yield f"\nNothing moves with the other {len(still)}: {', '.join(still)}."


def _figures(score: Score) -> str:
    return f"{score.f1:.3f} | {score.false_a_month:.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
