"""What can be made to go wrong with a request, and the queue that orders it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

RESET = "reset"
HANG = "hang"
ANSWER_LOST = "answer_lost"
ANSWER_HANGS = "posted_then_hang"
MALFORMED = "malformed"
# A request that nothing happens to: what comes after it meets the next one.
NONE = "none"
TRANSPORT_FAULTS = frozenset({NONE, RESET, HANG, ANSWER_LOST, ANSWER_HANGS, MALFORMED})

Option = str | float


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one request; ``method`` restricts it to one kind of request."""

    name: str
    method: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)

    def number(self, option: str, default: float) -> float:
        """Return a numeric option."""
        return float(self.options.get(option, default))

    def text(self, option: str, default: str = "") -> str:
        """Return a text option; a whole number is written without a decimal point."""
        return str(self.options.get(option, default))


class FaultQueue:
    """Faults in the order in which requests shall meet them; each is used up by one request."""

    def __init__(self, known: frozenset[str]) -> None:
        """Accept only ``known`` names: a misspelt fault would pass as a healthy server."""
        self._known = known
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def push(self, name: str, *, method: str = "", times: int = 1, **options: Option) -> None:
        """Order ``times`` faults. Without ``method`` the next request of any kind meets one.

        Raises:
            ValueError: The server knows no such fault.
        """
        if name not in self._known:
            msg = f"unknown fault {name!r}; this server knows {', '.join(sorted(self._known))}"
            raise ValueError(msg)
        with self._lock:
            self._faults.extend([Fault(name, method, options)] * times)

    def take(self, method: str) -> Fault | None:
        """Remove and return the oldest fault that is meant for ``method``, None without one."""
        with self._lock:
            for position, fault in enumerate(self._faults):
                if fault.method in {"", method}:
                    return self._faults.pop(position)
        return None

    def clear(self) -> None:
        """Forget every fault that was not met."""
        with self._lock:
            self._faults.clear()

    def __len__(self) -> int:
        """Return how many faults are still to be met."""
        with self._lock:
            return len(self._faults)
