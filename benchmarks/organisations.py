"""Organisations made up for scoring a detector: daily costs with labelled incidents and benign changes.

Nothing here is taken from the labelled set that the detector was fitted on: other noise (autoregressive,
with bursts and steps), other services and sizes, other shapes of incidents.
"""

import numpy as np

from benchmarks.organisation import Organisation
from benchmarks.organisation_costs import everyday, monthly_fees
from benchmarks.organisation_events import happen


def organisation(seed: int, *, most_accounts: int = 10) -> Organisation:
    """Return one organisation; the same seed gives the same one."""
    random = np.random.default_rng(7919 * seed + 17)
    accounts = [
        str(number) for number in random.integers(10**11, 10**12, size=random.integers(1, most_accounts + 1))
    ]
    org = Organisation(name=f"own-{seed:02d}", random=random, accounts=accounts)
    typical = float(np.exp(random.uniform(np.log(90), np.log(20_000))))
    everyday(org, typical)
    monthly_fees(org, typical)
    org.floor = max(3.0, 0.004 * typical)
    happen(org)
    return org
