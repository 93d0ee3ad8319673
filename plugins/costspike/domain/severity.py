"""The written rule that grades a spike.

By what it costs a day and its share of a typical day, then by where, how long, and whether it looks like
somebody else's work. A model may propose one step, which is shown beside the grade; no text that it read
or wrote can raise or silence an alert.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Self

from pydantic import Field, model_validator

from costspike.domain.grades import GRADES, moved
from costspike.domain.money import cents, percent
from costspike.domain.sections import Section

if TYPE_CHECKING:  # the settings are read whenever the DAG is parsed, and need neither
    from costspike.domain.grades import Severity
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

    lower_environments: tuple[str, ...] = Field(
        default=("development", "dev", "sandbox", "test", "staging"),
        description="Environments (see organisation.environments) whose accounts are graded one step lower.",
    )
    long_days: int = Field(
        default=3,
        ge=0,
        le=365,
        description="An incident of so many days is graded one step higher; 0: never.",
    )
    security_services: tuple[str, ...] = Field(
        default=(
            "Amazon Elastic Compute Cloud - Compute",
            "Amazon SageMaker",
            "Amazon Bedrock",
            "Amazon Lightsail",
            "Amazon Elastic Container Service",
            "AWS Lambda",
        ),
        description="What stolen keys are used for: their use in a region that the bill never had before is P2 at "
        "least, and never lowered.",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What the rule looks at besides money: computed by code, from the bill and from the settings.

    ``environment`` is what the organisation says of the spike's account, ``days`` how long the incident has
    lasted, ``new_regions`` are regions with costs in the spike's scope that the bill never had before.
    """

    environment: str = ""
    days: int = 1
    new_regions: tuple[str, ...] = ()


def severity(
    spike: Spike,
    organisation_typical_cost: Decimal,
    settings: SeveritySettings,
    signals: Signals | None = None,
) -> Severity:
    """Return the grade of a spike.

    ``organisation_typical_cost`` is what the whole organisation spends on a typical day, in the spike's
    currency; where it is not above zero only the amount counts.
    """
    return _rule(spike, organisation_typical_cost, settings, signals or Signals())[0]


def severity_reason(
    spike: Spike,
    organisation_typical_cost: Decimal,
    settings: SeveritySettings,
    signals: Signals | None = None,
) -> str:
    """Return which limit made the grade, and what moved it."""
    return _rule(spike, organisation_typical_cost, settings, signals or Signals())[1]


def _rule(
    spike: Spike, typical: Decimal, settings: SeveritySettings, signals: Signals
) -> tuple[Severity, str]:
    """Grade by money, then move: up for a long incident, down for a lesser environment, P2 for foreign use."""
    grade, reason = _grade(spike, typical, settings)
    reasons = [reason]
    suspicious = bool(signals.new_regions) and _services(spike) & set(settings.security_services)
    if settings.long_days and signals.days >= settings.long_days and grade != "P1":
        grade = moved(grade, -1)
        reasons.append(f"One step up: the incident is in its day {signals.days}.")
    if signals.environment.lower() in settings.lower_environments and not suspicious and grade != "P4":
        grade = moved(grade, 1)
        reasons.append(f"One step down: the account's environment is {signals.environment}.")
    if suspicious and GRADES.index(grade) > GRADES.index("P2"):
        grade = "P2"
        where = ", ".join(signals.new_regions)
        reasons.append(f"P2 at least: computing in {where}, where the bill never had any.")
    return grade, " ".join(reasons)


def _services(spike: Spike) -> set[str]:
    return {spike.scope.service, *(part.service for part in spike.contributors if part.delta > 0)}


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
