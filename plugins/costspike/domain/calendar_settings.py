"""What people announced: changes that are planned, and scopes that they do not want to hear of for a while."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from costspike.domain.scope_patterns import NarrowPattern
from costspike.domain.sections import Section

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class _Entry(Section):
    # Built at once: pydantic cannot defer a class whose fields have other names in the file.
    model_config = ConfigDict(defer_build=False)

    scope: NarrowPattern = Field(description="The part of the bill: account, service, usage_type.")
    reason: Words = Field(description="Why, in words.")
    owner: Words = Field(description="Who knows about it.")


class PlannedChange(_Entry):
    """A rise that is expected; days are cost days (UTC), the last one included."""

    first_day: date = Field(alias="from", description="First cost day.")
    last_day: date = Field(alias="to", description="Last cost day.")
    expected_a_day: Decimal | None = Field(
        default=None, gt=0, description="How much more a day may cost, in the currency of the bill."
    )

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.last_day < self.first_day:
            msg = f"it ends on {self.last_day}, before it begins on {self.first_day}; expected from <= to"
            raise ValueError(msg)
        return self


class Mute(_Entry):
    """A scope that does not alert up to a cost day (UTC), that day included."""

    until: date = Field(description="Last cost day that is muted.")


class CalendarSettings(Section):
    """The lists of ``include/planned_changes.yaml``."""

    planned_changes: tuple[PlannedChange, ...] = Field(default=(), description="Rises that are expected.")
    mutes: tuple[Mute, ...] = Field(default=(), description="Scopes that do not alert for a while.")
