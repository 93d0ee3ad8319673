"""Evidence behind the facts: numbered on, and never silent."""

from costspike.domain.evidence.records import Evidence, EvidenceRow, State, found, with_evidence
from tests.explanation_cases import nat_facts

CORE = nat_facts()
ROW = EvidenceRow(label="A row", values={"impact_cost": "1.00"})


def test_rows_are_numbered_on_in_the_order_of_the_sources() -> None:
    sheet = with_evidence(CORE, [found("a", "A", [ROW, ROW]), found("b", "B", [ROW])])
    assert sheet[: len(CORE)] == CORE
    assert [fact.id for fact in sheet] == [f"E{number}" for number in range(1, len(CORE) + 4)]


def test_a_source_without_rows_says_why() -> None:
    states: tuple[State, ...] = ("empty", "unavailable", "denied", "skipped")
    told = [Evidence(source=state, title="CloudTrail", state=state, note="a note") for state in states]
    for state, fact in zip(states, with_evidence(CORE, told)[len(CORE) :], strict=True):
        assert fact.label == "CloudTrail"
        assert fact.values["state"] == state
        assert fact.values["note"] == "a note"
    assert "says nothing about the cause" in str(with_evidence(CORE, told)[-1].values["meaning"])


def test_a_note_that_bounds_rows_stands_in_the_first() -> None:
    first, second = with_evidence((), [found("a", "A", [ROW, ROW], note="usage only")])
    assert (first.values["note"], "note" in second.values) == ("usage only", False)
