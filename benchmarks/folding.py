"""``python -m benchmarks.folding``: what folding small series costs, on organisations small enough to do without.

Each is judged as if it were large (see ``costspike.domain.fold``), day by day, at the default settings.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / "plugins")]

from benchmarks.detection import SEEDS
from benchmarks.detection_score import Score
from benchmarks.organisations import organisation
from costspike.domain.cost_rows import cost_table
from costspike.domain.detection import DetectionSettings, detect_in
from costspike.domain.fold import folded


def _main() -> None:
    score, settings = Score(), DetectionSettings()
    for seed in SEEDS:
        made_up = organisation(seed)
        costs, labels = made_up.costs(), made_up.labels()
        first = date.fromisoformat(labels["first_evaluated_day"])
        found = []
        for day in sorted({one for one in costs["usage_date"].dt.date if one >= first}):
            table = cost_table(folded(costs, day, settings, above=0), day)
            found += detect_in(table, [settings], "USD")[0] if table else []
        score.add(found, labels)
    sys.stdout.write(
        f"folded, seeds {SEEDS.start} to {SEEDS.stop - 1}: F1 {score.f1:.3f}, recall {score.recall:.3f}, "
        f"{score.false_a_month:.2f} false a month, {score.caught:.2f} of the dollars by the day after\n"
    )


if __name__ == "__main__":
    _main()
