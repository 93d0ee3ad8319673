"""What people say of incidents: found by any of their spikes, the last word counts, the same one is one."""

from datetime import timedelta

import pytest

from costspike.adapters.warehouse.database import Database
from costspike.adapters.warehouse.human_verdicts import HumanVerdicts
from costspike.adapters.warehouse.spike_tables import SpikeTables
from costspike.domain.errors import DataContractError
from costspike.domain.human_verdicts import MAX_NOTE, HumanVerdict
from costspike.domain.spikes import Scope, Spike
from costspike.usecases.give_verdict import give_verdict
from tests.clocks import NOW
from tests.cost_pages import DAY
from tests.spike_cases import spike
from tests.verdicts import store

HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
SERVICE = spike()
TOTAL = spike(scope=Scope())
LATER = spike(day=DAY + ONE_DAY)


@pytest.fixture
def verdicts(database: Database) -> HumanVerdicts:
    spikes = SpikeTables(database)
    store(spikes, DAY, [SERVICE, TOTAL])
    return HumanVerdicts(database)


def give(verdicts: HumanVerdicts, asked: str, word: str = "anomaly", **how: object) -> HumanVerdict:
    known: dict[str, object] = {"note": "", "given_by": "ana", "given_at": NOW}
    return give_verdict(asked, word, verdicts=verdicts, **(known | how))  # type: ignore[arg-type]


def said_of(verdicts: HumanVerdicts, later: Spike) -> dict[str, str]:
    found = verdicts.of_scope(later, DAY - ONE_DAY, "cost_explorer")
    return {spike_id: said.verdict.value for spike_id, said in found.items()}


def test_any_spike_of_an_incident_means_it_and_its_last_verdict_counts(verdicts: HumanVerdicts) -> None:
    first = give(verdicts, SERVICE.spike_id, "false_positive", note="old")
    last = give(verdicts, f" {TOTAL.spike_id} ", "planned_activity", given_at=NOW + HOUR, given_by="bob")
    assert first.incident_id == last.incident_id == TOTAL.spike_id, (
        "the broadest spike's id is the incident's"
    )
    assert verdicts.of_incident(first.incident_id) == [last, first]
    assert said_of(verdicts, LATER) == {SERVICE.spike_id: "planned_activity"}
    assert said_of(verdicts, spike(scope=Scope(), day=DAY + ONE_DAY)) == {TOTAL.spike_id: "planned_activity"}


def test_a_withdrawn_spike_means_its_incident_still(verdicts: HumanVerdicts, database: Database) -> None:
    store(SpikeTables(database), DAY, [], detected_at=NOW + HOUR)
    assert give(verdicts, SERVICE.spike_id).incident_id == TOTAL.spike_id


def test_a_verdict_that_is_given_again_by_the_same_task_is_one(verdicts: HumanVerdicts) -> None:
    given = give(verdicts, SERVICE.spike_id)
    assert give(verdicts, SERVICE.spike_id) == given
    assert verdicts.of_incident(given.incident_id) == [given]


def test_other_scopes_and_days_are_not_meant(verdicts: HumanVerdicts) -> None:
    give(verdicts, SERVICE.spike_id)
    assert said_of(verdicts, spike("EC2", day=DAY + ONE_DAY)) == {}
    assert said_of(verdicts, SERVICE) == {}, "nothing before its own day"
    assert verdicts.of_scope(LATER, DAY - ONE_DAY, "prometheus") == {}


@pytest.mark.parametrize(
    ("asked", "word", "by", "told"),
    [
        ("nothing", "anomaly", "ana", "there is no incident 'nothing'; expected the id"),
        ("' OR 1=1 --", "anomaly", "ana", "there is no incident"),
        (SERVICE.spike_id, "real", "ana", "expected one of anomaly, planned_activity, false_positive"),
        (SERVICE.spike_id, "anomaly", " \u200b", "it is nobody's|is nobody's"),
    ],
)
def test_what_cannot_be_kept_is_told_and_not_kept(
    verdicts: HumanVerdicts, asked: str, word: str, by: str, told: str
) -> None:
    with pytest.raises(DataContractError, match=told):
        give(verdicts, asked, word, given_by=by)
    assert verdicts.of_incident(TOTAL.spike_id) == []


def test_a_note_is_kept_as_one_line_of_text_and_nothing_else(verdicts: HumanVerdicts) -> None:
    given = give(
        verdicts, SERVICE.spike_id, note="{{ conn.x }}\n\x1b[31m'; DROP TABLE incidents\x00" + "a" * 900
    )
    (kept,) = verdicts.of_incident(given.incident_id)
    assert kept == given
    assert kept.note.startswith("{{ conn.x }} [31m'; DROP TABLE incidents")
    assert len(kept.note) <= MAX_NOTE
