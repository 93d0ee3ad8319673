"""What earlier spikes were explained as: at every scope, and whichever spike of their incident was explained."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.evidence import EvidenceTables
from costspike.adapters.warehouse.explanations import Explanations, Outcome, Question
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.evidence.new_resources import FirstUse
from costspike.domain.reading import DayRange
from costspike.domain.spikes import Scope, Spike
from tests.clocks import NOW
from tests.cost_pages import DAY, PROD
from tests.explanation_cases import answer
from tests.landings import landing, rows
from tests.spike_cases import spike
from tests.verdicts import store
from tests.warehouses import duckdb_warehouse

ONE_DAY = timedelta(days=1)
SCOPES = {
    "account and service": Scope(account_id=PROD, service="S3"),
    "service": Scope(service="S3"),
    "total": Scope(),
}
every_scope = pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES.keys())


def explain(database: Database, asked: Spike, category: str, *, hours: int = 0) -> None:
    explanations, now = Explanations(database), NOW + timedelta(hours=hours)
    question = Question(
        spike_id=asked.spike_id,
        prompt_hash=f"{category}{hours}",
        model="m",
        facts_hash="f",
        facts="[]",
        prompt_version="v2",
        severity="P3",
    )
    explanations.claim(question, claimant="me", now=now, stale_before=now)
    said = answer().model_copy(update={"cause_category": category})
    explanations.finish(question, Outcome(explanation=said), now=now)


def causes(database: Database, scope: Scope, back: int = 9) -> set[str]:
    later = spike(scope=scope, day=DAY + 5 * ONE_DAY)
    return set(EvidenceTables(database).causes(later, DAY - back * ONE_DAY).values())


@every_scope
def test_a_spike_of_any_scope_has_the_cause_that_it_was_explained_as(
    database: Database, scope: Scope
) -> None:
    own = spike(scope=scope)
    store(SpikeTables(database), DAY, [own])
    explain(database, own, "pricing_or_commitment")
    explain(database, own, "data_transfer", hours=1)
    assert causes(database, scope) == {"data_transfer"}, "the newest"
    assert causes(database, scope, back=-1) == set(), "too long ago"
    others = [other for other in SCOPES.values() if other != scope]
    assert [causes(database, other) for other in others] == [set(), set()], "it had no spike of its own"


@every_scope
def test_the_answer_to_one_spike_of_an_incident_is_that_of_all(database: Database, scope: Scope) -> None:
    store(SpikeTables(database), DAY, [spike(scope=one) for one in SCOPES.values()])
    other = next(one for one in SCOPES.values() if one != scope)
    explain(database, spike(scope=other), "usage_growth", hours=2)
    assert causes(database, scope) == {"usage_growth"}
    explain(database, spike(scope=scope), "new_resource")
    assert causes(database, scope) == {"new_resource"}, "an answer of its own comes first"


bills = st.lists(
    st.dictionaries(st.sampled_from(["S3", "EC2", "RDS"]), st.integers(0, 9), min_size=1),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bills)
def test_a_broader_scope_knows_every_first_use_of_its_parts_and_no_later(
    tmp_path: Path, days: list[dict[str, int]]
) -> None:
    """The law over service and total: names grow, costs add up, and what is first comes no later."""
    database = duckdb_warehouse(tmp_path / "costs.duckdb")
    first = DAY - (len(days) - 1) * ONE_DAY
    bill = {
        (first + number * ONE_DAY, service): str(cost)
        for number, services in enumerate(days)
        for service, cost in services.items()
    }
    CostTables(database).replace_days(
        landing(bill, costs=rows(bill, usage_type="USE1-x"), span=DayRange(DAY - 9 * ONE_DAY, DAY + ONE_DAY))
    )
    evidence = EvidenceTables(database)

    def uses(scope: Scope) -> dict[tuple[str, str], FirstUse]:
        return {(use.kind, use.name): use for use in evidence.first_uses(spike(scope=scope, day=DAY))}

    total = uses(Scope())
    assert all(use.first_in_scope == use.first_anywhere for use in total.values())
    paid = {service: cost for service, cost in days[-1].items() if cost}
    assert {name: use.day_cost for (kind, name), use in total.items() if kind == "service"} == paid
    for service in paid:
        part, account = uses(Scope(service=service)), uses(Scope(account_id=PROD, service=service))
        assert part.keys() <= total.keys()
        assert account == part, "there is one account"
        for key, use in part.items():
            assert total[key].first_in_scope <= use.first_in_scope <= DAY
            assert use.first_anywhere == total[key].first_anywhere
            assert use.day_cost <= total[key].day_cost
