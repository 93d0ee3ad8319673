"""The thresholds of the detectors: what a user may turn, within which bounds."""

from typing import Literal

from pydantic import ConfigDict, Field

from costspike.domain.sections import Section


class DetectionSettings(Section):
    """Section ``detection``: which rule judges a day, and from where on a rise is worth an alert."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    detector: Literal["baseline", "day_over_day"] = Field(
        default="baseline",
        description="baseline: weekday-aware expectation; day_over_day: the total against the day before.",
    )
    sensitivity: float = Field(
        default=1.0,
        ge=0.2,
        le=10.0,
        description="Alerts a month against dollars caught: 2 asks for a third of the odds, 0.5 for three times.",
    )
    min_impact: float = Field(
        default=3.0,
        ge=0.0,
        le=1e15,
        description="Least rise above the expected cost a day, in billing currency. Sensitivity leaves it alone.",
    )
    min_impact_share_percent: float = Field(
        default=0.4,
        ge=0.0,
        le=100.0,
        description="Least rise in percent of the whole bill's typical day, if that is more than min_impact. "
        "Sensitivity 2 takes a seventh off, 5 three tenths.",
    )
    min_impact_percent: float = Field(
        default=10.0,
        ge=0.0,
        le=10_000.0,
        description="Least rise in percent of the scope's expected cost, where anything was expected.",
    )
    min_history_days: int = Field(
        default=14,
        ge=7,
        le=35,
        description="Days with data that the five weeks before the day must hold, or there is no verdict.",
    )
    drops: bool = Field(
        default=False,
        description="Tell once, two days later, of costs that fell beyond all gates: missing data, an outage.",
    )
    day_over_day_percent: float = Field(
        default=25.0,
        gt=0.0,
        le=10_000.0,
        description="day_over_day only: rise of the total on the day before, in percent, that is a spike.",
    )
    day_over_day_min_increase: float = Field(
        default=1.0,
        ge=0.0,
        le=1e15,
        description="day_over_day only: a service must rise by more than this to be named as a contributor.",
    )

    def floor(self, typical: float) -> float:
        """Return the least rise a day at sensitivity 1, where a typical day of the whole bill costs ``typical``."""
        return max(self.min_impact, self.min_impact_share_percent / 100 * typical)
