"""Bills for laws: series that are steady, run now and then, shift, leak, begin, end, are renamed or are credits."""

from datetime import timedelta

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from costspike.domain.detection import DetectionSettings
from tests.cost_histories import COLUMNS, DAY

PLAN, EC2 = "Savings Plans for AWS Compute usage", "Amazon Elastic Compute Cloud - Compute"
SHAPES = ("flat", "job", "shift", "spike", "new", "ended", "credit", "renamed", "leak")
CHOICES = st.sampled_from(
    [
        DetectionSettings(),
        DetectionSettings(sensitivity=4),
        DetectionSettings(sensitivity=10, min_impact=0, min_impact_share_percent=0, min_impact_percent=0),
    ]
)


def _shaped(shape: str, amounts: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return the amounts with what happened to them in the last days."""
    days = int(random.integers(1, 10))
    factor = np.ones(len(amounts))
    if shape == "job":
        factor = (random.random(len(amounts)) < 0.2).astype(float)
    elif shape == "shift":
        factor[-days:] = random.choice([1.3, 2, 8])
    elif shape == "spike":
        factor[-1] = random.choice([1.2, 2, 20])
    elif shape == "new":
        factor[:-days] = 0
    elif shape == "ended":
        factor[-days:] = 0
    elif shape == "credit":
        factor *= -0.3
    elif shape == "leak":
        factor[-30:] = np.linspace(1, 2, len(factor[-30:]))
    return amounts * factor


@st.composite
def bills(draw: st.DrawFn) -> pd.DataFrame:
    """Return two to four months of up to twenty series, commitments among them, each of its own shape."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    days = draw(st.sampled_from([40, 70, 120]))
    whole_day = draw(st.sampled_from([1.0, 1.0, 0.7, 1.3]))
    rows = []
    for _ in range(draw(st.integers(1, 20))):
        account, service = random.choice(list("1234")), random.choice([EC2, PLAN, "S3", "Glue", "Lambda"])
        usage_type, shape = random.choice(["a", "b", "c"]), random.choice(SHAPES)
        usual = 10 ** random.uniform(0, 3.5)
        swing = 1 + random.choice([0.01, 0.1, 0.4]) * random.standard_normal(days)
        amounts = _shaped(shape, usual * swing, random)
        amounts[-1] *= whole_day
        renamed = days - int(random.integers(1, 20)) if shape == "renamed" else days
        for day, amount in enumerate(amounts):
            name = service if day < renamed else f"New {service}"
            when = DAY - timedelta(days=days - 1 - day)
            rows.append((when, account, name, usage_type, "eu-west-1", round(float(amount), 6)))
    return pd.DataFrame(rows, columns=COLUMNS)
