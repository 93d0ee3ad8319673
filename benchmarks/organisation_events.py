"""What happens in a made-up organisation: incidents to be found, changes to stay silent about."""

from typing import Final

import numpy as np

from benchmarks.organisation import COMPUTE, DAYS, NAMES, Floats, Key, Organisation, day

_FIRST, _LAST = 190, 540
_PLANS: Final = "Savings Plans for AWS Compute usage"
_RENAMES: Final = {
    "Amazon OpenSearch Service": "Amazon Search",
    "AWS Glue": "AWS Data Preparation",
    "Amazon Athena": "Amazon Query",
    "AmazonCloudWatch": "Amazon Monitoring",
}
_UNUSED: Final = ("Amazon Redshift", "Amazon SageMaker", "Amazon Neptune", "Amazon MQ", "AWS Backup")


def happen(org: Organisation) -> None:
    """Put a year of benign changes, then of incidents, on an organisation."""
    random = org.random
    benign = (_rename, _migration, _migration, _account_move, _plan_purchase, _launch)
    for event in benign:
        if random.random() < 0.6:
            event(org)
    for _ in range(random.integers(3, 8)):
        _small_new_service(org)
    for _ in range(random.integers(7, 16)):
        kinds = (_spike, _spike, _burst, _shift, _shift, _leak, _new_service, _new_region, _runaway, _expiry)
        kinds[random.integers(len(kinds))](org)
    for key, amounts in org.series.items():
        if org.kinds.get(key) != "fee":
            org.series[key] = np.maximum(amounts, 0)


def _spike(org: Organisation) -> None:
    _rise(org, "spike_1d", 1)


def _burst(org: Organisation) -> None:
    _rise(org, "spike_multi", int(org.random.integers(2, 8)))


def _shift(org: Organisation) -> None:
    _rise(org, "level_shift", int(org.random.integers(15, 90)))


def _rise(org: Organisation, kind: str, days: int) -> None:
    key = _ordinary(org)
    if key is None:
        return
    start, amount = _when(org), _size(org, key)
    added = amount * org.random.lognormal(0, 0.05, days)
    _incident(org, kind, start, {key: added})


def _leak(org: Organisation) -> None:
    key = _ordinary(org)
    if key is None:
        return
    days = int(org.random.integers(15, 45))
    top = 2.5 * _size(org, key)
    _incident(org, "leak", _when(org), {key: np.linspace(0, top, days + 1)[1:]}, usd=top)


def _new_service(org: Organisation) -> None:
    random = org.random
    key = (str(random.choice(org.accounts)), str(random.choice(_UNUSED)), "Usage:large", "us-west-2")
    if key not in org.series:
        days = int(random.integers(10, 80))
        ramp = np.minimum(1, np.arange(1, days + 1) / random.integers(1, 4))
        amount = org.floor * random.lognormal(0.9, 0.7) + 0.3 * org.floor
        _incident(org, "new_service", _when(org), {key: amount * ramp * random.lognormal(0, 0.06, days)})


def _new_region(org: Organisation) -> None:
    random = org.random
    account, days = str(random.choice(org.accounts)), int(random.integers(3, 8))
    regions = random.permutation(["af-south-1", "me-south-1", "ap-east-2", "sa-east-1", "ca-west-1"])
    regions = regions[: random.integers(2, 5)]
    amount = (1.3 + random.lognormal(0.8, 0.8)) * org.floor / len(regions)
    parts = {
        (account, COMPUTE, f"BoxUsage:p4d.{random.integers(99)}", str(region)): amount
        * random.lognormal(0, 0.12, days)
        for region in regions
    }
    _incident(org, "new_region", _when(org), parts)


def _runaway(org: Organisation) -> None:
    jobs = [
        key
        for key, kind in org.kinds.items()
        if kind == "batch" and key in org.series and org.series[key].max() > 0.4 * org.floor
    ]
    if jobs:
        key = jobs[org.random.integers(len(jobs))]
        amount = max(1.4 * org.floor, float(org.series[key].max()) * org.random.uniform(1.6, 5))
        _incident(org, "batch_runaway", _when(org), {key: np.array([amount])})


def _expiry(org: Organisation) -> None:
    compute = [key for key in org.series if key[1] == COMPUTE and not key[2].startswith("BoxUsage:p4d")]
    start = _when(org)
    by = org.random.uniform(0.4, 0.9)
    parts = {key: org.series[key][start:] * by for key in compute}
    once = all(incident["type"] != "sp_expiry" for incident in org.incidents)
    if parts and once and sum(part[:7].mean() for part in parts.values()) > 2 * org.floor:
        _incident(org, "sp_expiry", start, parts)


def _small_new_service(org: Organisation) -> None:
    random = org.random
    key = (str(random.choice(org.accounts)), str(random.choice(_UNUSED)), "Usage:tiny", "eu-west-1")
    if key not in org.series:
        start = _when(org)
        amounts = np.zeros(DAYS)
        amounts[start:] = 0.5 * org.floor * random.uniform(0.2, 1) * random.lognormal(0, 0.1, DAYS - start)
        org.series[key] = amounts
        _label(org.benign, "small_new_service", start, 15, [key])


