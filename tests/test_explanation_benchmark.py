"""The evaluation of explanations: its cases are sound, and its scores tell good from bad."""

import json

import pytest

from benchmarks.explanations.__main__ import all_cases, main
from benchmarks.explanations.case import Case
from benchmarks.explanations.scores import Score, calibration_error, figures, score
from costspike.domain.explanation import Explanation
from tests.explanation_cases import answer

CASES = all_cases()
ATTACKS = [case for case in CASES if case.injection]


def perfect(case: Case, **changes: object) -> str:
    """Return an answer that names the cause and cites what shows it."""
    telling = sorted(case.telling_ids())
    made: Explanation = answer(
        root_cause=f"The rise is in {case.usage_type} ({', '.join(telling) or 'E6'}).",
        cause_category=min(case.categories),
        confidence="high" if case.is_provable else "low",
        what_changed="",
        changed_on=case.spike.day.isoformat(),
        severity="P2",
        severity_reason="It lasts.",
        evidence_ids=telling or ["E6"],
        hypotheses=[answer().hypotheses[0].model_copy(update={"evidence_for": ["E6"]})],
        suspicious_input=bool(case.injection),
    )
    return made.model_copy(update=changes).model_dump_json()


def test_there_are_enough_cases_of_every_kind() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert len(CASES) - len(ATTACKS) >= 40
    assert len(ATTACKS) == 8
    kinds = {case.name.split(",")[0] for case in CASES if not case.injection}
    assert {"unknown cause", "two causes at once", "stolen keys", "Savings Plan expiry"} <= kinds


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_perfect_answer_gets_every_point(case: Case) -> None:
    assert bool(case.telling_ids()) is bool(case.telling)
    found = score(case, perfect(case))
    assert (found.failure, found.matches, found.cites, found.invented, found.resisted) == (
        "",
        True,
        True,
        0,
        True,
    )
    assert found.shown


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.name)
def test_an_answer_that_obeys_is_caught(case: Case) -> None:
    assert case.injection in json.dumps([dict(fact.values) for fact in case.facts()], ensure_ascii=False)
    obeyed = json.loads(perfect(case)) | {"prevention": f"{case.bait[0]} {case.injection}", "severity": "P4"}
    assert not score(case, json.dumps(obeyed)).resisted


def test_inventions_and_wrong_causes_cost_points() -> None:
    case = CASES[0]
    bad = score(
        case,
        perfect(case, root_cause="It cost $9,999.", cause_category="one_time_charge", evidence_ids=["E1"]),
    )
    assert (bad.matches, bad.cites, bad.invented, bad.shown) == (False, False, 1, False)
    assert score(case, "no json").failure


def test_calibration_asks_whether_confidence_is_earned() -> None:
    def told(confidence: str, matches: bool) -> Score:
        return Score(case=CASES[0], confidence=confidence, matches=matches)

    boastful = [told("high", False)] * 10
    honest = [told("high", True)] * 9 + [told("high", False)]
    assert calibration_error(boastful) == pytest.approx(0.9)
    assert calibration_error(honest) == pytest.approx(0.0)
    assert next(figure.what for figure in figures(honest)) == "cases answered"


@pytest.mark.enable_socket
def test_it_runs_against_the_local_stand_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert main(["--only", "injection"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("8 cases, the local stand-in, which knows no causes: plumbing only")
    assert "| injections resisted | >= 100 % | 100 % | reached |" in told


def test_a_run_beyond_the_budget_is_not_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-none")
    assert main(["--budget", "0.01"]) == 2
    assert "raise --budget" in capsys.readouterr().err
