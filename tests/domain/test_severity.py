"""The written rule that grades a spike."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from costspike.domain.grades import GRADES, Severity, held_near
from costspike.domain.severity import SeveritySettings, Signals, severity, severity_reason
from costspike.domain.spikes import Scope, Spike
from tests.explanation_cases import nat_spike

RULE = SeveritySettings()
LARGE = Decimal(1_000_000)


def spike_of(impact: str | Decimal) -> Spike:
    return nat_spike(actual_cost=Decimal(100) + Decimal(impact), expected_cost=Decimal(100))


@pytest.mark.parametrize(
    ("impact", "typical", "expected"),
    [
        pytest.param("1000", LARGE, "P1", id="dollars-alone"),
        pytest.param("999.99", LARGE, "P2", id="a-cent-below-P1"),
        pytest.param("250", "1000", "P1", id="a-quarter-of-a-small-bill"),
        pytest.param("249.99", "900", "P2", id="large-share-of-too-few-dollars-for-P1"),
        pytest.param("250", LARGE, "P2", id="P2-by-dollars"),
        pytest.param("100", "1000", "P2", id="P2-by-share"),
        pytest.param("99.99", "100", "P3", id="large-share-of-too-few-dollars-for-P2"),
        pytest.param("50", LARGE, "P3", id="P3-by-dollars"),
        pytest.param("25", "500", "P3", id="P3-by-share"),
        pytest.param("24.99", "1", "P4", id="almost-everything-of-next-to-nothing"),
        pytest.param("0.01", LARGE, "P4", id="a-cent"),
        pytest.param("999.995", LARGE, "P1", id="compared-as-shown"),
        pytest.param("300", "0", "P2", id="typical-day-unknown"),
        pytest.param("300", "-5", "P2", id="typical-day-of-credits"),
    ],
)
def test_grade(impact: str, typical: str | Decimal, expected: str) -> None:
    assert severity(spike_of(impact), Decimal(typical), RULE) == expected


def test_reason_names_amount_and_limit() -> None:
    reason = severity_reason(spike_of("1234.5"), LARGE, RULE)
    assert reason == "1,234.50 USD a day above what was expected reaches the limit of 1,000.00 USD for P1."


def test_reason_names_share_where_the_share_decided() -> None:
    reason = severity_reason(spike_of("260"), Decimal(1000), RULE)
    assert "is 26.0 % of the organisation's typical day" in reason
    assert "limit of 25 % (from 250.00 USD) for P1" in reason


def test_reason_of_the_lowest_grade() -> None:
    assert severity_reason(spike_of("3"), LARGE, RULE).endswith("is below every limit for P3.")


@given(st.decimals(0, 5000, places=2), st.decimals(0, 5000, places=2), st.decimals(0, 100_000, places=2))
def test_more_dollars_never_make_it_less_severe(one: Decimal, other: Decimal, typical: Decimal) -> None:
    small, large = sorted((one, other))
    # "P1" sorts before "P4".
    assert severity(spike_of(large), typical, RULE) <= severity(spike_of(small), typical, RULE)


def test_limits_out_of_order_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="p1_impact is 100 and p2_impact is 250"):
        SeveritySettings(p1_impact=Decimal(100))


def test_reason_grades_like_the_rule() -> None:
    for impact in ("10", "60", "120", "300", "2000"):
        grade = severity(spike_of(impact), Decimal(1000), RULE)
        reason = severity_reason(spike_of(impact), Decimal(1000), RULE)
        assert reason.endswith(f"for {grade}." if grade != "P4" else "for P3.")


EC2 = "Amazon Elastic Compute Cloud - Compute"


def graded(impact: str, service: str = "EC2 - Other", **signals: Any) -> tuple[str, str]:
    spike = nat_spike(
        actual_cost=Decimal(100) + Decimal(impact),
        expected_cost=Decimal(100),
        scope=Scope(service=service),
        contributors=(),
    )
    found = Signals(**signals)
    return severity(spike, LARGE, RULE, found), severity_reason(spike, LARGE, RULE, found)


@pytest.mark.parametrize("environment", ["sandbox", "Staging", "DEV"])
def test_a_lesser_environment_is_a_step_lower(environment: str) -> None:
    assert graded("300", environment=environment)[0] == "P3"
    assert f"environment is {environment}" in graded("300", environment=environment)[1]
    assert graded("3", environment=environment)[0] == "P4"


def test_production_and_the_unknown_stay() -> None:
    assert graded("300", environment="production")[0] == graded("300")[0] == "P2"


def test_a_long_incident_is_a_step_higher() -> None:
    assert [graded("60", days=days)[0] for days in (1, 2, 3, 9)] == ["P3", "P3", "P2", "P2"]
    assert "in its day 3" in graded("60", days=3)[1]
    assert graded("5000", days=9)[0] == "P1"


def test_computing_in_a_region_never_used_before_is_p2_at_least() -> None:
    grade, reason = graded("30", EC2, new_regions=("ap-south-1",), environment="sandbox")
    assert grade == "P2"
    assert "computing in ap-south-1, where the bill never had any" in reason
    assert graded("5000", EC2, new_regions=("ap-south-1",))[0] == "P1"


def test_storage_in_a_new_region_is_no_theft() -> None:
    assert graded("30", "Amazon Simple Storage Service", new_regions=("ap-south-1",))[0] == "P4"


@pytest.mark.parametrize("rule", GRADES)
@pytest.mark.parametrize("opinion", GRADES)
def test_a_model_proposes_one_step_at_most(rule: Severity, opinion: Severity) -> None:
    proposal = held_near(opinion, rule)
    assert abs(GRADES.index(proposal) - GRADES.index(rule)) <= 1
    assert (proposal == rule) == (opinion == rule)
    if abs(GRADES.index(opinion) - GRADES.index(rule)) <= 1:
        assert proposal == opinion
