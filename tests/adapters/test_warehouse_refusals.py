"""credential_refusals: a task's instances find what one of them was just told, and nothing else."""

from datetime import timedelta

from costspike.adapters.warehouse.credential_refusals import CredentialRefusals
from costspike.adapters.warehouse.database import Database
from tests.at_once import at_once
from tests.clocks import NOW

SECOND = timedelta(seconds=1)
KEY, CLAIMS = "anthropic_default/model", "dag/run/explain_spike/"


def test_the_last_refusal_of_the_same_credential_and_task_is_found(database: Database) -> None:
    notes = CredentialRefusals(database)
    for after, told in enumerate(["401", "402"]):
        notes.note(KEY, told, claimant=f"{CLAIMS}{after}", now=NOW + after * SECOND)
    assert notes.told(KEY, claims=CLAIMS, since=NOW) == "402"
    assert notes.told(KEY, claims=CLAIMS, since=NOW + SECOND) == "402", "the moment itself counts"
    others = {
        "later": notes.told(KEY, claims=CLAIMS, since=NOW + 2 * SECOND),
        "another connection": notes.told("slack_api_default", claims=CLAIMS, since=NOW),
        "another run": notes.told(KEY, claims="dag/run2/explain_spike/", since=NOW),
        "another task": notes.told(KEY, claims="dag/run/send_alert/", since=NOW),
        "a name with a pattern's sign": notes.told(KEY, claims="dag/run/%", since=NOW),
    }
    assert set(others.values()) == {""}, others


def test_instances_that_are_refused_at_once_all_note_it(database: Database) -> None:
    notes = CredentialRefusals(database)
    jobs = [lambda n=n: notes.note(KEY, f"refused {n}", claimant=f"{CLAIMS}{n}", now=NOW) for n in range(4)]
    assert at_once(jobs) == [None] * 4
    assert notes.told(KEY, claims=CLAIMS, since=NOW).startswith("refused ")
