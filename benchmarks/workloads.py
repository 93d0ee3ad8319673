"""A second family of organisations to score a detector on, made from workloads hour by hour.

It shares nothing with ``organisations`` but the format: traffic with crowds, fleets of whole machines that follow it,
things that are kept, offices, jobs, plans that pay for the first dollars of each day; incidents are what people,
releases and intruders do to those. No weight and no rule of the detector was chosen on it.
"""

import numpy as np

from benchmarks.organisation import DAYS, Organisation
from benchmarks.workload_changes import change
from benchmarks.workload_costs import everyday, fees
from benchmarks.workload_incidents import go_wrong


def workload_organisation(seed: int) -> Organisation:
    """Return one organisation; the same seed gives the same one."""
    random = np.random.default_rng([seed, 20_260])
    accounts = [str(number) for number in random.integers(10**11, 10**12, size=random.integers(1, 13))]
    org = Organisation(name=f"work-{seed:02d}", random=random, accounts=accounts)
    typical = float(np.exp(random.uniform(np.log(60), np.log(200_000))))
    everyday(org, typical)
    org.floor = max(3.0, 0.004 * typical)
    fees(org, typical)
    change(org)
    go_wrong(org)
    # The newest day is never complete.
    for amounts in org.series.values():
        amounts[DAYS - 1] *= random.uniform(0.74, 0.98)
    return org
