"""CPU time of things that do the same work, measured in turn, so that they can be compared.

The clock counts this process's CPU seconds, all threads: on a machine that others use too, wall time says
little. Each round runs every contestant once, and a figure is the median of the rounds' own ratios: what
slows a whole round down cancels out.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

ROUNDS = 7

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds of each contestant by name, one reading a round."""

    seconds: Mapping[str, list[float]]

    def ratio(self, of: str, to: str) -> float:
        """Return how many times as long as ``to`` the contestant ``of`` took."""
        pairs = zip(self.seconds[of], self.seconds[to], strict=True)
        return median(one / other for one, other in pairs)

    def typical(self, name: str) -> float:
        """Return the median seconds of a contestant."""
        return median(self.seconds[name])


def in_turn(
    contestants: Mapping[str, Callable[[], object]],
    *,
    rounds: int = ROUNDS,
    clock: Clock = time.process_time,
    before: Callable[[], object] | None = None,
) -> Rounds:
    """Run the contestants A B C, A B C, ...; the first round is not counted.

    Args:
        contestants: name to what is timed; what it returns is dropped before the next one runs.
        rounds: counted rounds.
        clock: CPU seconds so far.
        before: run before each contestant, not timed.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            if before:
                before()
            gc.collect()
            begun = clock()
            run()
            spent = clock() - begun
            if number:
                seconds[name].append(spent)
    return Rounds(seconds)
