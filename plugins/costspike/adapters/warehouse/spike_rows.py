"""Spikes as rows of cost_spikes and withdrawn_spikes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costspike.domain.spikes import FELL_ELSEWHERE, Contributor, Gate, Scope, Spike

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Row

_FALLEN = "fallen"


def parameters_of(spike: Spike) -> dict[str, Any]:
    """Return a spike as the statements name its parts."""
    return {
        "spike_id": spike.spike_id,
        "day": spike.day,
        "scope_kind": spike.scope.kind,
        "account_id": spike.scope.account_id,
        "service": spike.scope.service,
        "usage_type": spike.scope.usage_type,
        "region": spike.scope.region,
        "billing_currency": spike.billing_currency,
        "detector": spike.detector,
        "actual_cost": spike.actual_cost,
        "expected_cost": spike.expected_cost,
        "expected_low": spike.expected_low,
        "expected_high": spike.expected_high,
        "previous_cost": spike.previous_cost,
        "typical_cost": spike.typical_cost,
        "impact": spike.impact,
        "score": spike.score,
        "gates": _json(_gates(spike)),
        "contributors": _json(map(asdict, spike.contributors)),
    }


def spike_of(row: Row) -> Spike:
    """Return a row as a spike; without gates and contributors where it does not have them."""
    gates = json.loads(row.get("gates", "[]"))
    fallen = [part for gate in gates for part in gate.pop(_FALLEN, ())]
    return Spike(
        day=row["charge_period_start"],
        scope=Scope(
            account_id=row["sub_account_id"],
            service=row["service_name"],
            usage_type=row["sku_meter"],
            region=row["region_id"],
        ),
        billing_currency=row["billing_currency"],
        detector=row["detector"],
        actual_cost=row["actual_cost"],
        expected_cost=row["expected_cost"],
        expected_low=row["expected_low"],
        expected_high=row["expected_high"],
        previous_cost=row["previous_cost"],
        typical_cost=row["typical_cost"],
        score=row["score"],
        gates=tuple(Gate(**gate) for gate in gates),
        contributors=tuple(_contributor(part) for part in json.loads(row.get("contributors", "[]"))),
        fallen=tuple(_contributor(part) for part in fallen),
    )


def _gates(spike: Spike) -> Iterator[dict[str, Any]]:
    """Yield the gates as they are stored: that of what fell elsewhere holds the names of it."""
    for gate in spike.gates:
        of_falls = gate.name == FELL_ELSEWHERE and spike.fallen
        yield asdict(gate) | ({_FALLEN: [asdict(part) for part in spike.fallen]} if of_falls else {})


def _json(items: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps([*items], default=str)


def _contributor(part: Mapping[str, str]) -> Contributor:
    return Contributor(
        account_id=part["account_id"],
        service=part["service"],
        usage_type=part["usage_type"],
        region=part["region"],
        before=Decimal(part["before"]),
        after=Decimal(part["after"]),
        delta=Decimal(part["delta"]),
    )
