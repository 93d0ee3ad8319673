"""The judgements of a day and of those before it, worked out once for all settings that share their floors."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from costspike.domain.cost_table import CostTable
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.handovers import with_handovers
from costspike.domain.judgement import Judgement, judgement


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedDays:
    """The table's day and the days before, as their rows are known on the table's day."""

    table: CostTable
    settings: DetectionSettings
    readiest: DetectionSettings
    known: dict[int, Judgement | None] = field(default_factory=dict)

    def ago(self, days: int) -> Judgement | None:
        """Return the judgement of so many days ago, None where that day has no rows or too little history."""
        if days not in self.known:
            table = self.table.earlier(days) if days else self.table
            self.known[days] = judgement(table, self.settings, readiest=self.readiest) if table else None
        found = self.known[days]
        # What is shared may have been asked for with another threshold.
        return replace(found, settings=self.settings) if found else None


def judged_days(table: CostTable, choices: Sequence[DetectionSettings]) -> list[JudgedDays]:
    """Return the days for each choice of settings; those that differ in thresholds only share their work."""
    table = with_handovers(table)
    readiest = max(choices, key=lambda settings: settings.sensitivity, default=DetectionSettings())
    shared: dict[tuple[float, ...], dict[int, Judgement | None]] = {}
    return [
        JudgedDays(
            table=table, settings=settings, readiest=readiest, known=shared.setdefault(_floors(settings), {})
        )
        for settings in choices
    ]


def _floors(settings: DetectionSettings) -> tuple[float, ...]:
    """Return all that a judgement takes from the settings, before any threshold."""
    return settings.min_impact, settings.min_impact_share_percent, settings.min_history_days
