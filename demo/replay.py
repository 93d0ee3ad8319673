"""Day after day through the real DAG, as if the demo had been switched on three weeks ago."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from demo.servers.faults import ANSWER_LOST
from demo.story import RESTATED_ACCOUNT, RESTATED_BY, RESTATED_SERVICE, Story

if TYPE_CHECKING:
    from demo.airflow_home import FinishedRun
    from demo.ledger import DayRun, FoundSpike, Ledger, SentAlert
    from demo.systems import Systems

POST = "chat.postMessage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One run as it is shown; ``done`` is None where the run came to no record."""

    cost_day: date
    run: FinishedRun
    done: DayRun | None
    spikes: Sequence[FoundSpike]
    alerts: Sequence[SentAlert]
    seconds: float
    restated: bool = False
    overloaded: bool = False
    lost_answers: int = 0


@dataclass(slots=True, kw_only=True)
class Replay:
    """What is needed to run the days, and what came of them so far."""

    systems: Systems
    ledger: Ledger
    story: Story
    run_day: Callable[[date], FinishedRun]
    days: list[Day] = field(default_factory=list)
    found: list[FoundSpike] = field(default_factory=list)
    """The spikes as they were when they were found; a restatement may change the warehouse's later."""

    def run(self, cost_day: date) -> Day:
        """Run one day, with what the story has for it."""
        restated, overloaded = self._restate(cost_day), self._overload(cost_day)
        faulty = self._lose_an_answer(cost_day)
        before, began = {alert.spike_id for alert in self._sent()}, time.monotonic()
        run = self.run_day(cost_day)
        seconds = time.monotonic() - began
        spikes = [spike for spike in self.ledger.spikes() if spike.cost_day == cost_day]
        self.found += spikes
        day = Day(
            cost_day=cost_day,
            run=run,
            done=self.ledger.run(run.run_id),
            spikes=spikes,
            alerts=[alert for alert in self._sent() if alert.spike_id not in before],
            seconds=seconds,
            restated=restated,
            overloaded=overloaded and not len(self.systems.claude.faults) if self.systems.claude else False,
            lost_answers=int(faulty and not len(self.systems.slack.faults)) if self.systems.slack else 0,
        )
        self.days.append(day)
        return day

    def _sent(self) -> list[SentAlert]:
        if not self.days and not self.found:
            return []
        return [alert for alert in self.ledger.alerts() if alert.state == "sent"]

    def _restate(self, cost_day: date) -> bool:
        world, restated = self.systems.world, self.story.restated_day
        if world is None or restated is None or self.story.restated_before != cost_day:
            return False
        world.restate(restated, RESTATED_ACCOUNT, RESTATED_SERVICE, RESTATED_BY)
        return True
