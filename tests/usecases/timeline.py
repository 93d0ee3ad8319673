"""Days that pass: what S3 of production costs on each, and what is told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costspike.domain.runs import Run
from tests.clocks import NOW, Clock
from tests.usecases.pipeline import DEV, PROD, TODAY, Pipeline, steady_world, usage_row, with_settings

ONE_DAY = timedelta(days=1)
# Slack's time is the machine's: what is posted there must not lie before the days of a test.
_AGO = timedelta(days=60)
USUAL = {(PROD, "EC2"): "100", (PROD, "S3"): "20", (DEV, "EC2"): "30"}


def begin(
    over: Callable[..., Pipeline], *, sections: Mapping[str, Any] | None = None, **parts: Any
) -> Timeline:
    """Return a timeline after sixty days on which nothing happened; ``sections`` are changed settings."""
    known: dict[str, Any] = {"alerts": {"channel": "C0COSTS"}, "reading": {"history_months": 2}}
    settings = with_settings(**(known | dict(sections or {})))
    world = steady_world(today=TODAY - _AGO)
    return Timeline(over(world, settings=settings, clock=Clock(now=NOW - _AGO), **parts))


@dataclass
class Timeline:
    """A pipeline whose days pass; ``first_day`` is the first that ``pass_day`` lived through."""

    pipeline: Pipeline
    first_day: date = field(init=False)
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.first_day = self.pipeline.world.today

    def day(self, number: int) -> date:
        """Return the day so many days after the first."""
        return self.first_day + number * ONE_DAY

    def pass_day(
        self,
        costs: str | Mapping[tuple[str, str], str] = "20",
        *,
        restated: Mapping[int, str] | None = None,
        run: bool = True,
        **about: Any,
    ) -> list[str]:
        """Let a day pass on which S3 of production cost so much, run it, and return what was newly posted.

        ``restated`` are factors by which AWS changes S3 of earlier days, by their number.
        """
        cost_day = self.pipeline.world.today
        own = {(PROD, "S3"): costs} if isinstance(costs, str) else costs
        self.pipeline.world.add_rows(
            [
                usage_row(cost_day, account, service, cost)
                for (account, service), cost in (USUAL | dict(own)).items()
            ]
        )
        for number, factor in (restated or {}).items():
            self.pipeline.world.restate(self.day(number), PROD, "S3", Decimal(factor))
        self.pipeline.world.today = cost_day + ONE_DAY
        self.pipeline.clock.pass_by(days=1)
        if not run:
            return []
        self.pipeline.whole_day(self.run(cost_day, **about))
        return self.news()

    def run(self, cost_day: date | None = None, **about: Any) -> Run:
        """Return the run of a day, the newest by default."""
        return self.pipeline.run(cost_day or self.pipeline.world.today - ONE_DAY, **about)

    def news(self) -> list[str]:
        """Return the texts of the messages that were posted since the last call; an answer begins with an arrow."""
        posted = self.pipeline.messages[self._seen :]
        self._seen += len(posted)
        return [f"↳ {m['text']}" if self._is_answer(m) else str(m["text"]) for m in posted]

    @property
    def title(self) -> str:
        """Return the title of the first message, as it is shown now."""
        return str(self.pipeline.messages[0]["blocks"][0]["text"]["text"])

    @property
    def incidents(self) -> list[tuple[Any, ...]]:
        """Return the incidents: state, first and last day, days, impact."""
        return self.pipeline.rows(
            "SELECT x_state, first_day, last_day, raised_days, impact FROM incidents ORDER BY first_day, incident_id"
        )

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Return the outbox: reason and state of every message."""
        return self.pipeline.rows(
            "SELECT notify_reason, x_state FROM spike_alerts ORDER BY x_created_at, alert_id"
        )

    @staticmethod
    def _is_answer(message: Mapping[str, Any]) -> bool:
        return bool(message.get("thread_ts", message["ts"]) != message["ts"])


def short(texts: list[str]) -> list[str]:
    """Return the texts up to the name of what they are about: the news itself."""
    return [re.split(r"(?::| of) (?:S3|EC2|All)\b", text)[0] for text in texts]
