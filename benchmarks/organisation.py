"""An organisation made up for scoring a detector: daily costs, and labels of what happened to them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Key = tuple[str, str, str, str]
"""Account, service, usage type, region."""

NAMES: Final = ("account_id", "service", "usage_type", "region")
DAYS: Final = 548
FIRST_DAY: Final = date(2024, 3, 4)
EVALUATED_FROM: Final = 183

COMPUTE: Final = "Amazon Elastic Compute Cloud - Compute"


@dataclass(slots=True, kw_only=True)
class Organisation:
    """Series by key, and what happened to them; ``incidents``, ``benign`` and ``ignore`` are the labels."""

    name: str
    random: np.random.Generator
    accounts: list[str]
    series: dict[Key, Floats] = field(default_factory=dict)
    kinds: dict[Key, str] = field(default_factory=dict)
    floor: float = 3.0
    incidents: list[dict[str, Any]] = field(default_factory=list)
    benign: list[dict[str, Any]] = field(default_factory=list)
    ignore: list[dict[str, Any]] = field(default_factory=list)

    def costs(self) -> pd.DataFrame:
        """Return the rows that a warehouse would hold: none where nothing was spent."""
        days = pd.date_range(FIRST_DAY, periods=DAYS)
        frames = [
            pd.DataFrame(
                {
                    "usage_date": days[amounts != 0],
                    "account_id": account,
                    "service": service,
                    "usage_type": usage_type,
                    "region": region,
                    "amount_usd": amounts[amounts != 0].round(4),
                }
            )
            for (account, service, usage_type, region), amounts in self.series.items()
        ]
        return pd.concat(frames).sort_values("usage_date", kind="stable").reset_index(drop=True)

    def labels(self) -> dict[str, Any]:
        """Return the labels in the scorer's format."""
        return {
            "organisation": self.name,
            "first_evaluated_day": day(EVALUATED_FROM),
            "incidents": self.incidents,
            "benign": self.benign,
            "ignore": self.ignore,
        }


def day(column: int) -> str:
    """Return a column's day as the labels write it."""
    return (FIRST_DAY + timedelta(days=column)).isoformat()
