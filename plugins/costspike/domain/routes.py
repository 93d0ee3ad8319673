"""Where an alert goes, and who is called: the first route that fits, else the default channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints

from costspike.domain.scope_patterns import ScopePattern
from costspike.domain.sections import Section

if TYPE_CHECKING:
    from costspike.domain.spikes import Scope

Channel = Annotated[str, StringConstraints(pattern=r"^(#[^\s#<>|&]{1,80}|[CDG][A-Z0-9]{2,30})?$")]
# Ids as Slack gives them; anything else would be text that Slack may obey.
SlackId = Annotated[str, StringConstraints(pattern=r"^[UWS][A-Z0-9]{2,30}$")]
Severity = Literal["P1", "P2", "P3", "P4"]


class Route(Section):
    """One entry of ``alerts.routes``; what is not given fits everything."""

    account: str = Field(default="", max_length=100, description="Account number, with * and ?.")
    service: str = Field(default="", max_length=200, description="Service, with * and ?.")
    severity: tuple[Severity, ...] = Field(default=(), description="Severities.")
    channel: Channel = Field(default="", description="Slack channel; empty: alerts.channel.")
    mention: tuple[SlackId, ...] = Field(default=(), max_length=10, description="Ids of users and groups.")

    def fits(self, scope: Scope, severity: str) -> bool:
        """Tell whether an alert goes this way."""
        pattern = ScopePattern(account=self.account, service=self.service)
        return pattern.holds(scope) and (not self.severity or severity in self.severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where one alert goes, and whom it mentions."""

    channel: str
    mentions: tuple[str, ...] = ()


def destination(routes: Iterable[Route], default_channel: str, scope: Scope, severity: str) -> Destination:
    """Return where an alert on a scope goes."""
    for route in routes:
        if route.fits(scope, severity):
            return Destination(channel=route.channel or default_channel, mentions=route.mention)
    return Destination(channel=default_channel)
