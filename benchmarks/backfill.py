"""How long a backfill takes under the real scheduler: ``python -m benchmarks.backfill --days 30 --active 2``.

Seconds, not a ratio, and minutes of them: it is not part of ``make bench``. Airflow's own work is most of it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.dags.outside_world import DAY, outside_world, yesterday
from tests.dags.real_airflow import real_airflow

SECONDS_AT_MOST = 3600


def main() -> int:
    """Run the backfill and say how long it took and whether a run failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--active", type=int, default=2, help="runs at once")
    asked = parser.parse_args()
    last = yesterday() - DAY
    with tempfile.TemporaryDirectory() as folder, outside_world(Path(folder)) as outside:
        outside.plant(last, "400")
        patient = outside.env | {
            "COSTSPIKE__TASKS__RETRIES": "2",
            "COSTSPIKE__TASKS__RETRY_DELAY_SECONDS": "5",
        }
        with real_airflow(Path(folder) / "airflow", patient) as running:
            began = time.monotonic()
            running.api.backfill(str(last - DAY * (asked.days - 1)), str(last), active=asked.active)
            # Not before: the scheduler would create the newest of these runs itself.
            running.api.unpause("aws_cost_spikes")
            running.api.wait_for(
                lambda: running.api.ended("backfill", asked.days), "the backfill is through", SECONDS_AT_MOST
            )
            seconds = time.monotonic() - began
            states = [run["state"] for run in running.api.runs()]
        failed = states.count("failed")
        sys.stdout.write(
            f"{asked.days} days, {asked.active} runs at once: {seconds:.0f} s, {seconds / asked.days:.1f} s a day; "
            f"{failed} failed; {outside.explorer.billed_pages} requests to Cost Explorer, "
            f"{len(outside.texts)} messages\n"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
