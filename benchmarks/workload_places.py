"""Where and when something happens in an organisation, and the label that says so."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.organisation import DAYS, NAMES, Key, Organisation, day

_FIRST, _LAST = 188, 542
RARE: Final = (
    "Amazon Kendra",
    "Amazon MSK",
    "Amazon FSx",
    "AWS Direct Connect",
    "Amazon WorkSpaces",
    "Amazon MQ",
)
"""Services that nobody uses until something happens."""


def busy(org: Organisation, *kinds: str) -> Key:
    """Return a series of these kinds, those that cost more first: things go wrong where things happen."""
    fit = [key for key, kind in org.kinds.items() if kind in kinds]
    weight = np.sqrt([max(float(org.series[key][180:].mean()), 1e-9) for key in fit])
    return fit[org.random.choice(len(fit), p=weight / weight.sum())]


def when(org: Organisation) -> int:
    """Return a column of the evaluated year."""
    return int(org.random.integers(_FIRST, _LAST))


def label(labels: list[dict[str, object]], kind: str, start: int, days: int, keys: Sequence[Key]) -> None:
    """Add a label of ``days`` from column ``start`` on the series."""
    affected = [dict(zip(NAMES, key, strict=True)) for key in keys]
    labels.append(
        {"type": kind, "start": day(start), "end": day(min(start + days - 1, DAYS - 1)), "affected": affected}
    )
