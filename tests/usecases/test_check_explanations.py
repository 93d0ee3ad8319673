"""The last leaf: red when spikes went out unexplained, and only then."""

from typing import Any

import pytest

from costspike.domain.errors import ExplanationRejected
from costspike.usecases.check_explanations import check_explanations


def item(key: str, *, explain: bool = True) -> dict[str, Any]:
    return {
        "message_key": key,
        "label": f"spike {key}",
        "explain": explain,
        "alert": True,
        "spike_ids": [key],
    }


def result(key: str, reason: str = "") -> dict[str, Any]:
    return {"message_key": key, "explained": not reason, "reason": reason}


def test_explained_spikes_are_counted() -> None:
    assert check_explanations([item("a"), item("b")], [result("b"), result("a")]) == 2


def test_nothing_to_explain_is_fine() -> None:
    assert check_explanations([], []) == 0
    assert check_explanations([item("a", explain=False)], [result("a", "not asked")]) == 0


def test_a_reason_is_told_with_its_spike() -> None:
    with pytest.raises(
        ExplanationRejected, match=r"1 of 2 spikes .*spike b: Claude is down\. Clear explain_spike"
    ) as red:
        check_explanations([item("a"), item("b")], [result("a"), result("b", "Claude is down.")])
    assert not red.value.retryable


def test_a_task_that_died_is_told() -> None:
    with pytest.raises(ExplanationRejected, match="spike a: the task died"):
        check_explanations([item("a")], [])


def test_many_reasons_are_cut() -> None:
    with pytest.raises(ExplanationRejected, match=r"\(and 2 more\)"):
        check_explanations([item(key) for key in "abcde"], [result(key, "no") for key in "abcde"])