def _rename(org: Organisation) -> None:
    old = str(org.random.choice(list(_RENAMES)))
    start = _when(org)
    _hand_over(org, "rename", start, 1, {k: (k[0], _RENAMES[old], *k[2:]) for k in org.series if k[1] == old})


def _migration(org: Organisation) -> None:
    key = _ordinary(org)
    if key:
        days = int(org.random.choice([1, 1, 4, 10]))
        successor = (key[0], key[1], f"{key[2]}.next", key[3])
        _hand_over(org, "usage_type_migration", _when(org), days, {key: successor})


def _account_move(org: Organisation) -> None:
    if len(org.accounts) > 1:
        source, target = (str(name) for name in org.random.choice(org.accounts, 2, replace=False))
        services = sorted({key[1] for key in org.series if key[0] == source and org.kinds[key] != "fee"})
        if services:
            service = str(org.random.choice(services))
            pairs = {key: (target, *key[1:]) for key in org.series if key[:2] == (source, service)}
            _hand_over(org, "account_move", _when(org), int(org.random.choice([1, 3])), pairs)


def _hand_over(org: Organisation, kind: str, start: int, days: int, pairs: dict[Key, Key]) -> None:
    """Let each series go on under its new key, within some days."""
    weight = np.clip((np.arange(DAYS) - start + 1) / days, 0, 1)
    for old, new in pairs.items():
        amounts = org.series[old]
        org.series[new] = org.series.get(new, np.zeros(DAYS)) + amounts * weight
        org.series[old] = amounts * (1 - weight)
        org.kinds[new], org.kinds[old] = org.kinds[old], "gone"
    if pairs:
        _label(org.benign, kind, start, days + 14, list(pairs.values()))


def _plan_purchase(org: Organisation) -> None:
    compute = [key for key in org.series if key[1] == COMPUTE]
    if compute:
        start, covered = _when(org), org.random.uniform(0.3, 0.8)
        saved = sum(float(org.series[key][start - 28 : start].mean()) for key in compute) * covered
        for key in compute:
            org.series[key][start:] *= 1 - covered
        fee = np.zeros(DAYS)
        fee[start:] = saved * org.random.uniform(0.65, 0.8)
        key = (org.accounts[0], _PLANS, "ComputeSP:1yrNoUpfront", "global")
        org.series[key], org.kinds[key] = fee, "fee"
        _label(org.benign, "sp_purchase", start, 15, [key])


def _launch(org: Organisation) -> None:
    """Let the traffic of everything grow by a fifth or more within some weeks."""
    start, days = _when(org), int(org.random.integers(20, 50))
    factor = 1 + org.random.uniform(0.1, 0.35) * np.clip((np.arange(DAYS) - start) / days, 0, 1)
    for key in org.series:
        if org.kinds[key] in ("traffic", "requests", "servers"):
            org.series[key] = org.series[key] * factor
    org.benign.append({"type": "launch", "start": day(start), "end": day(start + days), "affected": None})


def _incident(
    org: Organisation, kind: str, start: int, parts: dict[Key, Floats], usd: float | None = None
) -> None:
    length = min(max(len(part) for part in parts.values()), DAYS - start)
    for key, added in parts.items():
        amounts = org.series.setdefault(key, np.zeros(DAYS))
        org.kinds.setdefault(key, "incident")
        amounts[start : start + length] += added[:length]
    mean = float(np.mean(np.sum([part[:length] for part in parts.values()], axis=0)))
    _label(org.incidents, kind, start, length, list(parts))
    org.incidents[-1] |= {"id": f"{org.name}-{len(org.incidents)}", "usd_per_day": round(usd or mean, 2)}


def _label(labels: list[dict[str, object]], kind: str, start: int, days: int, keys: list[Key]) -> None:
    affected = [dict(zip(NAMES, key, strict=True)) for key in keys]
    end = day(min(start + days - 1, DAYS - 1))
    labels.append({"type": kind, "start": day(start), "end": end, "affected": affected})


def _ordinary(org: Organisation) -> Key | None:
    """Return a series that is large enough for an incident to be more than its noise."""
    fit = [
        key
        for key, kind in org.kinds.items()
        if kind in ("servers", "storage", "traffic", "requests") and org.series[key].mean() > 0.15 * org.floor
    ]
    return fit[org.random.integers(len(fit))] if fit else None


def _size(org: Organisation, key: Key) -> float:
    usual = org.series[key][180:]
    swing = float(np.abs(np.diff(usual)).mean()) * 3 + 0.2 * float(usual.mean())
    return max(1.2 * org.floor, swing) * float(1 + org.random.lognormal(-0.7, 1.0))


def _when(org: Organisation) -> int:
    return int(org.random.integers(_FIRST, _LAST))
