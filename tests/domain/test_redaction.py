"""What leaves under aliases, and comes back by name."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.facts import Fact
from costspike.domain.redaction import RedactionMode, redaction_of
from tests.explanation_cases import PRODUCTION, nat_facts

ARN = f"arn:aws:ec2:us-east-1:{PRODUCTION}:natgateway/nat-0123456789abcdef0"
EVENTS = Fact(
    id="E20",
    label="Management events in CloudTrail around the onset",
    values={
        "event": "CreateNatGateway",
        "user": "ana.lopez@example.com",
        "resource_1": ARN,
        "note": f"looked for CreateNatGateway in us-east-1 of {PRODUCTION} from 203.0.113.7",
        "tag_value": "team-blue",
        "event_count": "1",
    },
)
FACTS = (*nat_facts(), EVENTS)
SECRETS = {
    PRODUCTION,
    "shop-production",
    ARN,
    "ana.lopez@example.com",
    "203.0.113.7",
    "team-blue",
    "nat-0123456789abcdef0",
}


def sent(mode: RedactionMode, facts: tuple[Fact, ...] = FACTS) -> str:
    return json.dumps([dict(fact.values) for fact in redaction_of(facts, mode).facts(facts)])


def test_strict_hides_every_name() -> None:
    text = sent("strict")
    assert [secret for secret in SECRETS if secret in text] == []
    assert "CreateNatGateway" in text
    assert "412.33" in text, "amounts are what it is about"


def test_accounts_hides_accounts_only() -> None:
    text = sent("accounts")
    assert PRODUCTION not in text
    assert "shop-production" not in text
    assert "ana.lopez@example.com" in text


def test_none_hides_nothing() -> None:
    assert redaction_of(FACTS, "none").facts(FACTS) == FACTS
    assert redaction_of(FACTS, "none").shown("acct-1") == "acct-1"


def test_a_name_has_one_alias_wherever_it_stands() -> None:
    redacted = redaction_of(FACTS, "accounts").facts(FACTS)
    alias = redacted[0].values["account_id"]
    assert str(alias) in str(redacted[-1].values["note"])


def test_an_answer_gets_the_names_back() -> None:
    redaction = redaction_of(FACTS, "strict")
    aliases = {name: redaction.aliases[name] for name in SECRETS if name in redaction.aliases}
    answer = json.dumps({"root_cause": " and ".join(aliases.values()), "cli": "acct-99"})
    shown = json.loads(redaction.shown(answer))
    assert shown == {"root_cause": " and ".join(aliases), "cli": "acct-99"}


def test_a_name_with_quotes_does_not_break_the_answer() -> None:
    odd = replace(EVENTS, values={"user": 'a "b" \\ c'})
    redaction = redaction_of([odd], "strict")
    assert json.loads(redaction.shown('{"x": "user-1"}')) == {"x": 'a "b" \\ c'}


def test_problems_that_are_sent_back_are_hidden_as_well() -> None:
    assert PRODUCTION not in redaction_of(FACTS, "strict").hidden(f"unverified '{PRODUCTION}9'")


@pytest.mark.parametrize("mode", ["accounts", "strict"])
def test_the_same_sheet_is_redacted_in_the_same_way(mode: RedactionMode) -> None:
    assert sent(mode) == sent(mode)


@given(st.text(min_size=4, max_size=40), st.sampled_from(["user", "tag_value", "account_name"]))
def test_whatever_somebody_is_called_comes_back(name: str, key: str) -> None:
    fact = Fact(id="E1", label="x", values={key: name})
    redaction = redaction_of([fact], "strict")
    (hidden,) = redaction.facts([fact])
    assert hidden.values[key] != name
    assert json.loads(redaction.shown(json.dumps(hidden.values[key]))) == name
