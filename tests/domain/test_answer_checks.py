"""What is taken out of an answer before anybody sees it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.answer_checks import MAX_CHARACTERS, check_answer, is_worth_showing
from costspike.domain.errors import ExplanationRejected
from costspike.domain.explanation import Explanation, Hypothesis, Recommendation, parse_answer
from costspike.domain.facts import fact_sheet
from costspike.domain.grounding import REMOVED_SENTENCE
from costspike.domain.organisation import OrganisationSettings
from costspike.domain.spikes import Contributor
from tests.explanation_cases import answer, circumstances, nat_facts, nat_spike

FACTS = nat_facts()
TEXT_FIELDS = ("root_cause", "severity_reason", "prevention")


def checked(**changes: object) -> tuple[Explanation, tuple[str, ...]]:
    return check_answer(answer(**changes), FACTS)


def step(**changes: str) -> Recommendation:
    return Recommendation(**{"action": "Look.", "console_path": "VPC", "cli": "", **changes})


def test_answer_that_keeps_to_the_facts_is_not_touched() -> None:
    assert check_answer(answer(), FACTS) == (answer(), ())


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param("It cost $1,499.50.", id="as-written"),
        pytest.param("It cost $1499.50 USD.", id="without-separator"),
        pytest.param("It cost 1,499.50 USD.", id="currency-behind"),
        pytest.param("It cost USD 1499.5.", id="currency-in-front"),
        pytest.param("It cost about $1,500.", id="rounded-to-hundreds-within-two-percent"),
        pytest.param("It cost $1.5k.", id="thousands"),
        pytest.param("It rose by +$412.", id="sign-and-whole-dollars"),
        pytest.param("It rose by 38 %.", id="rounded-percent"),
        pytest.param("It rose by 37.9 percent.", id="percent-in-words"),
        pytest.param("The median is $1,085.50 and $1,001.50 to $1,172.84 is normal.", id="band"),
        pytest.param("On 2026-11-13 it was $1,087.", id="history"),
        pytest.param("About $40,000 a month is normal here.", id="own-description"),
        pytest.param("The gate of $25 was passed.", id="gate"),
        pytest.param("Account 1234-5678-9012 is production.", id="account-with-dashes"),
        pytest.param("EC2 in us-east-1 on m5.24xlarge, a 7-day window (E1-E6).", id="digits-of-names"),
        pytest.param("It was USE1-NatGateway-Bytes on 20 November 2026.", id="date-in-words"),
        pytest.param("It is higher than in the 7 days and 5 weeks before.", id="windows-of-the-sheet"),
    ],
)
def test_number_of_the_fact_sheet_passes(claim: str) -> None:
    explanation, flags = checked(root_cause=claim)
    assert (explanation.root_cause, flags) == (claim, ())


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param("It cost $9,999.", id="invented"),
        pytest.param("It cost $1,400.", id="rounded-too-far"),
        pytest.param("It cost $2k.", id="rounded-to-thousands-too-far"),
        pytest.param("It cost $1499.51.", id="a-cent-off"),
        pytest.param("It rose by $412.30.", id="three-cents-off-with-a-zero"),
        pytest.param("It cost 9999 dollars.", id="dollars-in-words"),
        pytest.param("It cost 9.999,00 EUR.", id="continental"),
        pytest.param("It cost ＄９９９９.", id="full-width"),  # noqa: RUF001 - on purpose
        pytest.param("It cost $9 999.", id="space-separated"),
        pytest.param("It cost $.75.", id="no-leading-zero"),
        pytest.param("It rose by 55 %.", id="percent"),
        pytest.param("It rose by 412.33 %.", id="amount-as-percent"),
        pytest.param("It rose by $37.9.", id="percent-as-amount"),
        pytest.param("That is $150,000 a year.", id="projection"),
        pytest.param("It is 3x the usual.", id="multiple"),
        pytest.param("It is 3 times the usual.", id="multiple-in-words"),
        pytest.param("It is a tenfold rise, ten-fold at least.", id="fold"),
        pytest.param("It cost ten thousand dollars.", id="number-in-words"),
        pytest.param("It rose by fifty percent.", id="percent-in-number-words"),
        pytest.param("Account 999999999999 did it.", id="account"),
        pytest.param("Account 9999-9999-9999 did it.", id="account-with-dashes"),
        pytest.param("It began on 2026-09-01.", id="date"),
        pytest.param("Instance i-0123456789abcdef0 did it.", id="resource"),
        pytest.param("It was arn:aws:ec2:us-east-1::nat/x.", id="arn"),
    ],
)
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_sentence_with_another_number_is_dropped_visibly(field: str, claim: str) -> None:
    explanation, flags = checked(**{field: f"Before. {claim} After."})
    assert getattr(explanation, field) == f"Before. {REMOVED_SENTENCE} After."
    assert len(flags) == 1
    assert flags[0].startswith(f"{field}: unverified ")
    assert explanation.confidence == "medium"


@pytest.mark.parametrize("claim", ["It moved 8 TB.", "It moved 412.5GB.", "There were 37 new gateways."])
def test_statement_may_not_count_what_the_facts_do_not_count(claim: str) -> None:
    assert checked(root_cause=claim)[0].root_cause == REMOVED_SENTENCE


def test_advice_may_name_a_number_of_its_own() -> None:
    assert checked(prevention="Expire logs after 30 days.")[1] == ()


def test_neighbours_share_one_mark() -> None:
    explanation, flags = checked(root_cause="It cost $9,999. It cost $8,888. The end.")
    assert explanation.root_cause == f"{REMOVED_SENTENCE} The end."
    assert flags == ("root_cause: unverified '$9,999', '$8,888'",)


def test_action_and_console_path_are_checked_too() -> None:
    steps = [step(action="Save $9,999."), step(console_path="VPC > 55 %"), step()]
    explanation, flags = checked(recommendations=steps)
    assert explanation.recommendations[0].action == REMOVED_SENTENCE
    assert explanation.recommendations[1].console_path == REMOVED_SENTENCE
    assert flags == (
        "step 1 action: unverified '$9,999'",
        "step 2 console_path: unverified '55 %'",
    )
    assert explanation.confidence == "low"


def test_name_that_looks_like_money_backs_nothing() -> None:
    trap = Contributor(service="$9,999 service", before=Decimal(1), after=Decimal(2), delta=Decimal(1))
    facts = fact_sheet(
        nat_spike(contributors=(trap,)), circumstances(account_names={"123456789012": "99 % 9999"})
    )
    explanation, flags = check_answer(answer(root_cause="It cost $9,999. Or 99 %."), facts)
    assert explanation.root_cause == REMOVED_SENTENCE
    assert len(flags) >= 1


@pytest.mark.parametrize(
    ("text", "expected", "flag"),
    [
        ("See https://evil.example/x?y now.", "See [link removed] now.", "link removed"),
        ("See HTTP://evil.example now.", "See [link removed] now.", "link removed"),
        ("See www.evil.example now.", "See [link removed] now.", "link removed"),
        ("See evil.com/login now.", "See [link removed] now.", "link removed"),
        ("See amazon.com.evil.io now.", "See [link removed] now.", "link removed"),
        ("See console.aws.amazon.com/vpc now.", "See [link removed] now.", "link removed"),
        ("See javascript:alert now.", "See [link removed] now.", "link removed"),
        ("Hey <!channel> now.", "Hey [markup removed] now.", "markup removed"),
        ("Hey <@U012AB> now.", "Hey [markup removed] now.", "markup removed"),
        ("Hey <https://evil.example|AWS> now.", "Hey [markup removed] now.", "markup removed"),
        ("Hey <script>x</script> now.", "Hey [markup removed]x[markup removed] now.", "markup removed"),
        ("Hey @channel now.", "Hey [mention removed] now.", "mention removed"),
        ("Hey @\u200bhere now.", "Hey [mention removed] now.", "mention removed"),
    ],
)
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_links_markup_and_mentions_are_removed(field: str, text: str, expected: str, flag: str) -> None:
    explanation, flags = checked(**{field: text})
    assert getattr(explanation, field) == expected
    assert flags == (f"{field}: {flag}",)


@pytest.mark.parametrize(
    "text", ["Allow ec2.amazonaws.com to do so.", "Cost < limit and > zero.", "Done.In Slack."]
)
def test_ordinary_text_is_no_link(text: str) -> None:
    assert checked(prevention=text)[0].prevention == text


def test_control_and_bidirectional_characters_are_removed() -> None:
    assert checked(prevention="a\u202eb\x07 c\nd")[0].prevention == "ab c d"


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param("SageMaker training began.", id="service"),
        pytest.param("It runs in ap-southeast-2.", id="region"),
        pytest.param("It began on 3 March.", id="day-in-words"),
        pytest.param("It began on Nov 25, 2026.", id="day-with-year"),
        pytest.param("It came from 203.0.113.9.", id="ip"),
        pytest.param("That is $590.75 - $190.25 = $410.", id="wrong-arithmetic"),
        pytest.param("That is $590.75 x 30 = $17,722.50.", id="factor-from-nowhere"),
    ],
)
@pytest.mark.parametrize("field", ["root_cause", "what_changed", "severity_reason"])
def test_name_day_or_sum_that_the_facts_do_not_give_is_dropped(field: str, claim: str) -> None:
    explanation, flags = checked(**{field: f"Before. {claim} After."})
    assert getattr(explanation, field) == f"Before. {REMOVED_SENTENCE} After."
    assert len(flags) == 1


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param("It rose by $590.75 - $190.25 = $400.50.", id="arithmetic"),
        pytest.param("It began on 20 November, and on Nov 13 it was quiet.", id="days-in-words"),
        pytest.param("It is EC2 in us-east-1.", id="names"),
    ],
)
def test_name_day_or_sum_of_the_facts_passes(claim: str) -> None:
    assert checked(root_cause=claim)[1] == ()


def hypothesis(**changes: object) -> Hypothesis:
    return answer().hypotheses[0].model_copy(update=changes)


def test_hypotheses_are_checked_like_statements() -> None:
    bad = hypothesis(
        cause="It moved 37 TB.", evidence_for=["E13", "E99"], how_to_disprove="See evil.com now."
    )
    good = hypothesis(cause="SageMaker pulls data through it.")
    explanation, flags = checked(hypotheses=[bad, good])
    assert [one.cause for one in explanation.hypotheses] == ["SageMaker pulls data through it."]
    assert flags == (
        "hypothesis 1 cause: unverified '37'",
        "hypothesis 1 how_to_disprove: link removed",
        "hypothesis 1: unknown evidence 'E99'",
    )


@pytest.mark.parametrize("count", [0, 5])
def test_wrong_number_of_hypotheses_is_flagged(count: int) -> None:
    explanation, flags = checked(hypotheses=[hypothesis()] * count)
    assert len(explanation.hypotheses) == min(count, 4)
    assert flags == (f"{count} hypotheses, expected 1 to 4",)


@pytest.mark.parametrize("day", ["2026-09-01", "yesterday", "20 November"])
def test_day_of_the_change_is_one_of_the_facts(day: str) -> None:
    explanation, flags = checked(changed_on=day)
    assert (explanation.changed_on, flags) == ("", (f"changed_on: unverified '{day}'",))


def test_severity_far_from_the_rules_is_flagged() -> None:
    assert checked(severity="P4")[1] == ("severity: P4 is more than one step from P2",)
    assert checked(severity="P1")[1] == ()


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        pytest.param({}, True, id="good"),
        pytest.param({"root_cause": "It cost $9,999. And $8,888."}, False, id="no-cause-left"),
        pytest.param({"root_cause": "https://evil.example"}, False, id="only-a-link"),
        pytest.param({"root_cause": "It is the gateway. It cost $9,999."}, True, id="a-cause-left"),
        pytest.param({"recommendations": [step(action="Save $9,999.")] * 3}, False, id="no-step-left"),
        pytest.param({"evidence_ids": ["E9"], "changed_on": "x"}, True, id="few-findings"),
    ],
)
def test_too_little_left_is_not_worth_showing(changes: dict[str, object], worth: bool) -> None:
    assert is_worth_showing(*checked(**changes)) is worth


def test_too_many_findings_are_not_worth_showing() -> None:
    bad = dict.fromkeys((*TEXT_FIELDS, "what_changed"), "Fine. It cost $9,999.")
    explanation, flags = checked(**bad, changed_on="x", evidence_ids=["E99"], severity="P4")
    assert explanation.root_cause.startswith("Fine.")
    assert not is_worth_showing(explanation, flags)


def test_unknown_evidence_is_removed_and_flagged() -> None:
    explanation, flags = checked(evidence_ids=["E6", "E99", " E6 ", "DROP TABLE"])
    assert explanation.evidence_ids == ["E6"]
    assert flags == ("evidence_ids: unknown evidence 'E99', 'DROP TABLE'",)


def test_answer_without_evidence_is_flagged() -> None:
    assert checked(evidence_ids=[])[1] == ("evidence_ids: no evidence is cited",)


def test_unknown_evidence_in_a_text_is_marked() -> None:
    explanation, flags = checked(root_cause="It is the gateway (E6, E99).")
    assert explanation.root_cause == "It is the gateway (E6, [unknown evidence])."
    assert flags == ("root_cause: unknown evidence 'E99'",)


def test_refused_command_goes_and_its_advice_stays() -> None:
    steps = [step(action="Stop it.", cli="aws ec2 terminate-instances --instance-ids i-1"), step(), step()]
    explanation, flags = checked(recommendations=steps)
    assert explanation.recommendations[0] == step(action="Stop it.")
    assert flags == ("step 1 cli: command removed, does more than read",)


def test_command_for_an_unknown_account_goes() -> None:
    command = "aws organizations describe-account --account-id {}"
    steps = [step(cli=command.format("123456789012")), step(cli=command.format("999999999999")), step()]
    explanation, flags = checked(recommendations=steps)
    assert [one.cli for one in explanation.recommendations] == [command.format("123456789012"), "", ""]
    assert flags == ("step 2 cli: command removed, unknown account '999999999999'",)


@pytest.mark.parametrize(("count", "kept"), [(0, 0), (2, 2), (6, 5)])
def test_wrong_number_of_recommendations_is_flagged(count: int, kept: int) -> None:
    explanation, flags = checked(recommendations=[step()] * count)
    assert len(explanation.recommendations) == kept
    assert flags == (f"{count} recommendations, expected 3 to 5",)


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_long_text_is_cut_visibly(field: str) -> None:
    explanation, flags = checked(**{field: "word " * 400})
    text = getattr(explanation, field)
    assert len(text) <= MAX_CHARACTERS[field]
    assert text.endswith("word…")
    assert flags == (f"{field}: shortened from 1999 characters",)


@pytest.mark.parametrize(
    ("given_confidence", "flags", "expected"),
    [
        ("high", 0, "high"),
        ("high", 1, "medium"),
        ("medium", 1, "medium"),
        ("low", 1, "low"),
        ("high", 2, "low"),
        ("medium", 2, "low"),
    ],
)
def test_flags_lower_the_confidence(given_confidence: str, flags: int, expected: str) -> None:
    texts = dict.fromkeys(TEXT_FIELDS[:flags], "It cost $9,999.")
    assert checked(confidence=given_confidence, **texts)[0].confidence == expected


def test_checking_twice_changes_no_text() -> None:
    once, _ = checked(root_cause="It cost $9,999. See evil.com. " + "word " * 300, evidence_ids=["E6"])
    twice, _ = check_answer(once, FACTS)
    assert twice.root_cause == once.root_cause


@given(st.decimals(min_value=2000, max_value=9_000_000, places=2))
def test_amount_far_from_every_fact_never_passes(amount: Decimal) -> None:
    known = (Decimal(4200), Decimal(40000))
    if all(abs(amount - one) > one * Decimal("0.021") for one in known):
        assert checked(root_cause=f"It cost ${amount:,}.")[0].root_cause == REMOVED_SENTENCE


@given(st.text(max_size=300))
def test_whatever_is_said_can_be_checked(text: str) -> None:
    explanation, _ = checked(root_cause=text, prevention=text, evidence_ids=[text])
    assert len(explanation.root_cause) <= MAX_CHARACTERS["root_cause"]


def test_digits_without_end_can_be_checked() -> None:
    assert checked(root_cause="$" + "9" * 20_000)[0].root_cause == REMOVED_SENTENCE


def test_organisation_may_back_an_account() -> None:
    organisation = OrganisationSettings(description="Backups go to 111122223333.")
    facts = fact_sheet(nat_spike(), circumstances(organisation=organisation))
    assert check_answer(answer(root_cause="It is account 111122223333."), facts)[1] == ()


def test_parse_reads_what_was_written() -> None:
    assert parse_answer(answer().model_dump_json()) == answer()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "Invalid JSON", id="empty"),
        pytest.param('{"root_cause": "NAT', "Invalid JSON", id="cut-off"),
        pytest.param("Sure! Here it is: {}", "Invalid JSON", id="prose"),
        pytest.param("[]", "answer: Input should be an object", id="list"),
        pytest.param("{}", "root_cause: Field required", id="nothing"),
        pytest.param(
            answer().model_dump_json().replace('"P2"', '"P9"'), "severity: Input should be 'P1'", id="enum"
        ),
        pytest.param(answer(root_cause=" ").model_dump_json(), "root_cause is empty", id="blank-cause"),
    ],
)
def test_unusable_text_is_rejected_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(ExplanationRejected, match=told):
        parse_answer(text)


def test_rejection_does_not_repeat_the_answer() -> None:
    with pytest.raises(ExplanationRejected) as caught:
        parse_answer('{"root_cause": "secret text", "severity": "secret text"}')
    assert "secret text" not in str(caught.value)
