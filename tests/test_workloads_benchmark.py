"""The second family of organisations is what it says: the same for a seed, with labels that name its series."""

import numpy as np
import pytest

from benchmarks.organisation import DAYS, NAMES, Organisation
from benchmarks.workloads import workload_organisation


@pytest.fixture(scope="module")
def org() -> Organisation:
    return workload_organisation(3)


def test_a_seed_gives_the_same_organisation_and_another_one_does_not(org: Organisation) -> None:
    again, other = (workload_organisation(seed) for seed in (3, 4))
    assert again.labels() == org.labels()
    assert all((amounts == org.series[key]).all() for key, amounts in again.series.items())
    assert other.labels()["incidents"] != org.labels()["incidents"]


def test_labels_name_series_and_costs_are_those_of_a_bill(org: Organisation) -> None:
    named = [one for one in (*org.incidents, *org.benign, *org.ignore) if one["affected"]]
    assert len(org.incidents) >= 5
    for label in named:
        assert label["start"] <= label["end"]
        assert all(tuple(series[name] for name in NAMES) in org.series for series in label["affected"])
    for key, amounts in org.series.items():
        assert len(amounts) == DAYS
        assert np.isfinite(amounts).all()
        assert key[1] == "AWS Refund" or (amounts >= 0).all()
