"""When the demo may say that everything went as it should."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from slack_sdk import WebClient

from demo.comparison import Verdict, compare, unplanned
from demo.incidents import Incident
from demo.ledger import FoundSpike, Revision
from demo.servers.slack import SlackServer
from demo.story import RESTATED_ACCOUNT, RESTATED_SERVICE, Story, story_of
from demo.verdict import problems_of_alerts, problems_of_findings, problems_of_revisions
from tests.demo.samples import DAYS, FIRST, LAST, alert, incident, spike

BEFORE = date(2026, 11, 1)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(channels={"C0COSTS": "aws-costs"}) as running:
        yield running


def post(slack: SlackServer, key: str) -> None:
    metadata = {"event_type": "costspike_alert", "event_payload": {"message_key": key}}
    bot = WebClient(token="xoxb-x", base_url=slack.api_url)
    bot.chat_postMessage(channel="C0COSTS", text="a spike", metadata=metadata)


@pytest.mark.parametrize(
    ("planted", "spikes", "expected"),
    [
        pytest.param(incident(), [spike()], Verdict.FOUND, id="found on its first day"),
        pytest.param(incident(), [spike(LAST)], Verdict.FOUND, id="found on its last day"),
        pytest.param(incident(), [spike(account="", service="")], Verdict.FOUND, id="found in the total"),
        pytest.param(incident(), [], Verdict.MISSED, id="missed"),
        pytest.param(incident(), [spike(service="S3")], Verdict.MISSED, id="something else was found"),
        pytest.param(incident(first=BEFORE), [], Verdict.NOT_JUDGED, id="began before the first judged day"),
        pytest.param(incident(to_be_found=False), [], Verdict.SILENT, id="harmless and not reported"),
        pytest.param(incident(to_be_found=False), [spike()], Verdict.FALSE_ALARM, id="harmless and reported"),
        pytest.param(
            incident(to_be_found=False),
            [spike(account="", service="")],
            Verdict.SILENT,
            id="harmless while the total is reported for another reason",
        ),
    ],
)
def test_a_planted_event_is_judged_by_the_spikes(
    planted: Incident, spikes: list[FoundSpike], expected: Verdict
) -> None:
    (finding,) = compare([planted], spikes, DAYS)
    assert finding.verdict is expected
    assert bool(list(problems_of_findings([finding]))) is not expected.is_right


def test_planted_dollars_are_on_the_basis_that_is_judged() -> None:
    (finding,) = compare([incident(usd="100")], [], DAYS)
    assert finding.planted_usd == Decimal(94)


def test_a_spike_that_nobody_planted_is_told_apart() -> None:
    other = spike(service="S3")
    assert unplanned([incident()], [spike(), other]) == [other]


def test_a_message_that_is_in_the_channel_once_is_no_problem(slack: SlackServer) -> None:
    post(slack, "key")
    assert list(problems_of_alerts([alert()], slack)) == []


def test_a_digest_tells_of_many_spikes_in_one_message(slack: SlackServer) -> None:
    post(slack, "digest")
    assert list(problems_of_alerts([alert("digest"), alert("digest")], slack)) == []


@pytest.mark.parametrize("times", [0, 2])
def test_a_message_that_is_lost_or_doubled_is_a_problem(slack: SlackServer, times: int) -> None:
    for _ in range(times):
        post(slack, "key")
    (problem,) = problems_of_alerts([alert()], slack)
    assert f"is {times} times in the channel" in problem


def test_an_alert_that_was_not_sent_is_a_problem_and_says_why() -> None:
    (problem,) = problems_of_alerts([alert(state="pending", problem="Slack refused")], None)
    assert problem == "an alert was not sent: Slack refused"


def test_a_correction_that_left_no_revision_is_a_problem() -> None:
    story = Story(restated_day=FIRST)
    revision = Revision(
        cost_day=FIRST,
        account_id=RESTATED_ACCOUNT,
        service=RESTATED_SERVICE,
        currency="USD",
        revisions=1,
        old_cost=Decimal(1),
        new_cost=Decimal(2),
    )
    assert len(list(problems_of_revisions([], story))) == 1
    assert list(problems_of_revisions([revision], story)) == []


def test_the_story_has_its_mishaps_on_days_with_alerts() -> None:
    later = date(2026, 11, 20)
    story = story_of([incident(), incident(first=later)], DAYS)
    assert (story.lost_answer_on, story.overloaded_on) == (FIRST, later)


def test_a_correction_is_seen_by_a_later_run() -> None:
    story = story_of([], DAYS)
    assert story.restated_day == DAYS[0]
    assert story.restated_before == DAYS[3]


def test_a_single_day_has_no_later_run_that_could_see_a_correction() -> None:
    assert story_of([], DAYS[:1]) == Story()
