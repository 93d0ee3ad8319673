"""What a detector's spikes are worth against the labels of an organisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from costspike.domain.spikes import Contributor, Scope, Spike

NAMES: Final = ("account_id", "service", "usage_type", "region")
Named = Scope | Contributor

_MONTHS: Final = 12
_MOST_HITS: Final = 5
_AFTERMATH: Final = timedelta(days=10)
_REPEAT: Final = timedelta(days=7)
_GROWN: Final = 1.5


@dataclass(slots=True, kw_only=True)
class Score:
    """Counts over some organisations, one year each; ``false`` is by cause, the rest by type of incident."""

    organisations: int = 0
    incidents: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    worst_false: int = 0
    hits: int = 0
    right_services: int = 0
    dollars: float = 0.0
    dollars_by_day_after: float = 0.0

    @property
    def recall(self) -> float:
        """Return the share of incidents that were found."""
        return self.found.total() / max(self.incidents.total(), 1)

    @property
    def precision(self) -> float:
        """Return the share of found incidents among these and the false alerts."""
        return self.found.total() / max(self.found.total() + self.false.total(), 1)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of recall and precision."""
        return 2 * self.recall * self.precision / max(self.recall + self.precision, 1e-9)

    @property
    def false_a_month(self) -> float:
        """Return false alerts per organisation and month."""
        return self.false.total() / max(self.organisations * _MONTHS, 1)

    @property
    def worst_a_month(self) -> float:
        """Return the false alerts a month of the organisation that has most."""
        return self.worst_false / _MONTHS

    @property
    def caught(self) -> float:
        """Return the share of the incidents' daily dollars that was told by the day after they began."""
        return self.dollars_by_day_after / max(self.dollars, 1e-9)

    @property
    def alerts_per_incident(self) -> float:
        """Return how often a found incident was told."""
        return self.hits / max(self.found.total(), 1)

    @property
    def right(self) -> float:
        """Return the share of hits whose first contributor's service is one of the incident's."""
        return self.right_services / max(self.hits, 1)

    def add(self, spikes: Iterable[Spike], labels: Mapping[str, Any]) -> None:
        """Count one organisation's spikes.

        A spike hits an incident when its day lies inside and one of its first three contributors is of an
        affected series. Repeats within a week are dropped unless the score grew by half; more than five
        hits on one incident are false. On what the labels ignore, and in the ten days after an
        incident, a spike counts neither way.
        """
        incidents, false_before = labels["incidents"], self.false.total()
        first: dict[str, date] = {}
        count: Counter[str] = Counter()
        for spike in _without_repeats(spikes):
            hit = [one for one in incidents if _covers(one, spike.day) and _about(spike, one)]
            for one in hit:
                first.setdefault(one["id"], spike.day)
                count[one["id"]] += 1
            if hit:
                self.hits += 1
                services = {series["service"] for one in hit for series in one["affected"]}
                self.right_services += spike.contributors[0].service in services
                self.false["too often"] += all(count[one["id"]] > _MOST_HITS for one in hit)
            elif not _ignored(spike, labels):
                causes = [
                    one["type"]
                    for one in labels["benign"]
                    if one["affected"] and _covers(one, spike.day) and _about(spike, one)
                ]
                self.false[(*causes, "noise")[0]] += 1
        self.organisations += 1
        self.worst_false = max(self.worst_false, self.false.total() - false_before)
        for one in incidents:
            self._add_incident(one, first.get(one["id"]))

    def _add_incident(self, incident: Mapping[str, Any], first: date | None) -> None:
        self.incidents[incident["type"]] += 1
        self.found[incident["type"]] += first is not None
        self.dollars += incident["usd_per_day"]
        if first and (first - date.fromisoformat(incident["start"])).days <= 1:
            self.dollars_by_day_after += incident["usd_per_day"]


def _without_repeats(spikes: Iterable[Spike]) -> list[Spike]:
    kept: list[Spike] = []
    last: dict[object, Spike] = {}
    for spike in sorted(spikes, key=lambda one: (one.day, -one.score)):
        top = spike.contributors[0]
        subject = spike.scope, top.account_id, top.service
        before = last.get(subject)
        if before and spike.day - before.day < _REPEAT and spike.score < _GROWN * before.score:
            continue
        last[subject] = spike
        kept.append(spike)
    return kept


def _covers(entry: Mapping[str, Any], day: date) -> bool:
    return str(entry["start"]) <= day.isoformat() <= str(entry["end"])


def _about(spike: Spike, entry: Mapping[str, Any]) -> bool:
    """Tell whether a spike names a series of a label; a label without series is about everything."""
    affected: Sequence[Mapping[str, str]] | None = entry["affected"]
    if affected is None:
        return True
    named = [_names(part) for part in spike.contributors[:3]]
    wanted = [names for names in named if names] or [_names(spike.scope)]
    return any(names and names.items() <= series.items() for names in wanted for series in affected)


def _names(of: Named) -> dict[str, str]:
    return {name: value for name in NAMES if (value := getattr(of, name))}


def _ignored(spike: Spike, labels: Mapping[str, Any]) -> bool:
    if any(_covers(one, spike.day) and _about(spike, one) for one in labels["ignore"]):
        return True
    return any(
        date.fromisoformat(one["end"]) < spike.day <= date.fromisoformat(one["end"]) + _AFTERMATH
        and _about(spike, one)
        for one in labels["incidents"]
    )
