"""Where an alert goes, and who is called: the first route that fits, else the default channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints

from costspike.domain.scope_patterns import ScopePattern, matches
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
    tag: dict[str, str] = Field(
        default_factory=dict,
        max_length=10,
        description="Tags of the account (organisation.account_tags), with * and ?; all have to fit.",
    )
    channel: Channel = Field(default="", description="Slack channel; empty: alerts.channel.")
    mention: tuple[SlackId, ...] = Field(default=(), max_length=10, description="Ids of users and groups.")

    def fits(self, scope: Scope, severity: str, tags: Mapping[str, str]) -> bool:
        """Tell whether an alert goes this way; ``tags`` are those of its account, none where it is on all."""
        pattern = ScopePattern(account=self.account, service=self.service)
        if not pattern.holds(scope) or (self.severity and severity not in self.severity):
            return False
        return all(key in tags and matches(wanted, tags[key]) for key, wanted in self.tag.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where one alert goes, and whom it mentions."""

    channel: str
    mentions: tuple[str, ...] = ()


def destination(
    routes: Iterable[Route],
    default_channel: str,
    scope: Scope,
    severity: str,
    account_tags: Mapping[str, Mapping[str, str]] | None = None,
) -> Destination:
    """Return where an alert on a scope goes; ``account_tags`` are the tags of each account, by its id."""
    tags = (account_tags or {}).get(scope.account_id, {})
    for route in routes:
        if route.fits(scope, severity, tags):
            return Destination(channel=route.channel or default_channel, mentions=route.mention)
    return Destination(channel=default_channel)


def unknown_tags(routes: Iterable[Route], account_tags: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return a problem for each tag of a route that no account has: it would never fit."""
    known = sorted({key for tags in account_tags.values() for key in tags})
    return [
        f"alerts.routes.{at}.tag: no account has the tag {key!r}; expected one that organisation.account_tags "
        f"names: {', '.join(known) or 'there is none'}"
        for at, route in enumerate(routes)
        for key in route.tag
        if key not in known
    ]
