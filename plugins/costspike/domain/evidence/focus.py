"""Which account, service and regions an excess mostly lies in: where outside sources look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from costspike.domain.evidence.records import Evidence
from costspike.domain.spikes import Spike

_MAX_REGIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """A part of the bill; an empty account or service means all of them."""

    account_id: str
    service: str

    @property
    def name(self) -> str:
        """Return the part for people."""
        return f"{self.service or 'all services'} in {self.account_id or 'all accounts'}"


def focus_of(spike: Spike) -> Focus:
    """Return the spike's scope; what it leaves open is taken from the largest named contributor."""
    scope = spike.scope
    main = next((part for part in spike.contributors if part.account_id or part.service), None)
    if main is None or main.delta <= 0:
        return Focus(account_id=scope.account_id, service=scope.service)
    return Focus(
        account_id=scope.account_id or main.account_id,
        service=scope.service or main.service,
    )


def regions_of(spike: Spike, so_far: Mapping[str, Evidence]) -> tuple[str, ...]:
    """Return the regions that rose most, by the contributors, else by what a drill-down found."""
    landed = [part.region for part in spike.contributors if part.region and part.delta > 0]
    drilled = (
        str(row.values["region"])
        for evidence in so_far.values()
        for row in evidence.rows
        if row.values.get("region") and not str(row.values.get("delta_cost", "")).startswith("-")
    )
    return _first(landed or drilled)


def _first(names: Iterable[str]) -> tuple[str, ...]:
    # "global" and the like are no regions that can be asked.
    real = (name for name in names if name.count("-") > 1)
    return tuple(dict.fromkeys(real))[:_MAX_REGIONS]
