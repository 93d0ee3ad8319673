"""What goes wrong in an organisation: retries, forgotten machines, loops, intruders, commitments that end."""

from typing import Final

import numpy as np

from benchmarks.organisation import COMPUTE, DAYS, Floats, Key, Organisation
from benchmarks.workload_places import RARE, busy, label, when

_FAR: Final = ("ap-south-2", "me-central-1", "af-south-1", "eu-south-2", "sa-east-1", "ca-central-1")


def go_wrong(org: Organisation) -> None:
    """Put a year of incidents on an organisation."""
    random = org.random
    often = (_storm, _storm, _storm, _debugging, _debugging, _forgotten, _forgotten, _left_running)
    kinds = (*often, _orphans, _orphans, _adopted, _adopted, _mined, _looping, _agent, _plan_ended)
    for _ in range(random.integers(8, 16)):
        kinds[random.integers(len(kinds))](org)


def _storm(org: Organisation) -> None:
    """Retries, a loop of calls or a scraper, for some hours of one day."""
    key = busy(org, "requests", "requests", "servers", "storage")
    _add(org, "spike_1d", when(org), {key: np.array([_size(org, key)])})


def _debugging(org: Organisation) -> None:
    """Verbose logs or a load test, for some days."""
    key, days = busy(org, "requests", "servers"), int(org.random.integers(2, 8))
    _add(org, "spike_multi", when(org), {key: _size(org, key) * org.random.gamma(30, 1 / 30, days)})


def _forgotten(org: Organisation) -> None:
    """Machines that nobody stopped: the same cost every hour, until somebody does."""
    key, days = busy(org, "servers", "storage"), int(org.random.integers(15, 110))
    _add(org, "level_shift", when(org), {key: np.full(days, _size(org, key))})


def _left_running(org: Organisation) -> None:
    """A release that does more work for each request, until it is mended: the rise follows the traffic."""
    key, days, start = busy(org, "requests"), int(org.random.integers(15, 60)), when(org)
    usual = org.series[key]
    factor = _size(org, key) / max(float(usual[start - 28 : start].mean()), 1e-9)
    _add(org, "level_shift", start, {key: usual[start : start + days] * factor})


def _orphans(org: Organisation) -> None:
    """Something that is made every day and never deleted, or slowly more so."""
    key, days = busy(org, "servers", "storage", "requests"), int(org.random.integers(16, 46))
    shape = np.linspace(0, 1, days + 1)[1:] ** org.random.choice([1.0, 1.0, 1.5])
    _add(org, "leak", when(org), {key: 2.2 * _size(org, key) * shape})


def _adopted(org: Organisation) -> None:
    """A service that was never used before, and costs from its first days."""
    random = org.random
    account, service = str(random.choice(org.accounts)), str(random.choice(RARE))
    days, amount = int(random.integers(5, 95)), _dollars(org)
    parts = {
        (account, service, f"Usage:{name}", "us-east-1"): amount
        * share
        * np.minimum(1, np.arange(1, days + 1) / random.integers(1, 4))
        * random.gamma(80, 1 / 80, days)
        for name, share in zip("ab", random.dirichlet([3, 1]), strict=True)
    }
    if not any(key[:2] == (account, service) for key in org.series):
        _add(org, "new_service", when(org), parts)


def _mined(org: Organisation) -> None:
    """Machines that an intruder starts wherever nobody looks."""
    random = org.random
    account, days = str(random.choice(org.accounts)), int(random.integers(3, 8))
    where = random.permutation(_FAR)[: random.integers(2, 6)]
    each, name = _dollars(org) / len(where), f"BoxUsage:g{random.integers(4, 7)}.12xlarge"
    parts = {(account, COMPUTE, name, str(region)): each * random.gamma(40, 1 / 40, days) for region in where}
    _add(org, "new_region", when(org), parts)


def _looping(org: Organisation) -> None:
    """A job that does its work over and over, or reads everything."""
    jobs = [
        key for key, kind in org.kinds.items() if kind == "batch" and org.series[key].max() > 0.3 * org.floor
    ]
    if jobs:
        key = jobs[org.random.integers(len(jobs))]
        most = float(org.series[key].max())
        amount = max(most * org.random.uniform(1.5, 6), most + 1.3 * org.floor)
        _add(org, "batch_runaway", when(org), {key: np.array([amount])})


def _agent(org: Organisation) -> None:
    """A setting that is rolled out to many accounts: little in each, much together."""
    names: dict[tuple[str, str], list[Key]] = {}
    for key, kind in org.kinds.items():
        if kind in ("requests", "servers"):
            names.setdefault((key[1], key[2]), []).append(key)
    wide = [keys for keys in names.values() if len(keys) >= 4]
    if wide:
        keys, days = wide[org.random.integers(len(wide))], int(org.random.integers(4, 40))
        amount = max(_dollars(org), *(_size(org, key) for key in keys))
        shares = org.random.dirichlet(np.full(len(keys), 5.0))
        _add(
            org,
            "thin_rise",
            when(org),
            {key: np.full(days, amount * s) for key, s in zip(keys, shares, strict=True)},
        )


def _plan_ended(org: Organisation) -> None:
    fees = [key for key, kind in org.kinds.items() if kind == "plan"]
    compute = [key for key in org.series if key[1] == COMPUTE and org.kinds[key] == "servers"]
    start = when(org)
    if fees and compute and org.series[fees[0]][start:].all():
        fee = org.series[fees[0]]
        usual = np.sum([org.series[key] for key in compute], axis=0)[start:]
        held = float(fee[start]) / 0.7
        parts = {key: org.series[key][start:] * held / np.maximum(usual, 1e-9) for key in compute}
        fee[start:] = 0
        if held > 2 * org.floor:
            _add(org, "sp_expiry", start, parts)
            org.incidents[-1]["usd_per_day"] = round(0.3 * held, 2)


def _add(org: Organisation, kind: str, start: int, parts: dict[Key, Floats]) -> None:
    length = min(max(len(added) for added in parts.values()), DAYS - start)
    for key, added in parts.items():
        amounts = org.series.setdefault(key, np.zeros(DAYS))
        org.kinds.setdefault(key, "incident")
        amounts[start : start + length] += added[:length]
    label(org.incidents, kind, start, length, list(parts))
    mean = float(np.sum([part[:length] for part in parts.values()], axis=0).mean())
    org.incidents[-1] |= {"id": f"{org.name}-{len(org.incidents)}", "usd_per_day": round(mean, 2)}


def _dollars(org: Organisation) -> float:
    """Return a rise that somebody has to look at: most are a few times the least one, few are large."""
    return float(org.floor * np.exp(org.random.exponential(1.1) + np.log(1.25)))


def _size(org: Organisation, key: Key) -> float:
    """Return the same, beyond what the series does by itself: three of its usual weekly swings."""
    usual = org.series[key][180:]
    swing = float(np.median(np.abs(usual[7:] - usual[:-7]))) / 0.95
    return max(_dollars(org), 3 * swing * float(org.random.uniform(1, 2)))
