"""The written rule that grades a spike: by what it costs a day, and by its share of a typical day.

A model may have an opinion, but no text that it read or wrote can raise or silence an alert.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import Field, model_validator

from costspike.domain.money import cents, percent
from costspike.domain.sections import Section

if TYPE_CHECKING:  # the settings are read whenever the DAG is parsed, and need neither
    from costspike.domain.explanation import Severity
    from costspike.domain.spikes import Spike


class SeverityLimit(NamedTuple):
    """A grade is reached by ``impact`` alone, or by ``share_percent`` together with ``share_impact``."""

    impact: Decimal
    share_percent: Decimal
    share_impact: Decimal


class SeveritySettings(Section):
    """When a spike is P1, P2 or P3; everything below is P4.

    Amounts are in the currency of the bill and are compared as they are shown, rounded to cents.
    """

    p1_impact: Decimal = Field(default=Decimal(1000), gt=0, description="P1 from this many dollars a day.")
    p1_share_percent: Decimal = Field(
        default=Decimal(25),
        gt=0,
        description="P1 also from this share of the organisation's typical day, in percent, ...",
    )
    p1_share_impact: Decimal = Field(
        default=Decimal(250), gt=0, description="... if it is at least this many dollars a day."
    )
    p2_impact: Decimal = Field(default=Decimal(250), gt=0, description="P2 from this many dollars a day.")
    p2_share_percent: Decimal = Field(
        default=Decimal(10),
        gt=0,
        description="P2 also from this share of the organisation's typical day, in percent, ...",
    )
    p2_share_impact: Decimal = Field(
        default=Decimal(100), gt=0, description="... if it is at least this many dollars a day."
    )
    p3_impact: Decimal = Field(default=Decimal(50), gt=0, description="P3 from this many dollars a day.")
    p3_share_percent: Decimal = Field(
        default=Decimal(5),
        gt=0,
        description="P3 also from this share of the organisation's typical day, in percent, ...",
    )
    p3_share_impact: Decimal = Field(
        default=Decimal(25), gt=0, description="... if it is at least this many dollars a day."
    )

    @property
    def limits(self) -> tuple[tuple[Severity, SeverityLimit], ...]:
        """Return the grades that have limits, the most severe first."""
        return (
            ("P1", SeverityLimit(self.p1_impact, self.p1_share_percent, self.p1_share_impact)),
            ("P2", SeverityLimit(self.p2_impact, self.p2_share_percent, self.p2_share_impact)),
            ("P3", SeverityLimit(self.p3_impact, self.p3_share_percent, self.p3_share_impact)),
        )

    @model_validator(mode="after")
    def _more_severe_needs_more(self) -> Self:
        wrong = [
            f"{higher.lower()}_{name} is {above} and {lower.lower()}_{name} is {below}"
            for (higher, upper), (lower, under) in zip(self.limits, self.limits[1:], strict=False)
            for name, above, below in zip(SeverityLimit._fields, upper, under, strict=True)
            if above < below
        ]
        if wrong:
            msg = f"a more severe grade must not have a smaller limit: {'; '.join(wrong)}"
            raise ValueError(msg)
        return self


def severity(spike: Spike, organisation_typical_cost: Decimal, settings: SeveritySettings) -> Severity:
    """Return the grade of a spike.

    ``organisation_typical_cost`` is what the whole organisation spends on a typical day, in the spike's
    currency; where it is not above zero only the amount counts.
    """
    return _grade(spike, organisation_typical_cost, settings)[0]


def severity_reason(spike: Spike, organisation_typical_cost: Decimal, settings: SeveritySettings) -> str:
    """Return one sentence that says which limit made the grade."""
    return _grade(spike, organisation_typical_cost, settings)[1]


def _grade(spike: Spike, typical: Decimal, settings: SeveritySettings) -> tuple[Severity, str]:
    impact, share = cents(spike.impact), percent(spike.impact, typical)
    currency = spike.billing_currency
    rise = f"{impact:,} {currency} a day above what was expected"
    for grade, limit in settings.limits:
        if impact >= limit.impact:
            return grade, f"{rise} reaches the limit of {cents(limit.impact):,} {currency} for {grade}."
        if share is not None and share >= limit.share_percent and impact >= limit.share_impact:
            return grade, (
                f"{rise} is {share} % of the organisation's typical day, which reaches the limit of "
                f"{limit.share_percent} % (from {cents(limit.share_impact):,} {currency}) for {grade}."
            )
    return "P4", f"{rise} is below every limit for {settings.limits[-1][0]}."
