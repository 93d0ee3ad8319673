"""Several jobs at the same time, as two runs of one day are."""

import threading
from collections.abc import Callable, Sequence
from typing import Any


def at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run jobs together; return what each returned or raised, in the order of the jobs."""
    ready = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def do(number: int) -> None:
        ready.wait()
        try:
            results[number] = jobs[number]()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[number] = error

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
