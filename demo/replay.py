"""Day after day through the real DAG, as if the demo had been switched on two weeks ago."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from demo import failures
from demo.servers.claude import MESSAGES
from demo.servers.faults import ANSWER_LOST
from demo.story import RESTATED_ACCOUNT, RESTATED_BY, RESTATED_SERVICE, Story

if TYPE_CHECKING:
    from demo.airflow_home import FinishedRun
    from demo.ledger import DayRun, FoundSpike, Ledger, SentAlert
    from demo.systems import Systems

POST = "chat.postMessage"
OVERLOADED = "529"
SUCCESS = "success"


class Mishap(Enum):
    """What goes wrong on purpose, to show that the alerts survive it."""

    ANSWER_LOST = "Slack took the message, and its answer was lost"
    OVERLOADED = "Claude was overloaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One run as it is shown; ``done`` is None where the run came to no record.

    ``reason`` is the last error of a run that did not succeed.
    """

    cost_day: date
    run: FinishedRun
    done: DayRun | None
    spikes: Sequence[FoundSpike]
    alerts: Sequence[SentAlert]
    seconds: float
    restated: bool = False
    mishaps: tuple[Mishap, ...] = ()
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Replay:
    """What is needed to run the days. ``found`` are the spikes as their own day's run found them.

    A restatement changes a verdict in the warehouse later on.
    """

    systems: Systems
    ledger: Ledger
    story: Story
    log: Path
    run_day: Callable[[date], FinishedRun]
    days: list[Day] = field(default_factory=list)
    found: list[FoundSpike] = field(default_factory=list)

    def run(self, cost_day: date) -> Day:
        """Run one day, with what the story has for it."""
        restated = self._restate(cost_day)
        before = {alert.alert_id for alert in self._sent()}
        self._order_mishaps(cost_day)
        written, began = failures.size(self.log), time.monotonic()
        run = self.run_day(cost_day)
        seconds = time.monotonic() - began
        spikes = [spike for spike in self.ledger.spikes() if spike.cost_day == cost_day]
        self.found += spikes
        day = Day(
            cost_day=cost_day,
            run=run,
            done=self.ledger.run(run.run_id),
            spikes=spikes,
            alerts=[alert for alert in self._sent() if alert.alert_id not in before],
            seconds=seconds,
            restated=restated,
            mishaps=self._mishaps_met(cost_day),
            reason="" if run.state == SUCCESS else failures.reason(self.log, written),
        )
        self.days.append(day)
        return day

    def _sent(self) -> list[SentAlert]:
        return [alert for alert in self.ledger.alerts() if alert.state == "sent"]

    def _restate(self, cost_day: date) -> bool:
        world, restated = self.systems.world, self.story.restated_day
        if world is None or restated is None or self.story.restated_before != cost_day:
            return False
        world.restate(restated, RESTATED_ACCOUNT, RESTATED_SERVICE, RESTATED_BY)
        return True

    def _order_mishaps(self, cost_day: date) -> None:
        slack, claude = self.systems.slack, self.systems.claude
        if slack is not None and cost_day == self.story.lost_answer_on:
            slack.faults.push(ANSWER_LOST, method=POST)
        if claude is not None and cost_day == self.story.overloaded_on:
            claude.faults.push(OVERLOADED, method=MESSAGES, retry_after="1")

    def _mishaps_met(self, cost_day: date) -> tuple[Mishap, ...]:
        """Return what went wrong on purpose; a mishap that nothing met is taken back."""
        ordered = (
            (Mishap.ANSWER_LOST, self.systems.slack, self.story.lost_answer_on),
            (Mishap.OVERLOADED, self.systems.claude, self.story.overloaded_on),
        )
        met = []
        for mishap, server, day in ordered:
            if server is None or day != cost_day:
                continue
            if not len(server.faults):
                met.append(mishap)
            server.faults.clear()
        return tuple(met)
