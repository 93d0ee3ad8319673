"""The fact sheet: what it holds, in which order, and that code did the arithmetic."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from costspike.domain.facts import Fact, fact_sheet, facts_hash
from costspike.domain.organisation import OrganisationSettings
from costspike.domain.spikes import Contributor, Gate, Scope
from tests.explanation_cases import DAY, PRODUCTION, circumstances, nat_facts, nat_spike


def values(facts: tuple[Fact, ...], fact_id: str) -> dict[str, object]:
    return dict(next(fact.values for fact in facts if fact.id == fact_id))


def test_ids_are_numbered_from_one_without_gaps() -> None:
    facts = nat_facts()
    assert [fact.id for fact in facts] == [f"E{number}" for number in range(1, len(facts) + 1)]


def test_number_of_a_fact_does_not_depend_on_what_is_missing() -> None:
    bare = fact_sheet(
        nat_spike(scope=Scope(), gates=(), contributors=()),
        circumstances(history=[], account_names={}, organisation=OrganisationSettings()),
    )
    assert [fact.label for fact in bare] == [fact.label for fact in nat_facts()[:12]]


def test_scope_is_named_for_people() -> None:
    assert values(nat_facts(), "E1") == {
        "day": "2026-11-20",
        "weekday": "Friday",
        "day_end_exclusive": "2026-11-21",
        "scope": "account_service",
        "account_id": PRODUCTION,
        "account_name": "shop-production",
        "environment": "production",
        "service": "EC2 - Other",
        "billing_currency": "USD",
    }


def test_money_is_text_rounded_once() -> None:
    facts = nat_facts()
    assert values(facts, "E5") == {"actual_cost": "1499.50"}
    assert values(facts, "E6")["impact_cost"] == "412.33"
    assert values(facts, "E6")["impact_percent"] == "37.9"
    assert values(facts, "E6")["share_of_organisation_typical_percent"] == "9.8"


def test_change_since_the_day_before_is_computed() -> None:
    assert values(nat_facts(), "E3") == {
        "day": "2026-11-19",
        "previous_cost": "1081.00",
        "change_since_then_cost": "418.50",
        "change_since_then_percent": "38.7",
    }


def test_same_weekdays_are_in_order_and_a_missing_day_is_unknown_not_zero() -> None:
    assert values(nat_facts(), "E7") == {
        "2026-10-16": "1115.00",
        "2026-10-23": "1108.00",
        "2026-10-30": "1101.00",
        "2026-11-06": None,
        "2026-11-13": "1087.00",
    }


def test_history_of_the_day_itself_and_of_later_days_is_ignored() -> None:
    later = [(DAY + timedelta(days=days), Decimal(9)) for days in range(8)]
    around = circumstances(history=[*circumstances().history, *later])
    assert fact_sheet(nat_spike(), around) == nat_facts()


@pytest.mark.parametrize("provisional", [True, False])
def test_state_of_the_data_is_said(provisional: bool) -> None:
    sheet = fact_sheet(nat_spike(), circumstances(provisional=provisional))
    assert values(sheet, "E9")["provisional"] is provisional


def test_gates_have_value_and_limit() -> None:
    assert values(nat_facts(), "E10") == {
        "detector": "weekday_median",
        "score": "4.81",
        "gate_impact_value_cost": "412.33",
        "gate_impact_limit_cost": "25.00",
        "gate_impact_value_percent": "37.9",
        "gate_impact_limit_percent": "20.0",
    }


def test_limit_that_is_no_number_is_unknown() -> None:
    gate = Gate(name="band", value=1.0, limit=float("-inf"))
    assert (
        values(fact_sheet(nat_spike(gates=(gate,)), circumstances()), "E10")["gate_band_limit_cost"] is None
    )


def test_contributor_has_before_after_delta_and_shares() -> None:
    assert values(nat_facts(), "E13") == {
        "account_id": PRODUCTION,
        "account_name": "shop-production",
        "environment": "production",
        "service": "EC2 - Other",
        "usage_type": "USE1-NatGateway-Bytes",
        "region": "us-east-1",
        "before_cost": "190.25",
        "after_cost": "590.75",
        "delta_cost": "400.50",
        "delta_percent": "210.5",
        "share_of_impact_percent": "97.1",
    }


def test_remainder_is_last_and_says_so() -> None:
    last = nat_facts()[-1]
    assert last.label.startswith("Everything else together")
    assert "account_id" not in last.values


def test_what_fell_comes_after_the_contributors_and_has_no_share_of_the_impact() -> None:
    fall = Contributor(
        account_id=PRODUCTION,
        service="EC2",
        usage_type="BoxUsage:m5.large",
        before=Decimal("50.10"),
        after=Decimal("10.10"),
        delta=Decimal(-40),
    )
    *others, last = fact_sheet(nat_spike(fallen=(fall,)), circumstances())
    assert tuple(others) == nat_facts()
    assert "no part of the impact" in last.label
    assert last.values == {
        "account_id": PRODUCTION,
        "account_name": "shop-production",
        "environment": "production",
        "service": "EC2",
        "usage_type": "BoxUsage:m5.large",
        "before_cost": "50.10",
        "after_cost": "10.10",
        "delta_cost": "-40.00",
        "delta_percent": "-79.8",
    }


def test_new_cost_has_no_percentage() -> None:
    new = Contributor(service="Amazon SageMaker", before=Decimal(0), after=Decimal(80), delta=Decimal(80))
    sheet = fact_sheet(nat_spike(expected_cost=Decimal(0), contributors=(new,)), circumstances())
    assert values(sheet, "E6")["impact_percent"] is None
    assert values(sheet, "E6")["nothing_was_expected"] is True
    assert values(sheet, "E13")["delta_percent"] is None


def test_long_description_is_split_at_words_and_kept_whole() -> None:
    description = "word " * 150
    sheet = fact_sheet(nat_spike(), circumstances(organisation=OrganisationSettings(description=description)))
    lines = [str(line) for line in values(sheet, "E12").values()]
    assert all(len(line) <= 200 for line in lines)
    assert " ".join(lines).split() == description.split()


def test_hash_is_stable_and_sees_every_change() -> None:
    facts = nat_facts()
    assert facts_hash(facts) == facts_hash(nat_facts())
    changed = fact_sheet(nat_spike(actual_cost=Decimal("1499.52")), circumstances())
    assert facts_hash(changed) != facts_hash(facts)
    assert facts_hash(facts[:-1]) != facts_hash(facts)


def test_hash_does_not_see_what_is_rounded_away() -> None:
    assert facts_hash(fact_sheet(nat_spike(typical_cost=Decimal("1085.501")), circumstances())) == facts_hash(
        nat_facts()
    )


def test_environment_needs_an_account_id() -> None:
    with pytest.raises(ValidationError, match="environments"):
        OrganisationSettings(environments={"production": "123456789012"})
