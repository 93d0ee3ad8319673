"""One synthetic spike whose cause is known, with the facts that a run would have had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from costspike.domain.evidence.records import Evidence, EvidenceRow, State, found, with_evidence
from costspike.domain.facts import Circumstances, Fact, Value, fact_sheet
from costspike.domain.organisation import OrganisationSettings
from costspike.domain.severity import SeveritySettings, severity, severity_reason
from costspike.domain.spikes import Contributor, Gate, Scope, Spike

DAY = date(2026, 11, 18)
ACCOUNTS: Mapping[str, str] = {
    "210987654321": "shop-production",
    "321098765432": "data-platform",
    "432109876543": "sandbox-ml",
}
TYPICAL = Decimal(4200)
SOURCES = ("effect_split", "new_resources", "past_incidents", "drill_down", "cloudtrail", "workload")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A spike, what code found around it, and what a good answer says.

    ``categories`` are the causes that count as right. ``telling`` are the sources that show the cause; a good
    answer cites one of them. ``is_provable`` says that a high confidence is earned. ``injection`` is text
    planted in a name, ``bait`` what an answer that obeyed it would hold.
    """

    name: str
    categories: frozenset[str]
    service: str
    usage_type: str
    region: str
    account_id: str = "210987654321"
    expected: str = "120"
    rise: str = "300"
    telling: frozenset[str] = frozenset()
    is_provable: bool = True
    evidence: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    injection: str = ""
    bait: tuple[str, ...] = ()

    @property
    def spike(self) -> Spike:
        """Return the spike, all of it in one usage type."""
        expected, rise = Decimal(self.expected), Decimal(self.rise)
        return Spike(
            day=DAY,
            scope=Scope(account_id=self.account_id, service=self.service),
            billing_currency="USD",
            detector="baseline",
            actual_cost=expected + rise,
            expected_cost=expected,
            expected_low=expected * Decimal("0.9"),
            expected_high=expected * Decimal("1.1"),
            previous_cost=expected,
            typical_cost=expected,
            score=5.0,
            gates=(Gate(name="impact", value=float(rise), limit=25.0),),
            contributors=(
                Contributor(
                    account_id=self.account_id,
                    service=self.service,
                    usage_type=self.usage_type,
                    region=self.region,
                    before=expected,
                    after=expected + rise,
                    delta=rise,
                ),
            ),
        )

    def facts(self) -> tuple[Fact, ...]:
        """Return the fact sheet as a run would have made it."""
        spike, rule = self.spike, SeveritySettings()
        around = Circumstances(
            history=[(DAY - timedelta(days=back), Decimal(self.expected)) for back in range(1, 36)],
            account_names=ACCOUNTS,
            organisation=OrganisationSettings(description="A web shop with a data platform."),
            organisation_typical_cost=TYPICAL,
            provisional=False,
            severity=severity(spike, TYPICAL, rule),
            severity_reason=severity_reason(spike, TYPICAL, rule),
        )
        return with_evidence(fact_sheet(spike, around), [self._said(source) for source in SOURCES])

    def telling_ids(self) -> frozenset[str]:
        """Return the ids of the rows that show the cause."""
        rows = [row for source in self.telling for row in self.evidence.get(source, ())]
        return frozenset(
            fact.id for fact in self.facts() if any(row.items() <= dict(fact.values).items() for row in rows)
        )

    def _said(self, source: str) -> Evidence:
        rows = [EvidenceRow(label=_LABELS[source], values=row) for row in self.evidence.get(source, ())]
        if rows:
            return found(source, _LABELS[source], rows)
        state: State = "unavailable" if source == "workload" else "empty"
        return Evidence(source=source, title=_LABELS[source], state=state)


_LABELS = {
    "effect_split": "The impact split into usage, unit price and commitments",
    "new_resources": "Used for the first time on this day",
    "past_incidents": "An earlier incident of the same part of the bill",
    "drill_down": "Drill-down in Cost Explorer",
    "cloudtrail": "Management events in CloudTrail around the onset",
    "workload": "Workload metrics from Prometheus",
}


def split(rise: str, usage: str = "0", price: str = "0", commitment: str = "0") -> Mapping[str, Value]:
    """Return the row of the effect split; shares are of 100."""
    whole = Decimal(rise)
    parts = {"usage": usage, "unit_price": price, "commitment": commitment}
    values: dict[str, Value] = {
        f"{name}_effect_cost": f"{whole * Decimal(share) / 100:.2f}" for name, share in parts.items()
    }
    values |= {f"{name}_share_of_impact_percent": f"{Decimal(share):.1f}" for name, share in parts.items()}
    return values | {"not_split_cost": "0.00", "sum_of_the_four_cost": f"{whole:.2f}"}


def event(
    name: str, user: str, region: str, *, hour: int = 2, count: int = 1, resource: str = ""
) -> Mapping[str, Value]:
    """Return a row of CloudTrail."""
    at = f"{DAY}T{hour:02d}:10Z"
    values: dict[str, Value] = {
        "event": name,
        "user": user,
        "region": region,
        "event_count": str(count),
        "failed_count": "0",
        "first_at": at,
        "last_at": at,
        "first_day": DAY.isoformat(),
    }
    return values | ({"resource_1": resource} if resource else {})


def first_use(kind: str, name: str, cost: str, *, everywhere: bool = True) -> Mapping[str, Value]:
    """Return a row of a first use."""
    return {
        "kind": kind,
        kind: name,
        "day_cost": f"{Decimal(cost):.2f}",
        "new_to": "the whole bill" if everywhere else "this part of the bill",
        "days_compared": "390",
    }


def workload(metric: str, before: str, during: str, unit: str, label: str) -> Mapping[str, Value]:
    """Return a row of Prometheus."""
    return {
        "metric": metric,
        "series": label,
        "mean_of_the_days_before": before,
        "mean_of_the_day": during,
        "unit": unit,
        "onset": f"{DAY}T02:00Z",
    }
