"""What earlier incidents of a scope say, and which incident a spike goes on with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from costspike.domain.evidence.past_incidents import past_incidents
from costspike.domain.human_verdicts import HumanVerdict, human_verdict
from costspike.domain.incident_history import IncidentHistory, incident_history
from costspike.domain.incidents import State
from tests.incident_days import MONDAY, costs, on, spike

FLAT = 100


def history(now: int, *before: int, amounts: dict[int, float]) -> IncidentHistory:
    daily = costs([amounts.get(number, FLAT) for number in range(now + 1)])
    return incident_history(
        spike(now, amounts[now]), [spike(one, amounts[one]) for one in before], daily, daily
    )


def verdict(word: str, *, hour: int = 0, note: str = "", given_by: str = "me") -> HumanVerdict:
    at = datetime(2026, 5, 1, hour, tzinfo=UTC)
    return human_verdict("i", word, note=note, given_by=given_by, given_at=at)


def test_a_first_spike_has_no_past() -> None:
    found = history(30, amounts={30: 300})
    assert (found.past, found.days) == ((), 1)
    assert found.impacts == {on(30): Decimal(200)}


def test_a_spike_of_the_day_after_goes_on_with_the_incident() -> None:
    found = history(31, 30, amounts={30: 300, 31: 400})
    assert (found.past, found.days, found.own.first_day) == ((), 2, on(30))


def test_an_earlier_incident_that_went_away_is_past() -> None:
    found = history(40, 10, amounts={10: 300, 40: 500})
    (past,) = found.past
    assert (past.state, past.impact, found.days) == (State.RESOLVED, Decimal(200), 1)


def test_the_rows_say_outcome_cause_and_verdict() -> None:
    found = history(40, 10, amounts={10: 300, 40: 500})
    (past,) = found.past
    causes = {past.spikes[0].spike_id: "data_transfer"}
    said = {past.spikes[0].spike_id: verdict("planned_activity", note="a load test", given_by="ana")}
    evidence = past_incidents(found.past, causes, said, MONDAY)
    (row,) = evidence.rows
    assert dict(row.values) == {
        "first_day": on(10).isoformat(),
        "last_day": on(10).isoformat(),
        "days": "1",
        "impact_cost": "200.00",
        "largest_day_impact_cost": "200.00",
        "outcome": "the cost went back to what was expected",
        "explained_as": "data_transfer",
        "human_verdict": "planned_activity",
        "human_note": "a load test",
    }


def test_of_an_incident_of_several_spikes_the_last_word_counts() -> None:
    found = history(40, 10, 11, amounts={10: 300, 11: 300, 40: 500})
    (past,) = found.past
    first, second = (spike.spike_id for spike in past.spikes)
    said = {first: verdict("false_positive", hour=2), second: verdict("anomaly", hour=1)}
    (row,) = past_incidents(found.past, {}, said, MONDAY).rows
    assert (row.values["human_verdict"], row.values["human_note"]) == ("false_positive", None)


def test_none_is_said_with_how_far_back_was_looked() -> None:
    evidence = past_incidents((), {}, {}, MONDAY - timedelta(days=1))
    assert (evidence.state, evidence.note) == ("empty", "verdicts since 2026-03-01 were looked at")
