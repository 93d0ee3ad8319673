"""What changes in an organisation that is no incident: commitments, moves, prices, seasons, trials."""

from typing import Final

import numpy as np

from benchmarks.organisation import COMPUTE, DAYS, Key, Organisation, day
from benchmarks.workload_costs import PLANS
from benchmarks.workload_places import RARE, busy, label, when

_RENAMED: Final = {
    "Amazon EMR": "Amazon EMR Serverless",
    "AWS CodeBuild": "AWS Code Services",
    "Amazon SageMaker": "Amazon SageMaker AI",
}


def change(org: Organisation) -> None:
    """Put a year of changes on an organisation that must stay silent."""
    random = org.random
    for event in (_plan_bought, _renamed, _moved, _migrated, _migrated, _cheaper, _season, _launched):
        if random.random() < 0.55:
            event(org)
    for _ in range(random.integers(3, 9)):
        _tried_out(org)
    for _ in range(random.integers(2, 6)):
        _too_small(org)


def _plan_bought(org: Organisation) -> None:
    compute = [key for key in org.series if key[1] == COMPUTE]
    if compute and "plan" not in org.kinds.values():
        start = when(org)
        usage = np.sum([org.series[key] for key in compute], axis=0)
        held = org.random.uniform(0.3, 0.75) * float(np.quantile(usage[start - 60 : start], 0.1))
        for key in compute:
            org.series[key][start:] *= 1 - held / np.maximum(usage[start:], held)
        fee = np.zeros(DAYS)
        fee[start:] = 0.7 * held
        key = (org.accounts[0], PLANS, "ComputeSP:3yrPartialUpfront", "global")
        org.series[key], org.kinds[key] = fee, "bought"
        label(org.benign, "sp_purchase", start, 15, [key])


def _renamed(org: Organisation) -> None:
    old = str(org.random.choice(list(_RENAMED)))
    pairs = {key: (key[0], _RENAMED[old], *key[2:]) for key in list(org.series) if key[1] == old}
    _hand_over(org, "rename", pairs, 1)


def _moved(org: Organisation) -> None:
    if len(org.accounts) > 1:
        source, target = (str(name) for name in org.random.permutation(org.accounts)[:2])
        services = sorted(
            {key[1] for key in org.series if key[0] == source and org.kinds[key] not in ("fee", "plan")}
        )
        if services:
            service = str(org.random.choice(services))
            pairs = {key: (target, *key[1:]) for key in list(org.series) if key[:2] == (source, service)}
            _hand_over(org, "account_move", pairs, int(org.random.choice([1, 2, 5])))


def _migrated(org: Organisation) -> None:
    key = busy(org, "servers", "storage")
    _hand_over(
        org,
        "usage_type_migration",
        {key: (*key[:2], f"{key[2]}-g", key[3])},
        int(org.random.choice([1, 3, 7, 14])),
    )


def _hand_over(org: Organisation, kind: str, pairs: dict[Key, Key], days: int) -> None:
    start = when(org)
    gone = np.clip((np.arange(DAYS) - start + 1) / days, 0, 1)
    for old, new in pairs.items():
        org.series[new] = org.series.get(new, np.zeros(DAYS)) + org.series[old] * gone
        org.series[old] = org.series[old] * (1 - gone)
        org.kinds[new], org.kinds[old] = org.kinds[old], "gone"
    if pairs:
        label(org.benign, kind, start, days + 14, list(pairs.values()))


def _cheaper(org: Organisation) -> None:
    """A price list that changes: a service a few percent dearer or cheaper."""
    service = str(
        org.random.choice(
            sorted({key[1] for key, kind in org.kinds.items() if kind in ("requests", "storage")})
        )
    )
    start, factor = when(org), org.random.uniform(0.8, 1.06)
    keys = [key for key in org.series if key[1] == service]
    for key in keys:
        org.series[key][start:] *= factor
    label(org.benign, "price_change", start, 14, keys)


def _season(org: Organisation) -> None:
    """Weeks of more traffic everywhere that come and go."""
    start, days = when(org), int(org.random.integers(8, 20))
    bump = 1 + org.random.uniform(0.15, 0.8) * np.sin(np.linspace(0, np.pi, days)) ** 0.5
    keys = [key for key, kind in org.kinds.items() if kind == "requests"]
    for key in keys:
        part = org.series[key][start : start + days]
        part *= bump[: len(part)]
    label(org.ignore, "peak_season", start, days, keys)


def _launched(org: Organisation) -> None:
    start, days = when(org), int(org.random.integers(20, 60))
    factor = 1 + org.random.uniform(0.1, 0.4) * np.clip((np.arange(DAYS) - start) / days, 0, 1)
    for key, kind in org.kinds.items():
        if kind in ("requests", "servers"):
            org.series[key] = org.series[key] * factor
    org.benign.append(
        {
            "type": "organic_growth",
            "start": day(start),
            "end": day(min(start + days, DAYS - 1)),
            "affected": None,
        }
    )


def _tried_out(org: Organisation) -> None:
    random = org.random
    key = (str(random.choice(org.accounts)), str(random.choice(RARE)), "Usage:trial", "eu-central-1")
    if key not in org.series:
        start, amounts = when(org), np.zeros(DAYS)
        amounts[start:] = org.floor * random.uniform(0.05, 0.5) * random.gamma(20, 1 / 20, DAYS - start)
        org.series[key], org.kinds[key] = amounts, "trial"
        label(org.benign, "small_new_service", start, 15, [key])


def _too_small(org: Organisation) -> None:
    """A rise that is real and that nobody would act on."""
    key, start = busy(org, "requests", "servers", "storage"), when(org)
    org.series[key][start : start + 2] += org.floor * org.random.uniform(0.2, 0.8)
    label(org.ignore, "sub_material", start, 2, [key])
