"""Laws of the detectors, for any organisation."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from costspike.domain.detection import DetectionSettings, detect
from tests.cost_histories import COLUMNS, DAY, history

BOTH = st.sampled_from(
    [
        DetectionSettings(),
        DetectionSettings(detector="day_over_day"),
        DetectionSettings(sensitivity=3, min_impact=0),
    ]
)


@st.composite
def organisations(draw: st.DrawFn) -> pd.DataFrame:
    """Return some months of a few noisy series with gaps, credits and rises on the last days."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = draw(st.sampled_from([3, 20, 45, 120]))
    names = [
        (account, service, usage_type, "eu-west-1")
        for account in "123456"[: draw(st.integers(1, 6))]
        for service in ("EC2", "S3", "Glue")
        for usage_type in ("a", "b")[: draw(st.integers(0, 2))]
    ]
    rows = []
    common = draw(st.sampled_from([None, None, 1.3]))  # a rise that all share is one of a broad scope
    missing = set(random.choice(days, size=days // 15, replace=False).tolist()) - {days - 1}
    for name in names:
        size, noise, presence = (
            random.choice([-3.0, 5.0, 80.0]),
            random.choice([0.01, 0.3]),
            random.choice([0.3, 1.0]),
        )
        rise = common or random.choice([1.0, 1.2, 3.0, 20.0])
        for day in set(range(days)) - missing:
            if random.random() < presence or day == days - 1:
                amount = size * (1 + noise * random.standard_normal()) * (rise if day == days - 1 else 1)
                rows.append((DAY - timedelta(days=days - 1 - day), *name, Decimal(f"{amount:.10f}")))
    return pd.DataFrame(rows, columns=COLUMNS)


@settings(deadline=None)
@given(organisations(), BOTH, st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(costs: pd.DataFrame, chosen: DetectionSettings, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(costs))
    floats = costs.assign(amount_usd=costs["amount_usd"].astype(float))
    assert detect(costs.iloc[order], DAY, chosen) == detect(costs, DAY, chosen)
    assert detect(floats.iloc[order], DAY, chosen) == detect(floats, DAY, chosen)


@settings(deadline=None)
@given(organisations(), BOTH)
def test_contributors_sum_exactly(costs: pd.DataFrame, chosen: DetectionSettings) -> None:
    for spike in detect(costs, DAY, chosen):
        assert sum(part.before for part in spike.contributors) == spike.expected_cost
        assert sum(part.after for part in spike.contributors) == spike.actual_cost
        assert sum(part.delta for part in spike.contributors) == spike.impact > 0
        assert len(spike.contributors) <= 6


@settings(deadline=None)
@given(organisations())
def test_the_actual_cost_is_the_exact_sum_of_the_rows(costs: pd.DataFrame) -> None:
    for spike in detect(costs, DAY):
        rows = costs[costs["usage_date"] == DAY]
        for column in ("account_id", "service", "usage_type", "region"):
            wanted = getattr(spike.scope, column)
            rows = rows[rows[column] == wanted] if wanted else rows
        assert spike.actual_cost == sum(rows["amount_usd"], Decimal(0))


@settings(deadline=None)
@given(organisations(), BOTH)
def test_a_scope_spikes_at_most_once(costs: pd.DataFrame, chosen: DetectionSettings) -> None:
    scopes = [spike.scope for spike in detect(costs, DAY, chosen)]
    assert len(set(scopes)) == len(scopes)


@settings(deadline=None)
@given(organisations(), BOTH)
def test_every_gate_is_passed_and_the_largest_impact_is_first(
    costs: pd.DataFrame, chosen: DetectionSettings
) -> None:
    spikes = detect(costs, DAY, chosen)
    assert [spike.impact for spike in spikes] == sorted((spike.impact for spike in spikes), reverse=True)
    for spike in spikes:
        assert spike.score >= 1
        assert all(gate.value >= gate.limit for gate in spike.gates)
        assert spike.expected_low <= spike.expected_cost <= spike.expected_high


@settings(deadline=None)
@given(organisations(), st.integers(-10, 10))
def test_the_scale_of_the_currency_does_not_matter(costs: pd.DataFrame, power: int) -> None:
    # A power of two, so that floats scale without rounding.
    factor = 2.0**power
    floats = costs.assign(amount_usd=costs["amount_usd"].astype(float))
    scaled = floats.assign(amount_usd=floats["amount_usd"] * factor)
    limits = DetectionSettings(min_impact=3 * factor)
    before, after = detect(floats, DAY), detect(scaled, DAY, limits)
    assert [(spike.scope, spike.score) for spike in after] == [(spike.scope, spike.score) for spike in before]


def _about(value: Decimal) -> Decimal:
    # Other names are other places in the matrix, and a float sum depends on the order of its parts.
    return round(value, 4)


@settings(deadline=None)
@given(organisations(), BOTH, st.permutations("123456"), st.permutations(["EC2", "S3", "Glue"]))
def test_names_do_not_matter(
    costs: pd.DataFrame, chosen: DetectionSettings, accounts: list[str], services: list[str]
) -> None:
    account = dict(zip("123456", accounts, strict=True))
    service = dict(zip(["EC2", "S3", "Glue"], services, strict=True))
    renamed = costs.assign(account_id=costs["account_id"].map(account), service=costs["service"].map(service))
    before = [
        (account.get(one.scope.account_id, ""), service.get(one.scope.service, ""), _about(one.impact))
        for one in detect(costs, DAY, chosen)
    ]
    after = [
        (one.scope.account_id, one.scope.service, _about(one.impact)) for one in detect(renamed, DAY, chosen)
    ]
    assert sorted(after) == sorted(before)


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12),
    st.integers(1, 420),
    st.sampled_from([0.2, 1.0, 5.0]),
)
def test_a_constant_history_never_alerts(amounts: list[float], days: int, sensitivity: float) -> None:
    chosen = DetectionSettings(sensitivity=sensitivity, min_impact=0, min_impact_share_percent=0)
    costs = history({(str(at % 3), "EC2", str(at)): [amount] * days for at, amount in enumerate(amounts)})
    assert detect(costs, DAY, chosen) == []


@settings(deadline=None)
@given(organisations())
def test_later_days_change_nothing(costs: pd.DataFrame) -> None:
    later = costs.assign(usage_date=DAY + timedelta(days=1), service="Later")
    assert detect(pd.concat([costs, later]), DAY) == detect(costs, DAY)


@settings(deadline=None)
@given(organisations(), BOTH)
def test_a_series_that_is_always_zero_changes_nothing(costs: pd.DataFrame, chosen: DetectionSettings) -> None:
    for service in ("EC2", "A new one"):
        zero = costs.drop_duplicates("usage_date").assign(service=service, usage_type="z", amount_usd=0)
        assert detect(pd.concat([costs, zero]), DAY, chosen) == detect(costs, DAY, chosen)


@settings(deadline=None)
@given(organisations())
def test_no_history_is_no_verdict(costs: pd.DataFrame) -> None:
    assert detect(costs[costs["usage_date"] >= DAY - timedelta(days=13)], DAY) == []


@st.composite
def moves(draw: st.DrawFn) -> pd.DataFrame:
    """Return steady series of which some rise and some fall on the last day."""
    factors = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0, 1.0, 2.0, 4.0])
    accounts, types = "123"[: draw(st.integers(1, 3))], "abcd"[: draw(st.integers(1, 4))]
    series = {}
    for account in accounts:
        for usage_type in types:
            usual, factor = draw(st.integers(20, 400)), draw(factors)
            today = None if factor == 0.0 else Decimal(usual) * Decimal(str(factor))
            series[account, "EC2", usage_type, "eu-west-1"] = [*[usual] * 60, today]
    return history({**series, ("9", "S3", "x", "eu-west-1"): [500] * 61})


@settings(deadline=None)
@given(moves(), BOTH)
def test_what_fell_is_named_with_its_landed_amounts(costs: pd.DataFrame, chosen: DetectionSettings) -> None:
    names = ["account_id", "service", "usage_type", "region"]
    landed = costs.groupby([*names, "usage_date"])["amount_usd"].sum().to_dict()
    for spike in detect(costs, DAY, chosen):
        gate = [one.value for one in spike.gates if one.name == "fell_elsewhere"]
        keys = [tuple(getattr(part, name) for name in names) for part in spike.fallen]
        assert len(set(keys)) == len(keys) <= 3
        assert bool(keys) == bool(gate)
        deltas = [part.delta for part in spike.fallen]
        assert deltas == sorted(deltas)
        for part, key in zip(spike.fallen, keys, strict=True):
            assert part.delta == part.after - part.before < 0
            assert part.after == landed.get((*key, DAY), 0)
            # A day on which most things fell reads as one of which half is landed at least.
            usual = landed[*key, DAY - timedelta(days=7)]
            assert usual / 2 - Decimal("0.00001") <= part.before <= usual + Decimal("0.00001")
        assert -sum(deltas) <= Decimal(sum(gate)) + Decimal("0.0001")
