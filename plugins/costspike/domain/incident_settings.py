"""When spike days are one incident, when it is over, and when there is news of it."""

from pydantic import ConfigDict, Field

from costspike.domain.sections import Section


class IncidentSettings(Section):
    """Section ``incidents``: how spike days become incidents."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    quiet_days: int = Field(
        default=4,
        ge=1,
        le=30,
        description="Days in a row back at the expected cost that resolve an incident; 4 outlast a long weekend.",
    )
    settle_days: int = Field(
        default=35,
        ge=7,
        le=365,
        description="Days after its last spike from which a level that stayed up is the normal one. "
        "35: what the detector compares with holds nothing else by then.",
    )
    quiet_percent: float = Field(
        default=30.0,
        ge=0.0,
        le=100.0,
        description="A day is back at the expected cost when less than this percent of the rise is left.",
    )
    update_factor: float = Field(
        default=2.0,
        gt=1.0,
        le=100.0,
        description="There is news of an incident when its total grew, or was corrected, by this factor.",
    )
