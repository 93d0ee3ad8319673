"""Replay the warehouse's history: what would have been alerted, with which settings."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from costspike.domain.backtest import back_test as replay
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.errors import DataContractError, SettingsError
from costspike.domain.money import cents
from costspike.rendering.backtest_text import backtest_text

if TYPE_CHECKING:
    import pandas as pd

    from costspike.domain.backtest import BackTest
    from costspike.domain.incidents import IncidentSettings

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
_YEAR = 365
_SECONDS_BETWEEN_LINES = 5.0


class Usage(Protocol):
    """Where usage rows come from: the warehouse's ``CostTables``, or a file."""

    def replayed_usage(
        self, first: date, last: date, choices: Sequence[DetectionSettings], /
    ) -> Mapping[str, pd.DataFrame]:
        """Return the rows for judging all days from ``first`` to ``last``, inclusive, by currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which days are judged (both ends inclusive), and with which sensitivities beside the settings' own.

    Without a first day it is the year that ends with the last day.
    """

    last_day: date
    first_day: date | None = None
    sensitivities: tuple[float, ...] = ()

    @property
    def first(self) -> date:
        """Return the first judged day."""
        return self.first_day or self.last_day - _DAY * (_YEAR - 1)

    @property
    def name(self) -> str:
        """Return a name for the page's file."""
        return f"{self.first}-to-{self.last_day}"


def question_of(params: Mapping[str, Any], newest_day: date | None, fallback: date) -> Question:
    """Return what a form asks: without a last day, it is the newest one that is landed."""
    first, last = params.get("first_day"), params.get("last_day")
    return Question(
        last_day=date.fromisoformat(last) if last else newest_day or fallback,
        first_day=date.fromisoformat(first) if first else None,
        sensitivities=tuple(params.get("sensitivities") or ()),
    )


def back_test(
    question: Question,
    detection: DetectionSettings,
    usage: Usage,
    incidents: IncidentSettings | None = None,
    *,
    seconds: Callable[[], float] = time.monotonic,
) -> list[BackTest]:
    """Return the replay of each currency, and log its progress and a table of what was found.

    The first outcome of each is that of the settings as they are.

    Raises:
        DataContractError: the days end before they begin, or have no rows.
        SettingsError: a sensitivity is out of its bounds.
    """
    first, last = question.first, question.last_day
    if first > last:
        msg = (
            f"the back-test begins on {first} and ends on {last}; expected the first day before the last one"
        )
        raise DataContractError(msg)
    choices = choices_of(detection, question.sensitivities)
    rows = usage.replayed_usage(first, last, choices)
    if not any(len(own) for own in rows.values()):
        msg = f"the warehouse has no usage up to {last}; land some history first, or choose other days"
        raise DataContractError(msg)
    found = []
    for currency, own in sorted(rows.items()):
        log.info(
            "Replaying %s to %s in %s: %s rows, %s settings.", first, last, currency, len(own), len(choices)
        )
        found.append(
            replay(
                own,
                first,
                last,
                choices,
                incidents,
                billing_currency=currency,
                progress=_progress(seconds),
            )
        )
        log.info("%s", backtest_text(found[-1]))
    return found


def summary_of(tests: Sequence[BackTest]) -> dict[str, Any]:
    """Return the figures as small plain data, by currency and sensitivity."""
    return {
        test.billing_currency: {
            f"{outcome.detection.sensitivity:g}": {
                "alerts_a_month": f"{outcome.alerts_a_month:.1f}",
                "incidents": len(outcome.incidents),
                "impact": f"{cents(outcome.impact)}",
            }
            for outcome in test.outcomes
        }
        for test in tests
    }


def choices_of(detection: DetectionSettings, sensitivities: Sequence[float]) -> list[DetectionSettings]:
    """Return the settings as they are, then the same with each other sensitivity, from low to high.

    Raises:
        SettingsError: a sensitivity is out of its bounds.
    """
    own = detection.model_dump()
    others = sorted(set(sensitivities) - {detection.sensitivity})
    try:
        return [detection, *(DetectionSettings.model_validate(own | {"sensitivity": one}) for one in others)]
    except ValidationError as error:
        problems = "; ".join(f"{detail['msg']}, got {detail['input']!r}" for detail in error.errors())
        msg = f"the sensitivities {list(sensitivities)} cannot all be used: {problems}"
        raise SettingsError(msg) from error


def _progress(seconds: Callable[[], float]) -> Callable[[int, int], None]:
    """Return what logs how far a replay is, some seconds after the last line."""
    told = seconds()

    def progress(done: int, days: int) -> None:
        nonlocal told
        if seconds() - told >= _SECONDS_BETWEEN_LINES:
            told = seconds()
            log.info("%s of %s days replayed.", done, days)

    return progress
